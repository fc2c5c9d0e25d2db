"""Levels, what is expected of a release, and draws of strengths, against dense algebra."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import minimize
from scipy.stats import norm

from leaderboard.churn.panel import Floats, Panel
from leaderboard.churn.scatter import Scatter
from leaderboard.churn.strengths import (
    BOARDS,
    Levels,
    Trend,
    draw_frozen,
    draw_paths,
    levels,
    thinned,
)
from tests.leaderboard.churn.panels import law, made


def dense(scatter: Scatter, days: Floats, i: int) -> Floats:
    """Covariance of the ratings of one model around its strength on its first board, by pairs."""
    n = len(days)
    matrix = np.zeros((n, n))
    for s in range(n):
        for t in range(n):
            matrix[s, t] = scatter.shared[max(s, t), i] + scatter.drift * min(
                days[s] - days[0], days[t] - days[0]
            )
            matrix[s, t] += (scatter.passing[s, i] * scatter.passing[t, i]) ** 0.5 * np.exp(
                -abs(days[s] - days[t]) / scatter.memory
            )
            if s == t:
                matrix[s, t] += scatter.independent[t, i]
    return matrix


def votes(boards: int, models: int, first: float) -> Floats:
    """(T, M) variance of the mean of votes that add up."""
    return first / np.arange(1, boards + 1)[:, None] * np.linspace(0.5, 2.0, models)


@pytest.mark.parametrize(
    "law_of",
    [
        pytest.param(lambda p: law(p, votes(9, 4, 900)), id="independent"),
        pytest.param(lambda p: law(p, votes(9, 4, 100), votes(9, 4, 900)), id="mixed"),
        pytest.param(lambda p: law(p, 100, votes(9, 4, 900), 4.0), id="mixed, wandering"),
        pytest.param(lambda p: law(p, 100, drift=4.0), id="independent, wandering"),
        pytest.param(lambda p: law(p, 100, passing=500, memory=11.0), id="passing"),
        pytest.param(lambda p: law(p, 100, 50, lasting=70), id="lasting"),
        pytest.param(
            lambda p: law(p, 100, shift=np.arange(9.0)), id="independent, on a moving scale"
        ),
    ],
)
def test_levels_are_generalised_least_squares(law_of: object) -> None:
    rng = np.random.default_rng(1)
    panel = made(rng.normal(size=(9, 4)) * 50 + 1000, np.cumsum(rng.integers(1, 20, 9)) * 1.0)
    scatter: Scatter = law_of(panel)  # type: ignore[operator]
    found = levels(panel, scatter)
    for i in range(4):
        inverse = np.linalg.inv(dense(scatter, panel.days, i))
        variance = 1 / inverse.sum()
        mean = variance * (inverse @ (panel.rating[:, i] - scatter.shift)).sum()
        assert found.mean[i] == pytest.approx(mean, abs=0.02 * variance**0.5)
        assert found.variance[i] == pytest.approx(variance + scatter.lasting[i], rel=2e-3)


def test_a_model_is_judged_by_its_own_boards_only() -> None:
    rng = np.random.default_rng(2)
    whole = made(rng.normal(size=(12, 3)) * 50)
    holed = whole.rating.copy()
    holed[[0, 3, 7], 1] = np.nan
    for scatter in (law(whole, 100.0), law(whole, 100.0, votes(12, 3, 400))):
        before, after = levels(whole, scatter), levels(replace(whole, rating=holed), scatter)
        assert_allclose(after.mean[[0, 2]], before.mean[[0, 2]])
        assert after.mean[1] != pytest.approx(before.mean[1])
        assert after.variance[1] > before.variance[1]


def test_where_votes_add_up_the_last_rating_carries_the_information() -> None:
    rng = np.random.default_rng(3)
    panel = made(rng.normal(size=(30, 5)) * 50)
    shared = votes(30, 5, 900)
    found = levels(panel, law(panel, shared=shared))
    # Earlier ratings lie 50 points to either side of it.
    assert_allclose(found.mean, panel.rating[-1], atol=2.0)
    assert_allclose(found.variance, shared[-1], rtol=0.01)


def test_thinning_keeps_the_first_and_the_last() -> None:
    rows = np.arange(5, 1005)
    kept = thinned(rows)
    assert (len(kept), kept[0], kept[-1]) == (BOARDS, 5, 1004)
    assert len(np.unique(kept)) == BOARDS
    assert np.ptp(np.diff(kept)) <= 1
    assert thinned(rows[:BOARDS]) is not None
    assert_allclose(thinned(rows[:BOARDS]), rows[:BOARDS])


def releases(
    seed: int, models: int, noise: float, slope: float = 0.3, spread: float = 40.0
) -> tuple[Panel, Floats, Scatter]:
    """Models that come week by week, rated on four boards each with errors of their own."""
    rng = np.random.default_rng(seed)
    first = np.sort(rng.integers(1, 100, models))
    strength = 50 + slope * (7.0 * first - 3.5) + spread * rng.normal(size=models)
    rating = np.full((104, models), np.nan)
    for i, t in enumerate(first):
        rating[t : t + 4, i] = strength[i] + noise * rng.normal(size=4)
    appeared = np.stack([7.0 * (first - 1), 7.0 * first], axis=1)
    panel = made(rating, appeared=appeared)
    return panel, strength, law(panel, noise**2)


def test_what_is_expected_of_a_release_is_recovered() -> None:
    slopes, spreads = [], []
    for seed in range(8):
        panel, _, scatter = releases(seed, 300, 60.0)
        trend = levels(panel, scatter).trend
        slopes.append(trend.slope)
        spreads.append(trend.spread)
    # The standard error of one slope is sqrt(40^2 + 60^2 / 4) / (200 days * sqrt 300) = 0.014.
    assert_allclose(slopes, 0.3, atol=4 * 0.015)
    assert np.mean(slopes) == pytest.approx(0.3, abs=0.02)
    assert np.mean(spreads) == pytest.approx(40.0, rel=0.08)


def test_the_line_and_its_spread_are_of_maximum_likelihood() -> None:
    panel, strength, scatter = releases(14, 40, 60.0)
    # Errors of very unequal size: weights matter.
    noise = np.random.default_rng(15).uniform(5, 200, 40)
    rating = np.where(np.isfinite(panel.rating), strength + noise, np.nan)
    unequal = replace(scatter, independent=np.zeros_like(rating) + 4 * noise**2)
    found = levels(replace(panel, rating=rating), unequal)
    day = panel.appeared.mean(axis=1)

    def misfit(guess: Floats) -> float:
        level, slope, log_spread = guess
        scale = (np.exp(2 * log_spread) + noise**2) ** 0.5
        return -float(norm.logpdf(strength + noise, level + slope * day, scale).sum())

    best = minimize(misfit, [50.0, 0.3, 4.0], method="Nelder-Mead", options={"maxiter": 5000})
    level, slope, log_spread = best.x
    assert found.trend.level == pytest.approx(level, abs=0.5)
    assert found.trend.slope == pytest.approx(slope, rel=0.01)
    assert found.trend.spread == pytest.approx(np.exp(log_spread), rel=0.01)


def test_young_models_are_drawn_towards_what_is_expected_of_them() -> None:
    panel, strength, scatter = releases(9, 200, 100.0)
    found = levels(panel, scatter)
    mean, variance = found.posterior
    expected = found.trend.level + found.trend.slope * panel.appeared.mean(axis=1)
    assert_allclose(found.expected, expected)
    inside = (mean - expected) / (found.mean - expected)
    assert ((inside > 0) & (inside < 1)).all()
    assert (variance < found.variance).all()
    assert (variance < found.spread).all()
    assert ((mean - strength) ** 2).mean() < 0.8 * ((found.mean - strength) ** 2).mean()
    # The variance that is stated is the one that is met.
    assert ((mean - strength) ** 2 / variance).mean() == pytest.approx(1.0, abs=0.3)


def test_the_weight_of_the_expectation_is_the_one_of_two_normal_laws() -> None:
    found = Levels(
        np.array([10.0, 10.0]),
        np.array([4.0, 4.0]),
        np.array([0.0, 10.0]),
        np.array([1.0, np.inf]),
        Trend(0.0, 0.0, 1.0),
    )
    mean, variance = found.posterior
    assert_allclose(mean, [10 * (1 / 4) / (1 / 4 + 1), 10.0])
    assert_allclose(variance, [1 / (1 / 4 + 1), 4.0])


def test_of_models_on_the_first_board_nothing_is_expected() -> None:
    panel, _, scatter = releases(10, 60, 60.0)
    appeared = panel.appeared.copy()
    appeared[:20] = -np.inf
    found = levels(replace(panel, appeared=appeared), scatter)
    assert np.isinf(found.spread[:20]).all()
    assert np.isfinite(found.spread[20:]).all()
    mean, variance = found.posterior
    assert_allclose(mean[:20], found.mean[:20])
    assert_allclose(variance[:20], found.variance[:20])


@pytest.mark.parametrize("why", ["truncated", "few"])
def test_nothing_is_expected_where_nothing_can_be_learnt(why: str) -> None:
    panel, _, scatter = releases(11, 60, 60.0)
    appeared = panel.appeared.copy()
    if why == "few":
        appeared[7:] = -np.inf
    found = levels(replace(panel, appeared=appeared, truncated=why == "truncated"), scatter)
    assert np.isinf(found.spread).all()
    assert np.isinf(found.trend.spread)
    assert_allclose(found.posterior[0], found.mean)


def test_draws_have_the_stated_mean_and_variance() -> None:
    panel, _, scatter = releases(12, 30, 60.0)
    found = levels(panel, scatter)
    mean, variance = found.posterior
    drawn = draw_frozen(found, 20_000, np.random.default_rng(0))
    assert drawn.shape == (20_000, 30)
    assert_allclose(drawn.mean(axis=0), mean, atol=5 * (variance.max() / 20_000) ** 0.5)
    assert_allclose(drawn.var(axis=0), variance, rtol=0.06)
    # Models are drawn apart from one another.
    apart = np.corrcoef(drawn.T) - np.eye(30)
    assert np.abs(apart).max() < 5 / 20_000**0.5


def test_the_same_seed_draws_the_same_strengths() -> None:
    panel, _, scatter = releases(13, 30, 60.0)
    found = levels(panel, scatter)
    one, two, other = (draw_frozen(found, 5, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert_allclose(one, two)
    assert (one != other).all()


def smoothed(
    rating: Floats, days: Floats, wanted: Floats, noise: float, drift: float, prior: float
) -> tuple[Floats, Floats]:
    """Mean and variance of a random walk at `wanted` days, by filtering and smoothing (Rauch,
    Tung and Striebel 1965): one step at a time, no matrix.
    """
    times = np.unique(np.concatenate([days, wanted[wanted >= days[0]]]))
    filtered: list[tuple[float, float, float, float]] = []
    mean, variance = 0.0, prior
    for j, at in enumerate(times):
        if j:
            variance += drift * (at - times[j - 1])
        told = (mean, variance)
        here = np.flatnonzero(days == at)
        if len(here):
            gain = variance / (variance + noise)
            mean, variance = mean + gain * (rating[here[0]] - mean), (1 - gain) * variance
        filtered.append((mean, variance, *told))
    back = [filtered[-1][:2]]
    for j in range(len(times) - 2, -1, -1):
        mean, variance = filtered[j][:2]
        _, _, ahead_mean, ahead_variance = filtered[j + 1]
        gain = variance / ahead_variance
        back.append(
            (
                mean + gain * (back[-1][0] - ahead_mean),
                variance + gain**2 * (back[-1][1] - ahead_variance),
            )
        )
    result = np.array(back[::-1])
    return result[:, 0], result[:, 1]


def test_paths_have_the_mean_and_variance_of_a_smoother() -> None:
    rng = np.random.default_rng(4)
    days = np.array([0.0, 7.0, 21.0, 24.0, 42.0, 70.0])
    rating = np.cumsum(rng.normal(size=(6, 2)) * 15, axis=0)
    panel = made(rating, days)
    scatter = law(panel, 100.0, drift=9.0)
    found = replace(levels(panel, scatter), expected=np.zeros(2), spread=np.full(2, 400.0))
    chosen = np.array([1, 0])
    grid, paths = draw_paths(panel, scatter, found, chosen, 20_000, np.random.default_rng(5))
    assert paths.shape == (20_000, 2, len(grid))
    assert_allclose(np.diff(grid), 7.0)
    assert (grid[0], grid[-1] >= 70.0) == (0.0, True)
    for column, i in enumerate(chosen):
        times = np.unique(np.concatenate([days, grid]))
        mean, variance = smoothed(rating[:, i], days, grid, 100.0, 9.0, 400.0)
        at = np.searchsorted(times, grid)
        assert_allclose(paths[:, column].mean(axis=0), mean[at], atol=0.5)
        assert_allclose(paths[:, column].var(axis=0), variance[at], rtol=0.06)


def test_unobserved_paths_wander_as_a_random_walk() -> None:
    panel = made(np.zeros((11, 1)))
    scatter = law(panel, 1e9, drift=3.0)
    found = replace(levels(panel, scatter), expected=np.zeros(1), spread=np.full(1, 50.0))
    grid, paths = draw_paths(panel, scatter, found, np.array([0]), 20_000, np.random.default_rng(6))
    steps = np.diff(paths[:, 0], axis=1)
    assert_allclose(steps.var(axis=0), 3.0 * 7.0, rtol=0.06)
    assert_allclose(paths[:, 0, 0].var(), 50.0, rtol=0.06)
    # Steps know nothing of one another.
    assert np.abs(np.corrcoef(steps.T) - np.eye(len(grid) - 1)).max() < 0.05


def test_paths_under_votes_that_add_up_end_at_the_last_rating() -> None:
    rng = np.random.default_rng(7)
    panel = made(rng.normal(size=(20, 1)) * 5)
    shared = votes(20, 1, 400)
    scatter = law(panel, shared=shared, drift=1e-4)
    found = levels(panel, scatter)
    _, paths = draw_paths(panel, scatter, found, np.array([0]), 4_000, np.random.default_rng(8))
    assert paths[:, 0, -1].mean() == pytest.approx(panel.rating[-1, 0], abs=0.6)
    assert paths[:, 0, -1].var() == pytest.approx(shared[-1, 0], rel=0.1)
