"""What the registry says today of a suite and its metrics decides, not what runs recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals import metrics
from evals.errors import RegistryError
from evals.judges.pins import Judge
from evals.suites.files import to_toml
from evals.types import MetricSpec, Prompt, Suite
from evals.weights import Weights
from leaderboard import queries
from leaderboard.answers import Board
from leaderboard.boards.rated import people_of
from leaderboard.boards.registered import as_registered, served_today, spec_today
from leaderboard.evidence import SuiteEvidence
from leaderboard.refresh import refresh
from tests.leaderboard.boards.test_judged_boards import board, evidence, weights
from tests.leaderboard.factory import START, WORLD, run_record, suite, write

SUITE = Suite("s", "S", "text-to-image", (Prompt("p", "text"),))
LATER = START + timedelta(days=1)


def judge(band: float | None = 0.7, id: str = "reference", family: str = "fresh") -> Judge:
    bands = {} if band is None else {"clip_score": band}
    weights = Weights(None, None, "w.safetensors")
    return Judge(id, "J", family, "clip", weights, metrics=("clip_score",), tie_band=bands)


def of(registered: Suite, cast: int = 0) -> SuiteEvidence:
    return replace(evidence(cast), suite_version=registered.version)


def test_the_suites_file_says_weights_and_trust() -> None:
    recorded = replace(of(SUITE), weights={"keen": 1.0}, keep_fooled=("keen",))
    today = replace(SUITE, weights={"fair": 3.0, "dim": 1.0}, keep_fooled=("dim",))
    found = as_registered(recorded, {"s": today})
    assert (dict(found.weights), found.keep_fooled) == ({"fair": 3.0, "dim": 1.0}, ("dim",))
    assert weights(board(found)) == pytest.approx({"fair": 0.75, "dim": 0.25})
    assert replace(found, weights=recorded.weights, keep_fooled=("keen",)) == recorded
    # What the file no longer states is stated no more.
    assert not as_registered(recorded, {"s": SUITE}).weights


def test_what_the_suite_does_not_name_has_no_vote_and_stays_a_column() -> None:
    found = as_registered(of(SUITE, 30), {"s": replace(SUITE, metrics=("keen", "fair"))})
    made = board(found)
    assert set(weights(made)) == {"keen", "fair", "people"}
    assert "blind" in made.rows[0].scores
    (said,) = (entry for entry in made.left_out if "not among the metrics" in entry.reason)
    assert said.what.split(", ") == ["dim", "blind", "blinder", "caption_accuracy"]
    told = people_of(found)
    assert told is not None
    assert {one.metric for one in told.agreement} == {"keen", "fair"}


@pytest.mark.parametrize("suites", [{}, {"s": replace(SUITE, task="upscale", metrics=("keen",))}])
def test_a_suite_that_is_gone_or_another_version_changes_nothing(suites: dict[str, Suite]) -> None:
    recorded = replace(of(SUITE), weights={"keen": 1.0})
    assert as_registered(recorded, suites) == recorded


def recorded(version: str | None = None) -> MetricSpec:
    spec = metrics.get("clip_score").SPEC
    return replace(
        spec, judge="reference", family="stale", tie_band=9.0, version=version or spec.version
    )


@pytest.mark.parametrize(("band", "expected"), [(0.7, 0.7), (None, 0.0)])
def test_the_judges_file_says_tie_band_and_family(band: float | None, expected: float) -> None:
    served = served_today({"reference": judge(band)})
    found = spec_today(recorded(), served)
    assert (found.tie_band, found.family) == (expected, "fresh")
    assert replace(found, tie_band=9.0, family="stale") == recorded()
    assert spec_today(recorded("0"), served) == recorded("0")
    assert spec_today(replace(recorded(), judge="else"), served) == replace(
        recorded(), judge="else"
    )


@pytest.mark.parametrize(
    "judges",
    [{}, {"other": judge(id="other")}, {"reference": replace(judge(), metrics=("vendi",))}],
    ids=["none", "another", "serves others"],
)
def test_a_judge_that_is_gone_leaves_the_spec_as_recorded(judges: dict[str, Judge]) -> None:
    assert spec_today(recorded(), served_today(judges)) == recorded()


def refreshed(home: Path, days: int) -> Board:
    refresh(home, START + timedelta(days=days), draws=60)
    with queries.open_edition(home) as edition:
        return queries.board(edition, "text-to-image")


def test_a_changed_file_is_on_the_next_board_without_a_run(home: Path) -> None:
    made = suite(6, id="own", reference=None)
    write(home, run_record(WORLD[2:], made))
    file = home / "suites" / "own.toml"
    file.parent.mkdir()
    file.write_text(to_toml(made))
    before = refreshed(home, 1)
    assert before.metrics == ("clip_score",)
    file.write_text(to_toml(replace(made, metrics=("clip_score",))))
    after = refreshed(home, 2)
    assert [one.metric for one in after.weights] == ["clip_score"]
    assert "caption_accuracy" in {entry.what for entry in after.left_out}
    assert [row.rating for row in after.rows] == [row.rating for row in before.rows]


def test_a_registry_that_cannot_be_read_publishes_nothing(home: Path) -> None:
    write(home, run_record(WORLD[2:], suite(6)))
    done = refresh(home, LATER, draws=60)
    editions = sorted(done.edition.parent.iterdir())
    (home / "suites").mkdir()
    (home / "suites" / "own.toml").write_text("title = 1\n")
    with pytest.raises(RegistryError, match=r"own\.toml"):
        refresh(home, LATER + timedelta(days=1), draws=60)
    assert sorted(done.edition.parent.iterdir()) == editions
