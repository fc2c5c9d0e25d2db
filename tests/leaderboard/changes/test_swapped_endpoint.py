"""End to end: an endpoint's weights are swapped under its name, and the board says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from evals import backends
from evals.request import Request
from evals.run import evaluate
from leaderboard import queries
from leaderboard.answers import Board
from leaderboard.cli import build
from leaderboard.refresh import refresh
from tests.leaderboard.changes import swapped_endpoint
from tests.leaderboard.changes.swapped_endpoint import Served

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("swapped-endpoint")]

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
MODELS = ("endpoint", "rival")
JUDGE = "clip_score"
FILE = """name = "{name}"
task = "text-to-image"
backend = "{backend}"
suites = ["calibration"]
simulated = true
[settings]
{settings}
"""
PAGE = """
from leaderboard.dashboard import navigation
navigation.draw(next(page for page in navigation.discover() if page.name == "board"))
"""
Round = Callable[..., None]


@pytest.fixture
def served(home: Path) -> Path:
    """The file that says what the endpoint runs; the endpoint and a rival are registered."""
    path = home / "served.json"
    models = home / "models"
    models.mkdir(parents=True)
    endpoint = f"served = {json.dumps(str(path))}"
    (models / "endpoint.toml").write_text(
        FILE.format(name="Endpoint", backend="swapped", settings=endpoint)
    )
    rival = 'kind = "renderer"\nimperfection = 0.1'
    (models / "rival.toml").write_text(
        FILE.format(name="Rival", backend="procedural", settings=rival)
    )
    return path


@pytest.fixture
def measure(home: Path, monkeypatch: pytest.MonkeyPatch) -> Round:
    """Evaluate one epoch; days pass between them."""
    known = dict(backends.discover())
    known["swapped"] = cast("backends.Backend", cast("ModuleType", swapped_endpoint))
    monkeypatch.setattr(backends, "discover", lambda: known)

    def run(epoch: int, prompts: int | None = 40, metrics: tuple[str, ...] = (JUDGE,)) -> None:
        ticks = iter(range(10**6))
        day = START + timedelta(days=7 * epoch)
        request = Request(
            "calibration", MODELS, prompts=prompts, epoch=epoch, metrics=metrics, batch=64
        )
        done = evaluate(home, request, clock=lambda: day + timedelta(seconds=next(ticks)))
        assert done.counts == {"ok": done.planned}

    return run


def published(home: Path) -> Board:
    refresh(home, datetime(2026, 12, 1, tzinfo=UTC), draws=100)
    with queries.open_edition(home) as edition:
        return queries.board(edition, "text-to-image", suite="calibration")


def told(*words: str) -> str:
    done = CliRunner().invoke(build(), list(words))
    assert done.exit_code == 0, done.output
    return done.output


def test_swapped_weights_are_seen_in_the_scores_and_not_pooled(
    home: Path, served: Path, measure: Round
) -> None:
    Served(0.0, noise="monday").write(served)
    measure(1)
    Served(0.4, noise="tuesday").write(served)
    # The later epoch was cut short: of the last prompts only the earlier model's results exist.
    measure(2, prompts=30)
    board = published(home)

    (change,) = board.silent_changes
    assert (change.model, change.kind, change.before, change.epoch) == ("endpoint", "scores", 1, 2)
    assert change.metric == JUDGE
    assert change.effect is not None
    assert change.high is not None
    assert change.effect < change.high < 0
    assert change.p is not None
    assert change.p < 0.001

    left_out = {one.what: one.reason for one in board.left_out}
    assert left_out["endpoint"] == "20 results from before it changed silently, in epoch 2"
    rows = {row.model: row for row in board.rows}
    assert rows["endpoint"].prompts == 30
    assert rows["endpoint"].rating < rows["rival"].rating

    line = "Endpoint changed silently between epochs 1 and 2: clip_score -"
    assert line in " ".join(told("board").split())
    answer: dict[str, Any] = json.loads(told("board", "--json"))
    (one,) = answer["boards"][0]["silent_changes"]
    assert one["kind"] == "scores"
    assert one["evidence"] == change.evidence

    page = AppTest.from_string(PAGE, default_timeout=60).run()
    assert not page.exception
    captions = [caption.value for caption in page.caption]
    assert any("Endpoint changed silently between epochs 1 and 2" in text for text in captions)


def test_the_same_weights_are_not_accused(home: Path, served: Path, measure: Round) -> None:
    for epoch, word in ((1, "monday"), (2, "tuesday")):
        Served(0.2, noise=word).write(served)
        measure(epoch)
    board = published(home)
    assert board.silent_changes == ()
    assert not any("silent" in one.reason for one in board.left_out)


def test_an_endpoint_that_gives_itself_away_repeats_itself_or_caches(
    home: Path, served: Path, measure: Round
) -> None:
    for epoch in (1, 2):
        Served(0.0, says="v1").write(served)
        measure(epoch, prompts=4)
    Served(0.3, noise="new", says="v2", cached=True).write(served)
    measure(3, prompts=4)
    found = {one.kind: one for one in published(home).silent_changes}
    assert set(found) == {"served_by", "bytes", "same_picture"}
    assert found["served_by"].evidence == (
        'the endpoint says that it ran "v2" (8 of 8 calls), before "v1"'
    )
    assert found["bytes"].evidence.startswith("8 of 8 answers that were the same bytes")
    assert {found["served_by"].epoch, found["bytes"].epoch} == {3}
    assert "4 of 4 prompts" in found["same_picture"].evidence
    assert "Endpoint answers every seed with the same picture" in " ".join(told("board").split())
