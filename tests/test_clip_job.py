"""The main job on clips: does the harness tell the truth of the reference video models?

What `make demo` runs of `calibration-video`: one of its two seeds.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from evals.request import Request
from evals.run import evaluate
from leaderboard.answers import Board
from leaderboard.boards.agreement import spearman
from leaderboard.queries import board, open_edition
from leaderboard.refresh import refresh

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("clip-job")]
SUITE = "calibration-video"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    outcome = evaluate(folder, Request(SUITE, seeds=(0,)))
    assert outcome.counts == {"ok": outcome.planned}
    refresh(folder, datetime.now(UTC))
    return folder


@pytest.fixture(scope="module")
def rated(home: Path) -> Board:
    with open_edition(home) as opened:
        found = board(opened, "text-to-video", "all")
    assert found is not None
    return found


def test_the_renderer_comes_first_and_noise_last(rated: Board) -> None:
    ordered = sorted(rated.rows, key=lambda row: -row.rating)
    assert ordered[0].model == "renderer-video"
    assert ordered[-1].model == "noise-video"
    assert rated.simulated


def test_the_order_is_that_of_the_truth(rated: Board) -> None:
    trained = [row for row in rated.rows if row.anchor is None]
    for truth in ("motion_accuracy", "clip_caption_accuracy"):
        known = np.array([row.scores[truth] for row in trained])
        assert spearman(np.array([row.rating for row in trained]), known) >= 0.8
    motion = [row.scores["motion_accuracy"] for row in trained]
    assert max(motion) >= 0.7
    assert max(motion) - min(motion) >= 0.3


def test_what_is_blind_to_motion_is_found_out_and_does_not_vote(rated: Board) -> None:
    voting = {weight.metric for weight in rated.weights if weight.weight > 0}
    assert voting == {"sheet_score", "frame_clip_iqa@reference-eye"}


def test_a_second_of_clip_has_its_cost(rated: Board) -> None:
    costs: defaultdict[str, list[float | None]] = defaultdict(list)
    for row in rated.rows:
        costs[row.model] += [row.usd_per_clip_second, row.compute_s_per_clip_second]
    assert all(cost is not None and cost > 0 for found in costs.values() for cost in found)
    (turbo, _), (slow, _) = costs["reference-clip-turbo"], costs["reference-clip-small-r3"]
    assert turbo is not None
    assert slow is not None
    assert turbo < slow
