"""`churnboard suites animate`: the pictures of a model, or of the hero of the present."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from evals import registry
from evals.errors import InputError, NotFoundError
from evals.suites.files import to_toml
from leaderboard import queries
from leaderboard.cli import build
from tests import sample_home


@pytest.fixture
def own(published_home: Path, home: Path) -> Path:
    """A copy of the sample home in which its suite is registered."""
    shutil.copytree(published_home, home, symlinks=True)
    (home / "suites").mkdir(exist_ok=True)
    # The models of the sample are in its records alone.
    suite = replace(sample_home.suite(), reference_model=None)
    (home / "suites" / "calibration.toml").write_text(to_toml(suite))
    return home


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), ["suites", *words], catch_exceptions=False)


def test_the_hero_is_the_one_that_is_picked(own: Path) -> None:
    with queries.open_edition(own) as edition:
        (hero,) = (
            pick.model
            for pick in queries.picks(edition).picks
            if (pick.role, pick.domain, pick.suite_id) == ("hero", "all", "calibration")
        )
    options = ("--from", "calibration", "--motion", "turning", "--json")
    answer = json.loads(run("animate", "by-hero", "--model", "hero", *options).stdout)
    named = json.loads(run("animate", "by-name", "--model", hero, *options).stdout)
    assert (answer["model"], answer["version"]) == (hero, named["version"])
    suites = registry.load(own).suites
    assert [prompt.start_frame.sha256 for prompt in suites["by-hero"].prompts] == [  # type: ignore[union-attr]
        prompt.start_frame.sha256  # type: ignore[union-attr]
        for prompt in suites["by-name"].prompts
    ]
    assert answer["path"] == str(own / "suites" / "by-hero.toml")
    assert (answer["task"], answer["written"]) == ("image-to-video", True)


def test_the_path_is_the_last_line_and_what_is_missing_is_said(own: Path) -> None:
    done = run("animate", "m", "--from", "calibration", "--model", "small", "--task", "upscale")
    assert done.stdout.splitlines()[-1] == str(own / "suites" / "m.toml")
    assert "for upscale, begun by small" in done.stdout
    again = run("animate", "m", "--from", "calibration", "--model", "small", "--task", "upscale")
    assert "was there with the same" in again.stdout


def test_without_an_edition_there_is_no_hero(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no edition"):
        run("animate", "m", "--from", "calibration", "--model", "hero")


def test_the_hero_of_another_suite_is_not_taken(own: Path) -> None:
    with pytest.raises(NotFoundError, match=r'by suite "everyday"; heroes are of calibration'):
        run("animate", "m", "--from", "everyday", "--model", "hero")


@pytest.mark.parametrize("options", [["--json"], ["--as", "x"], ["--home", "elsewhere"]])
def test_options_before_the_command_are_refused(own: Path, options: list[str]) -> None:
    with pytest.raises(InputError, match="behind `suites animate`"):
        run(*options, "animate", "m", "--from", "calibration", "--model", "small")
    assert not (own / "suites" / "m.toml").exists()


def test_the_group_still_lists(own: Path) -> None:
    assert "calibration" in {suite["id"] for suite in json.loads(run("--json").stdout)["suites"]}
