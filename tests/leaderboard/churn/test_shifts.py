"""How far the scale of a board moved, against least squares from one big matrix."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from leaderboard.churn.panel import Floats
from leaderboard.churn.shifts import shifts, shifts_by_steps
from tests.leaderboard.churn.panels import simulated


def test_both_ways_are_exact_without_noise() -> None:
    world = simulated(6, noise=0.0)
    expected = world.shift - world.shift.mean()
    ones = np.ones_like(world.panel.rating)
    assert_allclose(shifts(world.panel.rating, ones), expected, atol=1e-6)
    assert_allclose(shifts_by_steps(world.panel.rating, ones[1:]), expected, atol=1e-6)


def two_way(rating: Floats, variance: Floats) -> Floats:
    """Weighted least squares with a dummy for every date and every model."""
    boards, models = rating.shape
    at, who = np.nonzero(np.isfinite(rating))
    design = np.zeros((len(at), boards + models))
    design[np.arange(len(at)), at] = 1
    design[np.arange(len(at)), boards + who] = 1
    root = 1 / np.sqrt(variance[at, who])
    found = np.linalg.lstsq(design * root[:, None], rating[at, who] * root, rcond=None)[0]
    return found[:boards] - found[:boards].mean()


@pytest.mark.parametrize("seed", range(5))
def test_shifts_are_the_dates_part_of_a_fit_of_dates_and_models(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rating = rng.normal(size=(12, 9)) * 30
    rating[rng.random(rating.shape) < 0.3] = np.nan
    variance = rng.uniform(50, 500, rating.shape)
    assert_allclose(shifts(rating, variance), two_way(rating, variance), atol=1e-6)


def test_a_step_is_the_weighted_mean_of_what_common_models_did() -> None:
    rating = np.array([[10.0, 50.0, np.nan], [12.0, 58.0, 1.0], [15.0, np.nan, 2.0]])
    variance = np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 3.0]])
    found = shifts_by_steps(rating, variance)
    assert_allclose(np.diff(found), [(2 * 1 + 8 / 2) / 1.5, (3 * 1 + 1 / 3) / (4 / 3)])
    assert found.mean() == pytest.approx(0.0)


def test_a_step_without_common_models_is_taken_for_none() -> None:
    rating = np.array([[10.0, np.nan], [12.0, np.nan], [np.nan, 500.0], [np.nan, 503.0]])
    assert_allclose(np.diff(shifts_by_steps(rating, np.ones((3, 2)))), [2.0, 0.0, 3.0])


def test_one_board_is_not_shifted() -> None:
    assert_allclose(shifts(np.array([[3.0, 4.0]]), np.ones((1, 2))), [0.0])
    assert_allclose(shifts_by_steps(np.array([[3.0, 4.0]]), np.ones((0, 2))), [0.0])
