"""The best assignment under a budget: exact."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from benchmarks.assignment import chain
from leaderboard.workflows.assignment import Option, best


def span(steps: list[list[Option]]) -> tuple[float, float]:
    return sum(min(o.cost for o in s) for s in steps), sum(max(o.cost for o in s) for s in steps)


def brute(steps: list[list[Option]], budget: float) -> float | None:
    values = [
        sum(o.value for o in way) for way in product(*steps) if sum(o.cost for o in way) <= budget
    ]
    return max(values, default=None)


def test_two_hundred_random_chains_agree_with_trying_everything() -> None:
    rng = np.random.default_rng(1)
    for number in range(200):
        kind = ("free", "linear", "concave")[number % 3]
        steps = chain(rng, kind, int(rng.integers(1, 6)), int(rng.integers(1, 6)))
        low, high = span(steps)
        budget = float(low + rng.uniform(-0.1, 1.1) * (high - low + 1e-3))
        found, truth = best(steps, budget), brute(steps, budget)
        if truth is None:
            assert found is None
            continue
        assert found is not None
        assert found.value == pytest.approx(truth, abs=1e-9)
        chosen = [s[n] for s, n in zip(steps, found.chosen, strict=True)]
        assert sum(o.cost for o in chosen) == pytest.approx(found.cost)
        assert found.cost <= budget + 1e-9
        assert sum(o.value for o in chosen) == pytest.approx(found.value)


@pytest.mark.parametrize("kind", ["free", "linear", "concave"])
def test_fourteen_steps_of_twenty_candidates_agree_with_highs(kind: str) -> None:
    rng = np.random.default_rng(2)
    for share in (0.05, 0.3):
        steps = chain(rng, kind)
        low, high = span(steps)
        budget = low + share * (high - low)
        found = best(steps, budget)
        cost = np.array([o.cost for s in steps for o in s])
        value = np.array([o.value for s in steps for o in s])
        one_each = np.kron(np.eye(14), np.ones(20))
        other = milp(
            -value,
            integrality=np.ones(280),
            bounds=(0, 1),
            constraints=[LinearConstraint(one_each, 1, 1), LinearConstraint(cost / budget, 0, 1)],
            options={"mip_rel_gap": 0},
        )
        assert found is not None
        assert found.value == pytest.approx(-other.fun, abs=1e-5)


@given(st.data())
def test_more_money_never_buys_less(data: st.DataObject) -> None:
    option = st.builds(Option, st.floats(0, 10), st.floats(-5, 5))
    steps = data.draw(st.lists(st.lists(option, min_size=1, max_size=4), min_size=1, max_size=4))
    low, high = span(steps)
    values = [
        best(steps, b)
        for b in sorted(data.draw(st.lists(st.floats(low, high + 1), min_size=1, max_size=4)))
    ]
    found = [one.value for one in values if one is not None]
    assert len(found) == len(values)
    assert all(a <= b + 1e-9 for a, b in pairwise(found))
    everything = best(steps, high + 1)
    assert everything is not None
    assert everything.value == pytest.approx(sum(max(o.value for o in s) for s in steps))


def test_of_equal_values_the_cheaper_is_taken_and_nothing_fits_a_budget_below_the_cheapest() -> (
    None
):
    steps = [[Option(2.0, 1.0), Option(1.0, 1.0)], [Option(3.0, 0.5)]]
    found = best(steps, 100)
    assert found is not None
    assert (found.chosen, found.cost) == ((1, 0), 4.0)
    assert best(steps, 3.99) is None
    assert best([], 0) is not None


@pytest.mark.parametrize(
    "steps", [[[]], [[Option(-1, 0)]], [[Option(1, float("nan"))]], [[Option(float("inf"), 1)]]]
)
def test_what_is_no_option_is_refused(steps: list[list[Option]]) -> None:
    with pytest.raises(ValueError, match=r"option|costs"):
        best(steps, 1)
