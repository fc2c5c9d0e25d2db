"""The bound of the copies' share: right often enough, and silent where little is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from evals.canaries.verdict import Pair, lower_bound, points, verdict
from evals.instruments import Instrument
from tests.evals.canaries.exhibition import spec, suite

SPEC = spec("m", "quality", "pixels", tie_band=0.5)
POINTS = st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=1, max_size=4)
SHARES = st.lists(POINTS, min_size=1, max_size=12).map(
    lambda groups: {f"p{number}": group for number, group in enumerate(groups)}
)


def worlds(prompts: int, pairs: int, seed: int, count: int = 400) -> list[dict[str, list[float]]]:
    """Suites in which the copy truly wins half the pairs, those of one prompt much alike."""
    random = np.random.default_rng(seed)
    made: list[dict[str, list[float]]] = []
    for _ in range(count):
        lean = random.beta(0.5, 0.5, (prompts, 1))
        won = (random.random((prompts, pairs)) < lean).astype(float)
        won[random.random(won.shape) < 0.2] = 0.5
        made.append({f"p{number:03d}": list(row) for number, row in enumerate(won)})
    return made


@pytest.mark.parametrize(
    ("prompts", "pairs", "at_least"), [(6, 2, 0), (8, 1, 0), (12, 4, 0.02), (50, 4, 0.025)]
)
def test_a_metric_that_is_fooled_half_the_time_is_seldom_called_fooled(
    prompts: int, pairs: int, at_least: float
) -> None:
    """In about one suite of twenty: not more often, and with enough prompts hardly less."""
    called = [lower_bound(world) > 0.5 for world in worlds(prompts, pairs, seed=prompts)]
    assert at_least <= np.mean(called) <= 0.07


def test_pairs_of_one_prompt_are_not_independent_witnesses() -> None:
    alone = {f"p{number}": [float(number < 13)] for number in range(20)}
    tenfold = {name: group * 10 for name, group in alone.items()}
    assert lower_bound(tenfold) == pytest.approx(lower_bound(alone))
    assert lower_bound(alone) < 0.5


@pytest.mark.parametrize("prompts", range(1, 13))
def test_unanimous_prompts_prove_what_the_binomial_test_says(prompts: int) -> None:
    found = lower_bound({str(number): [1.0, 1.0] for number in range(prompts)})
    exact = binomtest(prompts, prompts, alternative="greater").proportion_ci(0.95).low
    assert found == pytest.approx(exact)
    assert (found > 0.5) == (prompts >= 5)


@pytest.mark.parametrize("won", range(60, 100, 5))
def test_of_many_prompts_it_is_near_the_exact_bound(won: int) -> None:
    shares = {f"p{number:03d}": [float(number < won)] for number in range(100)}
    exact = binomtest(won, 100, alternative="greater").proportion_ci(0.95, "exact").low
    assert lower_bound(shares) == pytest.approx(exact, abs=0.03)


@given(SHARES)
def test_the_bound_lies_under_the_share(shares: dict[str, list[float]]) -> None:
    mean = np.mean([value for group in shares.values() for value in group])
    low = lower_bound(shares)
    assert 0 <= low <= mean + 1e-12
    assert low == lower_bound(dict(reversed(shares.items())))


@given(SHARES)
def test_a_metric_that_sees_nothing_is_not_fooled(shares: dict[str, list[float]]) -> None:
    assert lower_bound({name: [0.5] * len(group) for name, group in shares.items()}) <= 0.5


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0, 3))
def test_points_follow_direction_and_band(original: float, copy: float, band: float) -> None:
    up = spec("m", "quality", tie_band=band)
    down = spec("m", "quality", tie_band=band, higher_is_better=False)
    made = points(up, Pair("p", original, copy))
    assert made == 1 - points(up, Pair("p", copy, original))
    assert made == points(down, Pair("p", copy, original))
    assert (made == 0.5) == (abs(copy - original) <= band)
    assert made == 0.5 or (made == 1) == (copy > original)


def test_a_verdict_counts_wins_and_ties() -> None:
    pairs = [Pair("a", 0, 1), Pair("a", 0, 0.5), Pair("b", 0, -0.5), Pair("c", 0, -1)]
    found = verdict(Instrument(SPEC, "print", None), suite(), "blur", pairs)
    assert found is not None
    assert (found.pairs, found.wins, found.ties) == (4, 1, 2)
    assert (found.metric, found.fingerprint, found.canary) == ("m", "print", "blur")
    assert (found.suite_id, found.suite_version) == ("shown", suite().version)
    assert not found.fooled


def test_without_a_pair_there_is_no_verdict() -> None:
    assert verdict(Instrument(SPEC, "print", None), suite(), "blur", []) is None
