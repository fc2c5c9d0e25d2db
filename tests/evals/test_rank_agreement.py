"""Agreement of orders against scipy, plain loops and simulated coverage."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.rank_agreement import (
    Floats,
    Group,
    auc,
    over_models,
    spearman,
    spearman_interval,
    within_prompts,
)

# Few values, so that ties are common.
VALUES = st.lists(st.integers(0, 4).map(float), min_size=2, max_size=8)


@st.composite
def groups(draw: st.DrawFn) -> list[Group]:
    """Scores and truths of a few prompts."""
    found: list[Group] = []
    for _ in range(draw(st.integers(1, 7))):
        truth = draw(VALUES)
        score = draw(st.lists(st.integers(0, 4), min_size=len(truth), max_size=len(truth)))
        found.append((np.array(score, dtype=float), np.array(truth)))
    return found


def by_hand(made: list[Group]) -> float | None:
    """The AUC pair by pair."""
    points: list[float] = []
    for score, truth in made:
        for a, b in combinations(range(len(truth)), 2):
            if truth[a] != truth[b]:
                truer, other = (a, b) if truth[a] > truth[b] else (b, a)
                points.append(
                    1.0 if score[truer] > score[other] else 0.5 * (score[truer] == score[other])
                )
    return sum(points) / len(points) if points else None


@given(groups())
@settings(max_examples=200, deadline=None)
def test_auc_is_the_share_of_pairs_in_the_true_order(made: list[Group]) -> None:
    found, expected = auc(made), by_hand(made)
    if expected is None:
        assert (found.value, found.low, found.high) == (None, None, None)
        assert found.reason
    else:
        assert found.value == pytest.approx(expected, abs=1e-12)
        assert (found.low is None) == (found.reason is not None)
        if found.low is not None and found.high is not None:
            assert found.low - 1e-12 <= found.value <= found.high + 1e-12


@given(groups())
@settings(max_examples=100, deadline=None)
def test_auc_of_two_truths_is_the_area_of_the_curve(made: list[Group]) -> None:
    score, truth = made[0]
    split = truth > 2
    if 0 < split.sum() < len(truth):
        u, _ = stats.mannwhitneyu(score[split], score[~split])
        expected = u / (split.sum() * (~split).sum())
        assert auc([(score, split.astype(float))]).value == pytest.approx(expected, abs=1e-12)


@given(groups())
@settings(max_examples=100, deadline=None)
def test_the_other_direction_mirrors(made: list[Group]) -> None:
    flipped = [(-score, truth) for score, truth in made]
    one, other = auc(made), auc(flipped)
    if one.value is not None and other.value is not None:
        assert one.value + other.value == pytest.approx(1)
    up, down = within_prompts(made), within_prompts(flipped)
    if up.value is not None and down.value is not None:
        assert up.value == pytest.approx(-down.value, abs=1e-9)


@given(VALUES, VALUES)
@settings(max_examples=200, deadline=None)
def test_spearman_is_scipys(one: list[float], other: list[float]) -> None:
    size = min(len(one), len(other))
    x, y = np.array(one[:size]), np.array(other[:size])
    found = spearman(x, y)
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        assert found is None
    else:
        assert found == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


def test_within_prompts_is_the_mean_of_the_prompts_that_ask_something() -> None:
    random = np.random.default_rng(0)
    made = [(random.normal(size=6), random.integers(0, 4, 6).astype(float)) for _ in range(8)]
    expected = np.mean([stats.spearmanr(*group).statistic for group in made])
    assert within_prompts(made).value == pytest.approx(expected)
    # All equally true: no question.
    assert within_prompts([*made, (random.normal(size=6), np.ones(6))]) == within_prompts(made)
    # All scored the same: nothing was told, and that counts.
    silent = within_prompts([*made, (np.ones(6), np.arange(6.0))])
    assert silent.value == pytest.approx(expected * 8 / 9)


def test_repeating_every_prompt_moves_no_value_and_narrows_the_interval() -> None:
    made = simulated(np.random.default_rng(3), prompts=12, noise=1.0)
    once, often = auc(made), auc(made * 9)
    assert often.value == pytest.approx(once.value)
    assert once.low is not None
    assert once.high is not None
    assert often.low is not None
    assert often.high is not None
    assert often.high - often.low < (once.high - once.low) / 2


def test_the_seed_decides_the_interval_alone() -> None:
    made = simulated(np.random.default_rng(4), prompts=12, noise=1.0)
    one, same, other = (within_prompts(made, seed) for seed in (1, 1, 2))
    assert one == same
    assert one.value == other.value
    assert one.low != other.low


def test_few_prompts_and_few_models_give_no_interval() -> None:
    few = auc(simulated(np.random.default_rng(5), prompts=4, noise=1.0))
    assert few.value is not None
    assert (few.low, few.high) == (None, None)
    assert few.reason == "4 prompts give no interval"
    three = over_models(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]))
    assert (three.value, three.low, three.reason) == (0.5, None, "3 models give no interval")
    assert over_models(np.array([1.0]), np.array([1.0])).reason == "fewer than 2 models"
    assert over_models(np.ones(5), np.arange(5.0)).reason == "all models are equal"


@pytest.mark.parametrize("count", [4, 7, 11, 30])
def test_a_perfect_order_of_few_models_is_not_beyond_doubt(count: int) -> None:
    low, high = spearman_interval(1.0, count)
    assert high == 1.0
    assert low < 1 - 6 / (count * (count**2 - 1))
    assert spearman_interval(-1.0, count) == pytest.approx((-1.0, -low))
    lows = [spearman_interval(1.0, n)[0] for n in range(4, 31)]
    assert lows == sorted(lows)


def simulated(random: np.random.Generator, prompts: int, noise: float) -> list[Group]:
    """Truths and scores that are the truth with noise, and a difficulty shared by a prompt."""
    found: list[Group] = []
    for _ in range(prompts):
        truth: Floats = random.normal(size=8)
        scale = random.uniform(0.3, 1.7) * noise
        found.append((truth + random.normal(size=8) * scale + random.normal() * 3, truth))
    return found


def test_intervals_over_prompts_cover() -> None:
    random = np.random.default_rng(6)
    large = simulated(random, prompts=4000, noise=1.0)
    truths = {auc: auc(large).value, within_prompts: within_prompts(large).value}
    for measure, truth in truths.items():
        found = [measure(simulated(random, prompts=40, noise=1.0), turn) for turn in range(120)]
        covered = sum(
            one.low <= truth <= one.high  # type: ignore[operator]
            for one in found
        )
        assert 107 <= covered <= 119


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.9])
def test_intervals_over_models_cover(rho: float) -> None:
    random = np.random.default_rng(7)
    truth = 6 / np.pi * np.arcsin(rho / 2)  # Spearman's correlation of a normal pair
    covered = 0
    for _ in range(1000):
        x, y = random.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=11).T
        low, high = spearman_interval(spearman(x, y) or 0.0, 11)
        covered += low <= truth <= high
    assert 925 <= covered <= 990
