"""The fit itself, against outside answers and by what must leave it alone."""

from __future__ import annotations

import choix
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from leaderboard.errors import RatingError
from leaderboard.ratings.bradley_terry import curvature, place, solve, win_rate

# https://en.wikipedia.org/wiki/Bradley-Terry_model, worked example: A, B, C, D.
WIKIPEDIA = np.array([[0, 2, 0, 1], [3, 0, 5, 0], [0, 3, 0, 1], [4, 0, 3, 0]], dtype=float)


def without_ties(wins: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    return solve(wins[None], np.zeros((1, *wins.shape)), ridge).theta[0]


def test_the_worked_example_of_wikipedia() -> None:
    theta = without_ties(WIKIPEDIA)
    assert np.exp(theta) == pytest.approx([0.640, 1.043, 0.660, 2.270], abs=5e-4)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_agrees_with_choix(seed: int) -> None:
    random = np.random.default_rng(seed)
    wins = random.integers(1, 9, (5, 5)).astype(float)
    np.fill_diagonal(wins, 0)
    theirs = choix.ilsr_pairwise_dense(wins, alpha=0, tol=1e-12, max_iter=1000)
    assert without_ties(wins) == pytest.approx(theirs - theirs.mean(), abs=1e-6)


def test_davidson_maximises_its_likelihood() -> None:
    random = np.random.default_rng(3)
    wins = random.integers(0, 8, (4, 4)).astype(float)
    np.fill_diagonal(wins, 0)
    ties = np.triu(random.integers(0, 5, (4, 4)), 1).astype(float)
    ties = ties + ties.T
    found = solve(wins[None], ties[None], 0.0)

    def loss(parameters: np.ndarray) -> float:
        # Davidson's own form, in strengths: wins pi_i, ties nu sqrt(pi_i pi_j).
        pi, nu = np.exp(parameters[:4]), np.exp(parameters[4])
        total = 0.0
        for i in range(4):
            for j in range(i + 1, 4):
                level = nu * np.sqrt(pi[i] * pi[j])
                norm = pi[i] + pi[j] + level
                total -= wins[i, j] * np.log(pi[i] / norm) + wins[j, i] * np.log(pi[j] / norm)
                total -= ties[i, j] * np.log(level / norm)
        return total + parameters[:4].sum() ** 2

    best = minimize(loss, np.zeros(5), method="BFGS", options={"gtol": 1e-8})
    assert found.theta[0] == pytest.approx(best.x[:4], abs=1e-5)
    assert found.eta[0] == pytest.approx(best.x[4], abs=1e-5)


@pytest.mark.parametrize("ridge", [0.0, 0.001])
def test_duplicated_comparisons_change_nothing(ridge: float) -> None:
    assert without_ties(7 * WIKIPEDIA, ridge) == pytest.approx(
        without_ties(WIKIPEDIA, ridge), abs=1e-8
    )


def test_a_batch_is_its_members() -> None:
    random = np.random.default_rng(1)
    wins = random.exponential(size=(6, 4, 4)) * (1 - np.eye(4))
    ties = random.exponential(size=(6, 4, 4)) * (1 - np.eye(4))
    ties = ties + ties.swapaxes(1, 2)
    together = solve(wins, ties, 0.001)
    for number in range(6):
        alone = solve(wins[number : number + 1], ties[number : number + 1], 0.001)
        assert together.theta[number] == pytest.approx(alone.theta[0], abs=1e-7)
        assert together.eta[number] == pytest.approx(alone.eta[0], abs=1e-7)


def test_the_ridge_barely_moves_ordinary_differences() -> None:
    plain, ridged = without_ties(WIKIPEDIA), without_ties(WIKIPEDIA, 0.001)
    assert np.abs(ridged - plain).max() < 0.01 * np.ptp(plain)


def test_a_model_that_wins_everything_is_finite_with_a_ridge_and_an_error_without() -> None:
    wins = WIKIPEDIA.copy()
    wins[:, 0] = 0
    wins[0, 1:] = 10
    with pytest.raises(RatingError, match="won or lost everything"):
        without_ties(wins)
    theta = without_ties(wins, 0.001)
    assert np.isfinite(theta).all()
    assert theta[0] == theta.max()


def test_groups_that_nothing_joins_are_an_error() -> None:
    wins = np.zeros((4, 4))
    wins[0, 1] = wins[1, 0] = wins[2, 3] = wins[3, 2] = 1
    with pytest.raises(RatingError, match="joins two groups"):
        without_ties(wins)


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(RatingError, match="nothing to rate"):
        without_ties(np.zeros((3, 3)), 0.001)


def test_only_ties_leave_everybody_level() -> None:
    ties = np.ones((1, 3, 3)) - np.eye(3)
    found = solve(np.zeros((1, 3, 3)), ties, 0.001)
    assert found.theta[0] == pytest.approx([0, 0, 0], abs=1e-9)
    assert win_rate(np.zeros(1), found.eta) == pytest.approx([0.5])


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_curvature_is_the_second_difference_of_the_likelihood(ridge: float) -> None:
    ties = np.ones((4, 4)) - np.eye(4)
    found = solve(WIKIPEDIA[None], ties[None], ridge)
    weight = ridge * 2 * (WIKIPEDIA.sum() + ties.sum() / 2) / 4

    def value(point: np.ndarray) -> float:
        lead = point[:4, None] - point[:4]
        norm = np.exp(lead / 2) + np.exp(-lead / 2) + np.exp(point[4])
        likelihood = (WIKIPEDIA * (lead / 2 - np.log(norm))).sum()
        likelihood += np.triu(ties * (point[4] - np.log(norm))).sum()
        return likelihood - weight / 2 * (point**2).sum()

    at, step = np.append(found.theta[0], found.eta[0]), 1e-3
    bend = curvature(WIKIPEDIA[None], ties[None], ridge, found)[0]
    random = np.random.default_rng(0)
    for _ in range(5):
        # Along directions that leave the mean of theta where it is, which nothing observes.
        way = random.normal(size=5)
        way[:4] -= way[:4].mean()
        second = (value(at + step * way) - 2 * value(at) + value(at - step * way)) / step**2
        assert way @ bend @ way == pytest.approx(-second, rel=1e-4)


def test_placing_a_model_agrees_with_fitting_it_where_it_cannot_move_the_others() -> None:
    # Two level models and a third that takes 3 of 4 comparisons from each.
    wins = np.array([[[0, 50.0], [50.0, 0]]])
    field = solve(wins, np.zeros((1, 2, 2)), 1e-6)
    placed = place(
        np.array([[3.0, 3.0]]), np.array([[1.0, 1.0]]), np.zeros((1, 2)), field, ridge=1e-6
    )
    assert placed == pytest.approx([np.log(3)], abs=1e-4)


def test_placing_a_model_that_always_wins_is_finite() -> None:
    field = solve(np.array([[[0, 5.0], [5.0, 0]]]), np.zeros((1, 2, 2)), 0.001)
    placed = place(np.array([[9.0, 9.0]]), np.zeros((1, 2)), np.zeros((1, 2)), field, 0.001)
    assert 3 < placed[0] < 10


@given(st.floats(-8, 8), st.floats(-3, 3))
def test_two_win_rates_sum_to_one(lead: float, eta: float) -> None:
    forth, back = win_rate(np.array([lead, -lead]), np.array([eta, eta]))
    assert forth + back == pytest.approx(1)
