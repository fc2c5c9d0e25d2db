"""Stays in the top k, against a plain loop over the days on which something happens."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from leaderboard.churn.membership import Stays, stays
from leaderboard.churn.panel import Floats

END = 40.0
NO_GRID = np.zeros(0)
Stay = tuple[int, int, float, float, bool, bool]


def told(found: Stays) -> set[Stay]:
    rows = zip(
        *(found.draw.tolist(), found.model.tolist(), found.entered.tolist()),
        *(found.until.tolist(), found.ended.tolist(), found.withdrawn.tolist()),
        strict=True,
    )
    return set(rows)


def by_hand(strength: Floats, enter: Floats, leave: Floats, grid: Floats, k: int) -> set[Stay]:
    """One draw and one stretch between two happenings at a time."""
    found: set[Stay] = set()
    for d, (enters, leaves) in enumerate(zip(enter, leave, strict=True)):
        happenings = {0.0, END, *enters, *leaves, *grid}
        turns = sorted(t for t in happenings if 0 <= t <= END)
        begun: dict[int, float] = {}
        for at, then in pairwise(turns):
            middle = (at + then) / 2

            def level(i: int, middle: float = middle, d: int = d) -> float:
                if not len(grid):
                    return float(strength[d, i])
                return float(strength[d, i, max(0, sum(t <= middle for t in grid) - 1)])

            listed = [i for i in range(len(enters)) if enters[i] < middle < leaves[i]]
            top = sorted(listed, key=lambda i: (-level(i), i))[:k]
            for i in list(begun):
                if i not in top:
                    found.add((d, i, begun.pop(i), at, True, bool(leaves[i] <= at)))
            for i in top:
                begun.setdefault(i, enters[i] if at == 0 else at)
        found |= {(d, i, since, END, False, False) for i, since in begun.items()}
    return found


@st.composite
def worlds(draw: st.DrawFn, wandering: bool) -> tuple[Floats, Floats, Floats, Floats, int]:
    """Small whole numbers, so that ties of strength and of time are common."""
    draws, models = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    grid = np.arange(0.0, END + 7, 7.0) if wandering else NO_GRID

    def numbers(low: int, high: int, shape: tuple[int, ...]) -> Floats:
        size = int(np.prod(shape))
        flat = draw(st.lists(st.integers(low, high), min_size=size, max_size=size))
        return np.array(flat, dtype=float).reshape(shape)

    enter = numbers(-5, 39, (draws, models))
    enter = np.where(enter == -5, -np.inf, enter)
    leave = np.maximum(numbers(0, 60, (draws, models)), np.maximum(enter, 0.0))
    leave = np.where(leave > 50, np.inf, leave)
    shape = (draws, models, len(grid)) if wandering else (draws, models)
    return numbers(0, 4, shape), enter, leave, grid, draw(st.integers(1, 4))


@pytest.mark.parametrize("wandering", [False, True])
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_stays_are_those_of_a_loop_over_happenings(wandering: bool, data: st.DataObject) -> None:
    strength, enter, leave, grid, k = data.draw(worlds(wandering))
    found = stays(strength, enter, leave, grid, 0.0, END, k)
    assert told(found) == by_hand(strength, enter, leave, grid, k)
    assert len(found.draw) == len(told(found))
    assert found.draws == len(enter)


@pytest.mark.parametrize("wandering", [False, True])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_places_are_filled_as_long_as_there_are_models(
    wandering: bool, data: st.DataObject
) -> None:
    strength, enter, leave, grid, k = data.draw(worlds(wandering))
    found = stays(strength, enter, leave, grid, 0.0, END, k)
    held = float((found.until - np.maximum(found.entered, 0.0)).sum())
    turns = np.unique(np.clip([0.0, END, *enter.ravel(), *leave.ravel()], 0.0, END))
    filled = 0.0
    for at, then in pairwise(turns.tolist()):
        listed = ((enter <= at) & (leave >= then)).sum(axis=1)
        filled += float(np.minimum(listed, k).sum() * (then - at))
    assert held == pytest.approx(filled)


def random_world(seed: int, models: int = 12, wandering: bool = False) -> tuple[Floats, ...]:
    """Strengths and times without ties."""
    rng = np.random.default_rng(seed)
    grid = np.arange(0.0, END + 7, 7.0) if wandering else NO_GRID
    strength = rng.normal(size=(20, models, len(grid)) if wandering else (20, models))
    enter = rng.uniform(-10, END, (20, models))
    return strength, enter, enter + rng.exponential(20, (20, models)), grid


@pytest.mark.parametrize("wandering", [False, True])
def test_relabelling_models_relabels_their_stays(wandering: bool) -> None:
    strength, enter, leave, grid = random_world(1, wandering=wandering)
    order = np.random.default_rng(2).permutation(12)
    found = stays(strength, enter, leave, grid, 0.0, END, 3)
    moved = stays(strength[:, order], enter[:, order], leave[:, order], grid, 0.0, END, 3)
    assert {(d, int(order[i]), *rest) for d, i, *rest in told(moved)} == told(found)


@pytest.mark.parametrize("wandering", [False, True])
def test_a_model_under_all_others_disturbs_nobody(wandering: bool) -> None:
    strength, enter, leave, grid = random_world(3, wandering=wandering)
    under = np.full_like(strength[:, :1], -100.0)
    came, went = np.full((20, 1), 3.3), np.full((20, 1), 31.7)
    before = stays(strength, enter, leave, grid, 0.0, END, 3)
    after = stays(
        *(np.concatenate(pair, axis=1) for pair in [(strength, under), (enter, came)]),
        np.concatenate([leave, went], axis=1),
        *(grid, 0.0, END, 3),
    )
    assert {stay for stay in told(after) if stay[1] != 12} == told(before)


def one(
    strength: list[float], enter: list[float], leave: list[float], k: int = 1
) -> list[tuple[object, ...]]:
    found = stays(np.array([strength]), np.array([enter]), np.array([leave]), NO_GRID, 0.0, END, k)
    return sorted(stay[1:] for stay in told(found))


def test_a_stay_ends_when_a_stronger_model_comes() -> None:
    found = one([1.0, 2.0], [-np.inf, 10.0], [np.inf, np.inf])
    assert found == [(0, -np.inf, 10.0, True, False), (1, 10.0, END, False, False)]


def test_a_stay_that_ends_with_the_model_is_a_withdrawal_and_the_next_moves_up() -> None:
    found = one([1.0, 2.0], [-30.0, 10.0], [np.inf, 25.0])
    assert found == [
        (0, -30.0, 10.0, True, False),
        (0, 25.0, END, False, False),
        (1, 10.0, 25.0, True, True),
    ]


def test_one_that_is_pushed_out_and_withdrawn_later_was_pushed_out() -> None:
    assert one([1.0, 2.0], [5.0, 10.0], [20.0, np.inf])[0] == (0, 5.0, 10.0, True, False)


def test_what_happens_at_the_end_is_not_seen_to_happen() -> None:
    found = one([1.0, 2.0, 3.0], [0.0, 5.0, END], [np.inf, END, np.inf], k=2)
    assert found == [(0, 0.0, END, False, False), (1, 5.0, END, False, False)]


@pytest.mark.parametrize("wandering", [False, True])
def test_of_level_models_the_first_by_number_is_ahead(wandering: bool) -> None:
    grid = np.array([0.0, 20.0]) if wandering else NO_GRID
    strength = np.zeros((1, 4, 2) if wandering else (1, 4))
    came = np.array([[0.0, 0.0, 0.0, 0.0]])
    found = stays(strength, came, np.full((1, 4), np.inf), grid, 0.0, END, 2)
    assert told(found) == {(0, 0, 0.0, END, False, False), (0, 1, 0.0, END, False, False)}


def test_many_draws_are_worked_through_in_parts_and_come_out_the_same() -> None:
    rng = np.random.default_rng(5)
    strength, enter = rng.normal(size=(400, 90)), rng.uniform(0, END, (400, 90))
    leave = np.full((400, 90), np.inf)
    whole = stays(strength, enter, leave, NO_GRID, 0.0, END, 5)
    for d in (0, 237, 399):
        alone = stays(strength[[d]], enter[[d]], leave[[d]], NO_GRID, 0.0, END, 5)
        mine = whole.draw == d
        for whole_column, column in zip(astuple(whole)[1:-1], astuple(alone)[1:-1], strict=True):
            assert_allclose(whole_column[mine], column)
