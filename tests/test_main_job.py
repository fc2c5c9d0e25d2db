"""The main job on the real reference models, and whether the harness tells the truth of them.

Runs what `make demo` runs: one of the suite's two seeds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.request import Request
from evals.run import Outcome, evaluate
from leaderboard.export import read_recommendations
from leaderboard.queries import board as read_board
from leaderboard.queries import boards, open_edition
from leaderboard.refresh import Refreshed, refresh

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("main-job")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def outcome(home: Path) -> Outcome:
    return evaluate(home, Request("calibration", seeds=(0,)))


@pytest.fixture(scope="module")
def refreshed(home: Path, outcome: Outcome) -> Refreshed:
    assert outcome.counts == {"ok": outcome.planned}
    return refresh(home, datetime.now(UTC))


def churnboard(home: Path, *words: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard.cli", *words, "--json", "--home", str(home)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_harness_agrees_with_the_truth(home: Path, refreshed: Refreshed) -> None:
    """Rating (metrics only) against exact caption accuracy, over the trained models."""
    answer = churnboard(home, "doctor", "--calibration")
    assert answer["spearman"] >= 0.9, answer
    accuracy = {m["model"]: m["accuracy"] for m in answer["models"]}
    trained = [m["accuracy"] for m in answer["models"] if not m["anchor"]]
    assert accuracy["renderer"] >= 0.98
    assert accuracy["noise"] <= 0.15
    assert max(trained) >= 0.85
    assert np.ptp(trained) >= 0.30
    assert len(trained) >= 6


def test_nothing_beats_the_renderer_and_noise_ends_the_board(
    home: Path, refreshed: Refreshed
) -> None:
    """No model is told apart from exact pictures for the better; the best may be tied with them.

    `data/reference/README.md` has the figures.
    """
    with open_edition(home) as edition:
        keys = [key for key in boards(edition) if key.source == "evals"]
        assert {key.domain for key in keys} == {"all", "flat", "shaded", "sketch"}
        for key in keys:
            rows = read_board(edition, key.task, key.domain, key.source).rows
            (exact,) = (row for row in rows if row.anchor == "upper")
            assert exact.rating_high is not None
            assert rows[0].rating <= exact.rating_high, key
            if key.domain == "all":
                assert rows[0] == exact
            assert rows[-1].anchor == "lower", key


def test_hero_and_workhorse_are_named_for_every_domain(home: Path, refreshed: Refreshed) -> None:
    found = read_recommendations(refreshed.recommendations)
    named = {(pick["domain"], pick["role"]): pick for pick in found["picks"]}
    assert set(named) == {
        (domain, role)
        for domain in ("all", "flat", "shaded", "sketch")
        for role in ("hero", "workhorse")
    }
    for pick in named.values():
        assert pick["task"] == "text-to-image"
        assert pick["model"] not in ("renderer", "noise")
        assert pick["simulated"] is True
        assert pick["cost_usd"] > 0


def test_a_second_evaluation_makes_nothing(home: Path, outcome: Outcome) -> None:
    again = evaluate(home, Request("calibration", seeds=(0,)))
    assert again.planned == 0
    assert again.already == outcome.planned
