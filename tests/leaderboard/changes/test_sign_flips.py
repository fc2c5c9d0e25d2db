"""The test of paired differences: exact where it can be, valid without a change, and seeing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, ttest_1samp, wilcoxon

from leaderboard.changes.sign_flips import EXACT, MOST, holm, mean_interval, p_value

numbers = st.floats(-100, 100, allow_nan=False).map(lambda value: round(value, 3))


@given(st.lists(numbers, min_size=1, max_size=7))
def test_few_differences_are_counted_out(differences: list[float]) -> None:
    seen = abs(sum(differences))
    sums = [
        abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    share = sum(one >= seen - 1e-9 for one in sums) / len(sums)
    assert p_value(differences) == pytest.approx(share)


@given(st.lists(numbers, max_size=30), st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_neither_direction_nor_equal_pairs_matter(differences: list[float], seed: int) -> None:
    p = p_value(differences, seed)
    assert 0 < p <= 1
    assert p == p_value([-one for one in differences], seed)
    assert p == p_value([*differences, 0.0, 0.0], seed)


def test_drawn_patterns_agree_with_all_of_them() -> None:
    random = np.random.default_rng(3)
    for shift in (0.0, 0.3, 0.6):
        many = random.normal(shift, 1, EXACT + 4)
        signs = np.array(list(product((1.0, -1.0), repeat=len(many))))
        exact = float((np.abs(signs @ many) >= abs(many.sum()) - 1e-9).mean())
        # A hundred exceedances know a probability to a tenth of itself.
        assert p_value(many.tolist()) == pytest.approx(exact, rel=0.35)


def test_what_cannot_be_chance_is_as_small_as_can_be_drawn() -> None:
    assert p_value([1.0] * 60) == pytest.approx(1 / (MOST + 1))
    assert p_value([0.0] * 60) == 1.0
    assert p_value([]) == 1.0


@pytest.mark.parametrize("noise", ["normal", "heavy", "skewed"])
def test_without_a_change_p_values_are_uniform(noise: str) -> None:
    """Both sides of a pair are draws of one distribution, however ugly it is."""
    random = np.random.default_rng(11)
    draw = {
        "normal": lambda: random.normal(size=40),
        "heavy": lambda: random.standard_t(2, size=40),
        "skewed": lambda: random.exponential(size=40) ** 2,
    }[noise]
    found = [p_value((draw() - draw()).tolist(), seed) for seed in range(400)]
    assert kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) <= 0.08


def test_it_sees_about_what_a_t_test_sees() -> None:
    random = np.random.default_rng(5)
    seen = {"flips": 0, "student": 0, "ranks": 0}
    for seed in range(100):
        one = random.normal(0.45, 1, 40)
        seen["flips"] += p_value(one.tolist(), seed) <= 0.05
        seen["student"] += ttest_1samp(one, 0).pvalue <= 0.05
        seen["ranks"] += wilcoxon(one).pvalue <= 0.05
    assert seen["flips"] >= seen["ranks"] - 5
    assert abs(seen["flips"] - seen["student"]) <= 3


@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=8))
def test_holm_rejects_as_its_definition_does(found: list[float]) -> None:
    adjusted = holm(found)
    for level in (0.01, 0.05, 0.3):
        ordered, rejected = sorted(found), 0
        while rejected < len(found) and ordered[rejected] * (len(found) - rejected) <= level:
            rejected += 1
        assert sum(one <= level for one in adjusted) == rejected
    assert all(a >= p for a, p in zip(adjusted, found, strict=True))


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    held = 0
    for _ in range(500):
        low, high = mean_interval(random.normal(1.0, 2.0, 20).tolist())
        held += low <= 1.0 <= high
    assert 0.92 <= held / 500 <= 0.98
