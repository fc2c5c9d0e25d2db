"""Rank sets and odds from a covariance, and the core that draws and covariances share."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.errors import RatingError
from leaderboard.ratings.rank_sets import RankSet, joint_draws, rank_sets, top_odds

NAMES = ("ash", "birch", "cedar", "date", "elm")


def estimate(seed: int, models: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """A point and a full-rank covariance with real correlations."""
    random = np.random.default_rng(seed)
    root = random.normal(size=(models, models)) * 10
    return random.normal(size=models) * 20, root @ root.T


def sets_of(point: np.ndarray, covariance: np.ndarray, seed: int = 0) -> tuple[RankSet, ...]:
    draws = joint_draws(NAMES, point, covariance, 400, seed)
    return rank_sets(point, draws, covariance)


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_set_holds_the_rank_of_the_point(seed: int) -> None:
    point, covariance = estimate(seed)
    for rank, column in enumerate(np.argsort(-point), start=1):
        assert (
            sets_of(point, covariance)[column].low
            <= rank
            <= sets_of(point, covariance)[column].high
        )


@given(st.integers(0, 10_000), st.floats(1.0, 9.0))
@settings(max_examples=30, deadline=None)
def test_a_larger_covariance_never_narrows_a_set(seed: int, factor: float) -> None:
    point, covariance = estimate(seed)
    near, far = sets_of(point, covariance), sets_of(point, factor * covariance)
    for small, large in zip(near, far, strict=True):
        assert large.low <= small.low
        assert small.high <= large.high


@given(st.integers(0, 10_000), st.permutations(range(5)))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_models_changes_nobodys_draws(seed: int, order: list[int]) -> None:
    point, covariance = estimate(seed)
    moved = np.array(order)
    straight = joint_draws(NAMES, point, covariance, 50, 3)
    turned = joint_draws(
        [NAMES[k] for k in order], point[moved], covariance[np.ix_(moved, moved)], 50, 3
    )
    np.testing.assert_allclose(turned, straight[:, moved], atol=1e-6)


def test_draws_have_the_covariance_they_were_asked_for() -> None:
    point, covariance = estimate(1)
    draws = joint_draws(NAMES, point, covariance, 40_000, 0)
    scale = np.sqrt(np.outer(np.diagonal(covariance), np.diagonal(covariance)))
    np.testing.assert_allclose((np.cov(draws.T) - covariance) / scale, 0, atol=0.03)
    np.testing.assert_allclose(
        (draws.mean(axis=0) - point) / np.sqrt(np.diagonal(scale)), 0, atol=0.02
    )


@pytest.mark.parametrize(
    "covariance",
    [np.diag([1.0, 1.0, 1.0, 1.0, -1.0]), np.full((5, 5), np.nan), np.triu(np.ones((5, 5)))],
)
def test_what_is_no_covariance_is_an_error(covariance: np.ndarray) -> None:
    with pytest.raises(RatingError, match="no draws"):
        joint_draws(NAMES, np.zeros(5), covariance, 10, 0)


def test_two_models_are_told_apart_by_the_ordinary_test() -> None:
    # With one pair max-t is the two-sided z test: 1.96 standard errors.
    for gap, expected in ((1.8, RankSet(1, 2)), (2.1, RankSet(1, 1))):
        point, covariance = np.array([gap, 0.0]), np.diag([0.36, 0.64])
        draws = joint_draws(("a", "b"), point, covariance, 20_000, 0)
        assert rank_sets(point, draws, covariance)[0] == expected


def test_what_models_share_does_not_hide_who_is_better() -> None:
    # A common error moves both alike; taken for two errors it would leave both ranks open.
    point, common = np.array([5.0, 0.0]), np.full((2, 2), 100.0) + np.eye(2)
    draws = joint_draws(("a", "b"), point, common, 2000, 0)
    assert rank_sets(point, draws, common) == (RankSet(1, 1), RankSet(2, 2))
    alone = np.diag(np.diagonal(common))
    assert rank_sets(point, joint_draws(("a", "b"), point, alone, 2000, 0), alone) == (
        RankSet(1, 2),
        RankSet(1, 2),
    )


def test_the_draws_own_covariance_serves_where_none_is_given() -> None:
    point, covariance = estimate(4)
    draws = joint_draws(NAMES, point, covariance, 4000, 0)
    assert rank_sets(point, draws) == rank_sets(point, draws, covariance)


def test_a_difference_that_never_varies_is_no_evidence() -> None:
    point = np.array([10.0, 0.0, -500.0])
    draws = point + np.random.default_rng(0).normal(size=(300, 1)) * [[1.0, 1.0, 2.0]]
    assert rank_sets(point, draws) == (RankSet(1, 2), RankSet(1, 2), RankSet(3, 3))


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_models_need_no_evidence(count: int) -> None:
    assert rank_sets(np.zeros(count), np.zeros((10, count))) == (RankSet(1, 1),) * count
    assert top_odds(np.zeros((10, count)), 1).tolist() == [1.0] * count


@given(st.integers(0, 10_000), st.integers(1, 7))
@settings(max_examples=30, deadline=None)
def test_odds_sum_to_the_places(seed: int, k: int) -> None:
    point, covariance = estimate(seed)
    odds = top_odds(joint_draws(NAMES, point, covariance, 100, seed), k)
    assert odds.sum() == pytest.approx(min(k, 5))
    if k >= 5:
        assert odds == pytest.approx(1.0)


def test_the_odds_of_two_models_are_those_of_the_normal_law() -> None:
    point, covariance = np.array([1.0, 0.0]), np.array([[1.0, 0.4], [0.4, 0.8]])
    odds = top_odds(joint_draws(("a", "b"), point, covariance, 100_000, 0), 1)
    exact = 0.5 * (1 + math.erf(1 / math.sqrt(1.0 + 0.8 - 0.8) / math.sqrt(2)))
    assert odds[0] == pytest.approx(exact, abs=0.005)


def test_all_sets_hold_the_truth_at_once() -> None:
    """400 boards of correlated errors: nominal 95 %."""
    _, covariance = estimate(9)
    truth = np.array([30.0, 20.0, 15.0, 12.0, 10.0])
    root = np.linalg.cholesky(covariance)
    random = np.random.default_rng(0)
    boards, held, wide = 400, 0, 0
    for seed in range(boards):
        sets = sets_of(truth + root @ random.normal(size=5), covariance, seed)
        held += all(one.low <= rank <= one.high for rank, one in enumerate(sets, start=1))
        wide += all(one == RankSet(1, 5) for one in sets)
    assert held / boards >= 0.93
    # Sets that leave everything open would hold the truth too.
    assert wide / boards < 0.9
