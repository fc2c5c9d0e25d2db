"""`churnboard workflow`: answers for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from evals.errors import NotFoundError
from leaderboard import queries
from leaderboard.cli import build
from leaderboard.errors import WorkflowError
from leaderboard.workflows import files
from leaderboard.workflows.chain import Chain, Step
from tests.leaderboard.workflows.test_importing import API, FAL


def run(*words: str) -> Result:
    return CliRunner().invoke(build(), ["workflow", *words], catch_exceptions=False)


def told(*words: str) -> Any:
    return json.loads(run(*words, "--json").stdout)


@pytest.fixture
def own(published_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The sample home, and a file of a simulated chain that it has picks for."""
    monkeypatch.setenv("CHURNBOARD_HOME", str(published_home))
    steps = (
        Step("draw", "text-to-image", count=4),
        Step("again", "text-to-image", role="hero"),
        Step("enlarge", "upscale", ("draw",)),
    )
    path = tmp_path / "mine.toml"
    files.write(path, Chain("mine", "Mine", "made up", steps, simulated=True))
    return path


def test_lists_and_shows_without_an_edition(home: Path) -> None:
    names = {one["id"] for one in told("list")["workflows"]}
    assert {"advert-14", "reference-clip"} <= names
    assert "advert-14" in run("list").stdout
    shown = told("show", "advert-14")
    assert len(shown["steps"]) == 14
    assert {one["evaluated"] for one in shown["steps"]} == {True, False}
    assert "Stitched" in run("show", "advert-14").stdout


def test_plans_of_an_edition(own: Path, published_home: Path) -> None:
    answer = told("plan", str(own), "--budget", "1")
    with queries.open_edition(published_home) as edition:
        every = queries.picks(edition).picks
    costs = {
        p.role: p.cost_usd
        for p in every
        if (p.task, p.domain, p.simulated) == ("text-to-image", "all", True)
    }
    bills = {one["plan"]: one for one in answer["bills"]}
    assert bills["mixed"]["usd"] == pytest.approx(4 * costs["workhorse"] + costs["hero"])
    assert bills["best"]["quality"] >= bills["mixed"]["quality"]
    assert all(one["at_least"] for one in bills.values())
    text = run("plan", str(own), "--budget", "1").stdout
    assert "at least" in text
    assert "no price: enlarge" in text
    assert "output was not judged" in text


def test_strict_refuses_a_missing_price_and_names_the_step(own: Path) -> None:
    with pytest.raises(
        WorkflowError, match='step "enlarge": no price: no simulated model is picked'
    ):
        run("plan", str(own), "--strict")


def test_too_small_a_budget_says_the_cheapest(own: Path) -> None:
    answer = told("plan", str(own), "--budget", "0")
    assert "the cheapest way costs" in answer["refused"]
    assert "no plan under the budget" in run("plan", str(own), "--budget", "0").stdout


def test_half_lives(own: Path) -> None:
    answer = told("half-life", str(own))
    assert answer["joint"]["picks"] == len(answer["lives"]) >= 1
    assert answer["joint"]["told"]
    assert run("half-life", str(own), "--mode", "final").exit_code == 0
    with pytest.raises(WorkflowError, match="a share is from 0 to 1"):
        run("half-life", str(own), "--shared", "2")


def test_plans_need_an_edition_and_say_so(home: Path) -> None:
    with pytest.raises(NotFoundError, match="no edition yet"):
        run("plan", "advert-14")


@pytest.mark.parametrize(("table", "steps"), [(API, 3), (FAL, 3)])
def test_an_import_is_kept_listed_and_shown(
    home: Path, tmp_path: Path, table: Any, steps: int
) -> None:
    path = tmp_path / "from elsewhere.json"
    path.write_text(json.dumps(table))
    answer = told("import", str(path))
    assert len(answer["workflow"]["steps"]) == steps
    assert Path(answer["path"]) == home / "workflows" / "from-elsewhere.toml"
    assert "from-elsewhere" in {one["id"] for one in told("list")["workflows"]}
    assert len(told("show", "from-elsewhere")["steps"]) == steps
    again = run("import", str(path), "--out", str(tmp_path / "copy.toml"))
    assert again.stdout.splitlines()[-1] == str(tmp_path / "copy.toml")
    assert files.read(tmp_path / "copy.toml").steps == files.find(home, "from-elsewhere").steps


def test_an_import_that_calls_no_model_or_is_another_chain_is_refused(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"1": {"class_type": "LoadImage", "inputs": {}}}))
    with pytest.raises(WorkflowError, match="1 nodes, and none that is known to call a model"):
        run("import", str(path))
    path.write_text(json.dumps(API))
    run("import", str(path))
    path.write_text(json.dumps(FAL))
    with pytest.raises(WorkflowError, match="is there with other steps; give another --out"):
        run("import", str(path))


def test_help_names_every_command() -> None:
    text = run("--help").stdout
    assert all(name in text for name in ("list", "show", "plan", "half-life", "import", "run"))
