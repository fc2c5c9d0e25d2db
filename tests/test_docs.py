"""What the pages tell a reader to type and to write down works as it stands there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer

from evals import registry, revision
from evals.home import data_root
from leaderboard.churn.report import churn_reports
from leaderboard.cli import build
from leaderboard.identity import load_aliases
from leaderboard.sources import source

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(build())


def typed(page: Path) -> list[list[str]]:
    """The arguments of every `churnboard …` in the console blocks of a page."""
    blocks = re.findall(r"```(?:console|shell)\n(.*?)```", page.read_text(), re.DOTALL)
    lines = [line.removeprefix("$ ").split(" #")[0] for b in blocks for line in b.splitlines()]
    return [line.split()[1:] for line in lines if line.startswith("churnboard ")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_pages_exist(page: Path) -> None:
    for arguments in typed(page):
        command, rest = COMMANDS, list(arguments)
        # Behind a group stands one of its commands, or what it takes itself.
        while rest and isinstance(command, typer.core.TyperGroup) and rest[0][:2] != "--":
            usual = getattr(command, "default", None)  # what a group does with another word
            name = rest.pop(0) if usual is None or rest[0] in command.commands else usual
            assert name in command.commands, f"{page.name}: churnboard {' '.join(arguments)}"
            command = command.commands[name]
        usual = getattr(command, "default", None)
        command = command.commands[usual] if usual is not None else command
        known = {option for parameter in command.params for option in parameter.opts}
        used = {word for word in rest if word.startswith("--")}
        assert used <= known, f"{page.name}: churnboard {' '.join(arguments)}"


def test_the_readme_has_commands_to_check() -> None:
    assert len(typed(ROOT / "README.md")) >= 7


def test_every_command_is_in_a_page() -> None:
    pages = "\n".join(page.read_text() for page in PAGES)
    missing = [name for name in COMMANDS.commands if f"churnboard {name}" not in pages]
    assert not missing


def test_the_model_of_the_readme_is_registered_as_it_stands(home: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    (home / "models").mkdir(parents=True)
    (home / "models" / "sdxl.toml").write_text(example)
    known = registry.load(home)
    model = revision.pinned(known, known.model("sdxl"))
    assert model.task == "text-to-image"
    assert model.hardware in known.hardware
    assert model.revision


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_half_lives_in_the_readme_are_those_of_the_product() -> None:
    path = data_root() / "history" / "arena_monthly_top8.csv"
    boards = source("arena-monthly").read(path, datetime(2026, 12, 1, tzinfo=UTC))
    aliases = load_aliases(Path("no such home"))
    (report,) = (one for one in churn_reports(boards, 5, aliases) if one.arena == "text-to-image")
    half, replaced = report.half_life.estimate, report.replaced_half_time
    page = " ".join((ROOT / "README.md").read_text().split())
    for found, sentence in (
        (half, "**{:.0f} days** at the median (95 %: {:.0f}–{:.0f})"),
        (replaced, "after **{:.0f} days** (95 %: {:.0f}–{:.0f})"),
    ):
        assert found.interval is not None
        assert sentence.format(found.days, *found.interval) in page
    naive = report.as_published
    kept = f"{naive.exponential.days:.0f} or {naive.kaplan_meier.days:.0f} days"
    assert kept in page
    assert report.claim_30_days == "below"
