"""The best choice for every step under one budget: an exact multiple-choice knapsack (pure).

One option of every step is taken, so that the values add up to the most and the costs to no more
than the budget; of equal values the cheaper way. Steps are decided one after another. Of the ways
to decide some of them, those are dropped that another beats in both cost and value, and those that
cannot catch up: what the other steps may add is bounded by the linear relaxation, which is a walk
along the merged upper hulls of their options (Sinha and Zoltners, The multiple-choice knapsack
problem, 1979; from memory, not re-read). Nothing else is dropped, so the answer is exact.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

ROOM = 1e-12
"""Relative slack of sums of floats, far below any price."""


@dataclass(frozen=True)
class Option:
    """One way to do a step."""

    cost: float
    """At least 0."""
    value: float


@dataclass(frozen=True)
class Assignment:
    """One option for every step."""

    chosen: tuple[int, ...]
    """Index among the options of each step."""
    cost: float
    value: float


def best(steps: Sequence[Sequence[Option]], budget: float) -> Assignment | None:
    """The assignment of the highest value within the budget; None where none fits.

    Args:
        steps: at least one option each.
        budget: same unit as the costs.

    Raises:
        ValueError: a step without options, or numbers that are not finite or costs below 0.
    """
    for options in steps:
        if not options:
            raise ValueError("a step has no option")
        if not all(
            math.isfinite(o.value) and math.isfinite(o.cost) and o.cost >= 0 for o in options
        ):
            raise ValueError("costs must be finite and at least 0, values finite")
    fronts = [_front(options) for options in steps]
    limit = budget + ROOM * max(1.0, abs(budget))
    # The steps with most at stake first: bounds are sharp soon.
    order = sorted(range(len(steps)), key=lambda n: fronts[n][0][1] - fronts[n][-1][1])
    bounds = _bounds([fronts[n] for n in order])
    if bounds[0].base_cost > limit:
        return None
    states: list[tuple[float, float, tuple[int, ...]]] = [(0.0, 0.0, ())]
    floor = -math.inf
    for depth, number in enumerate(order):
        rest = bounds[depth + 1]
        grown = [
            (cost + more, value + gain, (*way, index))
            for cost, value, way in states
            for more, gain, index in fronts[number]
        ]
        grown = [one for one in grown if one[0] + rest.base_cost <= limit]
        floor = max([floor, *(one[1] + rest.surely(limit - one[0]) for one in grown)])
        slack = ROOM * max(1.0, abs(floor))
        states = _undominated(
            [one for one in grown if one[1] + rest.at_most(limit - one[0]) >= floor - slack]
        )
    cost, value, way = max(states, key=lambda one: (one[1], -one[0]))
    chosen = [0] * len(steps)
    for number, index in zip(order, way, strict=True):
        chosen[number] = index
    return Assignment(tuple(chosen), cost, value)


def _front(options: Sequence[Option]) -> list[tuple[float, float, int]]:
    """Cost, value and index of the options that no other beats in both, the cheapest first."""
    found: list[tuple[float, float, int]] = []
    for index in sorted(range(len(options)), key=lambda n: (options[n].cost, -options[n].value, n)):
        one = options[index]
        if not found or one.value > found[-1][1]:
            found.append((one.cost, one.value, index))
    return found


@dataclass(frozen=True)
class _Bound:
    """What some steps can add, by what may be spent on them."""

    base_cost: float
    base_value: float
    costs: tuple[float, ...]
    values: tuple[float, ...]
    """After each upgrade along the merged hulls, the most effective first."""

    def at_most(self, money: float) -> float:
        """An upper bound: the last upgrade may be taken in part."""
        number = max(bisect_right(self.costs, money) - 1, 0)
        if number + 1 >= len(self.costs):
            return self.values[-1]
        span = self.costs[number + 1] - self.costs[number]
        part = (money - self.costs[number]) / span
        return self.values[number] + part * (self.values[number + 1] - self.values[number])

    def surely(self, money: float) -> float:
        """What whole upgrades in that order give: somebody can really do this."""
        return self.values[max(bisect_right(self.costs, money) - 1, 0)]


def _bounds(fronts: Sequence[list[tuple[float, float, int]]]) -> list[_Bound]:
    """For each number of decided steps what the others can add; the last one adds nothing."""
    return [_bound(fronts[depth:]) for depth in range(len(fronts) + 1)]


def _bound(fronts: Sequence[list[tuple[float, float, int]]]) -> _Bound:
    upgrades: list[tuple[float, float]] = []
    for front in fronts:
        hull = _hull(front)
        upgrades += [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(hull)]
    upgrades.sort(key=lambda one: -one[1] / one[0])
    cost = sum(front[0][0] for front in fronts)
    value = sum(front[0][1] for front in fronts)
    costs = tuple(accumulate((one[0] for one in upgrades), initial=cost))
    values = tuple(accumulate((one[1] for one in upgrades), initial=value))
    return _Bound(cost, value, costs, values)


def _hull(front: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """The corners of the upper concave hull of a front."""
    hull: list[tuple[float, float, int]] = []
    for point in front:
        while len(hull) > 1 and (hull[-1][1] - hull[-2][1]) * (point[0] - hull[-1][0]) <= (
            point[1] - hull[-1][1]
        ) * (hull[-1][0] - hull[-2][0]):
            hull.pop()
        hull.append(point)
    return hull


def _undominated(
    states: list[tuple[float, float, tuple[int, ...]]],
) -> list[tuple[float, float, tuple[int, ...]]]:
    states.sort(key=lambda one: (one[0], -one[1]))
    kept: list[tuple[float, float, tuple[int, ...]]] = []
    for one in states:
        if not kept or one[1] > kept[-1][1]:
            kept.append(one)
    return kept
