"""How far the publisher's scale moved from date to date (pure).

Ratings of two dates are compared only through the models that stand on both: what all of them do
together is the scale, and not theirs.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from leaderboard.churn.panel import Floats


def shifts(rating: Floats, variance: Floats) -> Floats:
    """(T,) shift of each date, mean 0: the dates' part of a two-way fit of models and dates.

    Best where every board draws its errors anew.

    Args:
        rating: (T, M), NaN where not listed.
        variance: (T, M) of the errors.
    """
    known = np.isfinite(rating)
    weight = np.where(known, 1.0 / np.maximum(variance, 1e-9), 0.0)
    value = np.where(known, rating, 0.0)
    by_model = weight.sum(axis=0)
    share = weight / np.maximum(by_model, 1e-300)
    matrix = np.diag(weight.sum(axis=1)) - weight @ share.T
    right = (weight * value).sum(axis=1) - weight @ (share * value).sum(axis=0)
    if len(matrix) < 2:
        return np.zeros(1)
    # The level is free: one more equation says that the shifts have mean 0. So is that of boards
    # which no model ties to the others: the small ridge leaves it at 0.
    size = float(matrix.trace()) / len(matrix)
    matrix += size / len(matrix) + 1e-10 * size * np.eye(len(matrix))
    return cast(Floats, np.linalg.solve(matrix, right))


def shifts_by_steps(rating: Floats, variance: Floats) -> Floats:
    """(T,) shift of each date, mean 0, added up from board to board.

    Best where boards share their errors, since what is shared drops out from one to the next and
    little is left. Each step is the weighted mean over the models that stand on both boards; one
    without such models is taken for none.

    Args:
        rating: (T, M), NaN where not listed.
        variance: (T - 1, M) of what a rating does from one board to the next.
    """
    change = np.diff(rating, axis=0)
    weight = np.where(np.isfinite(change), 1 / np.maximum(variance, 1e-9), 0.0)
    step = (weight * np.where(np.isfinite(change), change, 0.0)).sum(axis=1)
    step /= np.maximum(weight.sum(axis=1), 1e-300)
    total = np.concatenate([[0.0], np.cumsum(step)])
    return total - total.mean()
