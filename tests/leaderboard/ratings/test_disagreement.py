"""What families of judges leave open, beyond the chance of the prompts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.ratings.comparisons import Comparisons, compare
from leaderboard.ratings.disagreement import GUESS, Disagreement, disagreement
from leaderboard.ratings.rate import RIDGE, intervals, p_top, rate, resampling_weights
from leaderboard.ratings.verdicts import Mark, Outcome
from tests.leaderboard.factory import CLIP

FAMILIES = [replace(CLIP, name=name, family=name, tie_band=0.0) for name in "fgh"]


def judged(
    bias: float,
    models: int = 8,
    prompts: int = 150,
    families: int = 2,
    seed: int = 0,
    strength: np.ndarray | None = None,
) -> Comparisons:
    """Scores of judges whose biases have this deviation, on the scale of logistic strengths."""
    random = np.random.default_rng(seed)
    strength = 0.5 * random.normal(size=models) if strength is None else strength
    made: list[Outcome] = []
    seen = [strength + bias * random.normal(size=models) for _ in range(families)]
    for number in range(models):
        for prompt in range(prompts):
            marks = {
                spec.name: Mark(float(seen[f][number] + random.gumbel()), "same")
                for f, spec in enumerate(FAMILIES[:families])
            }
            made.append(Outcome(f"m{number}", f"p{prompt:03}", 0, False, marks))
    return compare(made, FAMILIES[:families])


def found(comparisons: Comparisons, draws: int = 400) -> Disagreement:
    weights = resampling_weights("prompt", comparisons.prompts, 60, 0)
    told = disagreement(comparisons, weights, RIDGE, draws, 0)
    assert told is not None
    return told


@pytest.mark.parametrize("families", [2, 3])
def test_the_bias_of_the_judges_is_recovered(families: int) -> None:
    """Mean of the estimated variance over worlds; the scale that is taken out leaves a little."""
    told = [found(judged(0.4, 12, families=families, seed=seed)).bias ** 2 for seed in range(12)]
    assert 0.4**2 * 0.6 < np.mean(told) < 0.4**2 * 1.5


def test_judges_without_bias_leave_little() -> None:
    told = [found(judged(0.0, seed=seed)) for seed in range(8)]
    assert np.mean([each.bias for each in told]) < 0.1
    # What the prompts explain is not counted twice.
    assert np.mean([np.median(each.left) for each in told]) < 0.08


def test_a_less_decisive_judge_does_not_disagree() -> None:
    """The same order on half the scale is no bias; a world of other orders is."""
    clear = judged(0.0, prompts=400)
    wins = clear.wins.copy()
    # Every other verdict of the second family becomes a coin's.
    wins[1] = wins[1] / 2 + (wins[1] + wins[1].swapaxes(1, 2)) / 4
    assert found(replace(clear, wins=wins)).bias < 0.1
    assert found(judged(0.5, prompts=400)).bias > 0.2


def test_more_families_leave_less_open() -> None:
    two = [np.median(found(judged(0.4, 10, families=2, seed=s)).left) for s in range(6)]
    three = [np.median(found(judged(0.4, 10, families=3, seed=s)).left) for s in range(6)]
    assert np.mean(three) < np.mean(two)


def test_one_family_tells_nothing() -> None:
    comparisons = judged(0.4, families=1)
    weights = resampling_weights("prompt", comparisons.prompts, 10, 0)
    assert disagreement(comparisons, weights, RIDGE, 10, 0) is None
    assert rate(comparisons, draws=10).disagreement is None


def test_a_family_with_few_votes_is_not_asked_and_its_bias_is_guessed() -> None:
    """Of three votes nobody can say whether their judge is biased; that is no reason for none."""
    comparisons = judged(0.0, 4)
    wins = comparisons.wins.copy()
    wins[1] = 0.0
    wins[1, 0, 0, 1] = wins[1, 0, 1, 2] = wins[1, 0, 2, 3] = 0.5
    few = replace(comparisons, wins=wins)
    weights = resampling_weights("prompt", few.prompts, 10, 0)
    told = disagreement(few, weights, RIDGE, 2000, 0)
    assert told is not None
    assert told.bias is None
    # A guess worth two degrees of freedom: its median over that of a chi-squared variable.
    assert np.median(told.left) == pytest.approx(GUESS / np.sqrt(np.log(2)), rel=0.1)
    rated = rate(few, draws=200)
    assert rated.disagreement is None
    assert rated.guessed
    alone = rate(
        replace(few, families=few.families[:1], wins=wins[:1], ties=few.ties[:1]), draws=200
    )
    assert not alone.guessed
    assert (np.ptp(intervals(rated), axis=1) > np.ptp(intervals(alone), axis=1)).all()


def test_a_family_that_votes_on_nothing_is_no_second_one() -> None:
    comparisons = judged(0.0, 4)
    wins, ties = comparisons.wins.copy(), comparisons.ties.copy()
    wins[1] = ties[1] = 0.0
    silent = rate(replace(comparisons, wins=wins, ties=ties), draws=10)
    assert silent.disagreement is None
    assert not silent.guessed


@pytest.mark.parametrize("models", [2, 3, 4, 5])
def test_level_and_opposed_judges_give_finite_draws(models: int) -> None:
    comparisons = judged(0.3, models, prompts=30)
    opposed = comparisons.wins.copy()
    opposed[1] = opposed[0].swapaxes(1, 2)
    level = replace(
        comparisons,
        wins=np.zeros_like(opposed),
        ties=comparisons.wins + comparisons.wins.swapaxes(2, 3),
    )
    for each in (replace(comparisons, wins=opposed), level):
        assert np.isfinite(rate(each, draws=50).draws).all()
    assert found(replace(comparisons, wins=opposed)).left.max() > 0.1


@given(st.integers(0, 500))
@settings(max_examples=5, deadline=None)
def test_draws_of_a_model_follow_from_its_name(seed: int) -> None:
    """The part that judges leave open is keyed by model: the order of models changes nothing."""
    comparisons = judged(0.4, 4, prompts=30, seed=seed)
    turned = comparisons.only(comparisons.models[::-1])
    np.testing.assert_allclose(
        rate(comparisons, draws=20, seed=seed).draws, rate(turned, draws=20, seed=seed).draws
    )


def test_odds_of_the_first_come_true_as_often_as_they_say() -> None:
    """80 worlds of ten models and two biased families; chance leaves about 0.1 either way."""
    said, true = [], []
    for seed in range(80):
        random = np.random.default_rng([seed, 7])
        strength = 0.4 * random.normal(size=10)
        comparisons = judged(0.2, 10, prompts=40, seed=seed, strength=strength)
        odds = p_top(rate(comparisons, draws=150), 1)
        first = max(odds, key=odds.__getitem__)
        said.append(odds[first])
        true.append(first == f"m{np.argmax(strength)}")
    assert np.mean(said) == pytest.approx(np.mean(true), abs=0.13)
    sure = np.array(said) > 0.7
    assert np.array(true)[sure].mean() > 0.7
