"""When models came and went between two boards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import kstest, spearmanr

from leaderboard.churn.arrivals import draw_arrivals, draw_departures, together
from leaderboard.churn.panel import Floats, Panel
from leaderboard.churn.strengths import Trend
from tests.leaderboard.churn.panels import made

FLAT = Trend(0.0, 0.0, float("inf"))


def coming(
    appeared: list[tuple[float, float]], left: list[tuple[float, float]] | None = None
) -> Panel:
    """Eleven weekly boards of models that came and left between these days."""
    return made(
        np.zeros((11, len(appeared))),
        appeared=np.array(appeared, dtype=float),
        left=None if left is None else np.array(left, dtype=float),
    )


days = st.tuples(st.integers(0, 60), st.integers(0, 14)).map(
    lambda p: (p[0] * 1.0, p[0] + p[1] * 1.0)
)


@given(
    st.lists(days, min_size=1, max_size=6),
    st.floats(-2, 2),
    st.sampled_from([0.5, 30.0, float("inf")]),
    st.sampled_from([0.0, 0.5, 0.98]),
    st.integers(0, 2**32),
)
def test_arrivals_lie_within_their_interval(
    appeared: list[tuple[float, float]], slope: float, spread: float, same: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    strength = rng.normal(size=(20, len(appeared))) * 200
    came = draw_arrivals(coming(appeared), strength, Trend(0.0, slope, spread), same, rng)
    for i, (low, high) in enumerate(appeared):
        if low == high:
            assert_array_equal(came[:, i], high)
        elif same == 0:
            assert ((came[:, i] >= low) & (came[:, i] <= high)).all()
        else:
            # Who joins another of its board takes that one's time.
            others = [a for a in appeared if a[1] == high and a[0] < a[1]]
            lowest = min(a[0] for a in others)
            assert ((came[:, i] >= lowest) & (came[:, i] <= high)).all()


def test_releases_that_are_known_are_exact_and_the_first_board_is_before_everything() -> None:
    panel = coming([(14.0, 14.0), (-40.0, -40.0), (-np.inf, -np.inf), (7.0, 14.0)])
    came = draw_arrivals(panel, np.zeros((50, 4)), FLAT, 0.9, np.random.default_rng(0))
    assert_array_equal(came[:, 0], 14.0)
    assert_array_equal(came[:, 1], -40.0)
    assert_array_equal(came[:, 2], -np.inf)
    assert len(np.unique(came[:, 3])) == 50


def test_departures_are_even_between_their_boards_and_never_for_who_is_listed() -> None:
    panel = coming([(0.0, 7.0)] * 2, [(21.0, 28.0), (np.inf, np.inf)])
    went = draw_departures(panel, 4_000, np.random.default_rng(1))
    assert_array_equal(went[:, 1], np.inf)
    assert kstest(went[:, 0], "uniform", args=(21.0, 7.0)).pvalue > 0.001


def test_without_a_trend_arrivals_are_even() -> None:
    for trend in (FLAT, Trend(0.0, -1.0, 10.0), Trend(0.0, 1.0, float("inf"))):
        strength = np.random.default_rng(2).normal(size=(4_000, 1)) * 100
        came = draw_arrivals(coming([(7.0, 14.0)]), strength, trend, 0.0, np.random.default_rng(3))
        assert kstest(came[:, 0], "uniform", args=(7.0, 7.0)).pvalue > 0.001


def test_stronger_models_come_later_where_releases_gain() -> None:
    rng = np.random.default_rng(4)
    strength = rng.normal(size=(300, 10)) * 40
    panel = coming([(0.0, 30.0)] * 10)
    came = draw_arrivals(panel, strength, Trend(0.0, 2.0, 40.0), 0.0, rng)
    found = [spearmanr(strength[d], came[d]).statistic for d in range(300)]
    assert np.mean(found) > 0.2
    even = draw_arrivals(panel, strength, FLAT, 0.0, rng)
    assert abs(np.mean([spearmanr(strength[d], even[d]).statistic for d in range(300)])) < 0.1


def rejected(
    strength: float, low: float, high: float, trend: Trend, n: int, rng: np.random.Generator
) -> Floats:
    """Times that are even over the interval, kept by the density of the strength on that day."""
    kept: list[float] = []
    best = np.exp(
        -0.5
        * min(
            ((strength - trend.level - trend.slope * t) / trend.spread) ** 2
            for t in np.linspace(low, high, 2001)
        )
    )
    while len(kept) < n:
        t = rng.uniform(low, high, 10_000)
        density = np.exp(-0.5 * ((strength - trend.level - trend.slope * t) / trend.spread) ** 2)
        kept += list(t[rng.random(10_000) * best < density])
    return np.array(kept[:n])


@pytest.mark.parametrize("strength", [-60.0, 0.0, 45.0, 60.0, 160.0])
def test_times_follow_the_law_of_rejection_sampling(strength: float) -> None:
    rng = np.random.default_rng(5)
    trend = Trend(10.0, 2.0, 25.0)
    panel = coming([(7.0, 35.0)])
    came = draw_arrivals(panel, np.full((3_000, 1), strength), trend, 0.0, rng)[:, 0]
    assert kstest(came, rejected(strength, 7.0, 35.0, trend, 3_000, rng)).pvalue > 0.001


@pytest.mark.parametrize(("strength", "end"), [(1e5, 14.0), (-1e5, 7.0)])
def test_far_beyond_the_trend_the_nearer_end_takes_it_all(strength: float, end: float) -> None:
    came = draw_arrivals(
        coming([(7.0, 14.0)]),
        np.full((10, 1), strength),
        Trend(0.0, 1.0, 5.0),
        0.0,
        np.random.default_rng(6),
    )
    np.testing.assert_allclose(came, end, atol=0.01)


def clustered(size: float, seed: int, boards: int = 300, rate: float = 1.5) -> Panel:
    """Weekly boards on which clusters of that mean size appear (geometric), at even times."""
    rng = np.random.default_rng(seed)
    at = np.repeat(
        rng.uniform(0, 7.0 * (boards - 1), clusters := rng.poisson(rate * boards / size)),
        rng.geometric(1 / size, clusters),
    )
    high = np.ceil(at / 7.0) * 7.0
    return made(np.zeros((boards, len(at))), appeared=np.stack([high - 7.0, high], axis=1))


def test_arrivals_one_by_one_are_found_apart() -> None:
    assert np.mean([together(clustered(1.0, seed)) for seed in range(20)]) < 0.06


def test_arrivals_in_clusters_are_found_together() -> None:
    """A geometric cluster of mean s gives each member 2(s - 1) companions on average."""
    found = np.mean([together(clustered(3.0, seed)) for seed in range(20)])
    companions, strangers = 2 * (3.0 - 1), 1.5
    assert found == pytest.approx(companions / (companions + strangers), abs=0.08)


def test_too_few_arrivals_are_taken_to_come_apart() -> None:
    assert together(coming([(0.0, 7.0)] * 9)) == 0.0
    assert together(coming([(0.0, 7.0)] * 10)) > 0.5
    # A known release says itself whether it came together with another.
    assert together(coming([(3.0, 3.0)] * 10)) == 0.0


def test_clusters_share_their_time_as_often_as_told() -> None:
    panel = coming([(0.0, 7.0), (0.0, 7.0), (7.0, 14.0)])
    came = draw_arrivals(panel, np.zeros((20_000, 3)), FLAT, 0.7, np.random.default_rng(7))
    assert (came[:, 0] == came[:, 1]).mean() == pytest.approx(0.7, abs=0.02)
    # Never across boards.
    assert (came[:, 2] >= 7.0).all()
