"""The main job on upscaling: is what is exact first, noise last, and what is a model worth?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from evals.request import Request
from evals.run import evaluate
from leaderboard.answers import Board
from leaderboard.queries import board, open_edition
from leaderboard.refresh import refresh

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("upscale-job")]
SUITE = "calibration-upscale"
TRAINED = ("reference-upscaler", "reference-upscaler-turbo")


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Board:
    folder = tmp_path_factory.mktemp("home")
    outcome = evaluate(folder, Request(SUITE, seeds=(0,)))
    assert outcome.counts == {"ok": outcome.planned}
    refresh(folder, datetime.now(UTC))
    with open_edition(folder) as opened:
        found = board(opened, "upscale", "all")
    assert found is not None
    return found


def test_the_exact_drawing_comes_first_and_noise_last(rated: Board) -> None:
    ordered = [row.model for row in sorted(rated.rows, key=lambda row: -row.rating)]
    assert ordered[0] == "renderer-upscale"
    assert ordered[-1] == "noise-upscale"
    assert rated.simulated


def test_a_trained_model_has_smaller_errors_than_plain_enlargement(rated: Board) -> None:
    """And less of its structure: grain in plain places, which SSIM minds and PSNR does not."""
    rows = {row.model: row for row in rated.rows}
    for model in TRAINED:
        assert rows[model].scores["psnr"] > rows["lanczos"].scores["psnr"] + 1
        assert rows[model].scores["ssim"] > 0.95
        assert rows[model].rating > rows["noise-upscale"].rating + 500


def test_what_is_exact_has_no_psnr_and_the_board_says_why(rated: Board) -> None:
    exact = next(row for row in rated.rows if row.model == "renderer-upscale")
    assert "psnr" not in exact.scores
    assert exact.scores["ssim"] == pytest.approx(1)
    assert any("infinite" in str(item) for item in rated.left_out)


def test_pixels_are_one_family(rated: Board) -> None:
    assert {weight.metric: weight.weight for weight in rated.weights} == {
        "psnr": pytest.approx(0.5),
        "ssim": pytest.approx(0.5),
    }
