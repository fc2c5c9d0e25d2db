"""The survival curve of lengths known only to lie between two bounds (pure).

Turnbull (1976): the distribution that makes the bounds likeliest, whatever its law. Our own because
lifelines 0.30 reads both bounds as possible lengths and, where bounds repeat, stops beside the
maximum; boards of one cadence repeat them all the time. The tests hold it to SurPyval's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.churn.panel import Floats

_STEPS = 20_000
_SETTLED = 1e-10
"""Largest movement of a probability in one step at which the climb ends."""


@dataclass(frozen=True)
class Cells:
    """Where the lengths can lie: each cell (low, high] and its probability. C cells, rising."""

    low: Floats
    high: Floats
    """(C,), inf for the last cell where some lengths have no upper bound."""
    share: Floats

    @property
    def median(self) -> tuple[float, float]:
        """The cell in which the curve falls to one half; within it nothing is known of it."""
        left = 1 - np.cumsum(self.share)
        cell = int((left <= 0.5 + 1e-6).argmax())
        return float(self.low[cell]), float(self.high[cell])


def turnbull(bounds: Sequence[tuple[float, float | None]]) -> Cells:
    """Likeliest probabilities of the innermost intervals of the bounds, by expectation and
    maximisation.

    Args:
        bounds: each length is above the first and not above the second, `None` = no upper bound.
            At least one; the second is above the first.

    >>> turnbull([(0.0, 7.0), (0.0, 7.0), (7.0, 14.0), (7.0, None)]).median
    (0.0, 7.0)
    """
    low = np.array([least for least, _ in bounds])
    high = np.array([math.inf if most is None else most for _, most in bounds])
    begins = np.unique(low)
    ends = np.unique(high)
    nearest: Floats = ends[np.searchsorted(ends, begins, side="right")]
    # A cell is innermost when no other interval begins inside it.
    inner = np.append(begins[1:] >= nearest[:-1], True)
    begins, nearest = begins[inner], nearest[inner]
    holds = (low[:, None] <= begins) & (nearest <= high[:, None])
    share: Floats = np.full(len(begins), 1 / len(begins))
    for _ in range(_STEPS):
        each = holds * share
        better: Floats = (each / each.sum(axis=1, keepdims=True)).mean(axis=0)
        settled = float(np.abs(better - share).max()) < _SETTLED
        share = better
        if settled:
            break
    return Cells(begins, nearest, share)
