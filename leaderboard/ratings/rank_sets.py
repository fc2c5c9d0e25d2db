"""Rank sets and the odds of the top places, from joint draws or a covariance (pure).

Everything here works on a point (M,), larger = better, and on draws (D, M) whose rows are whole
worlds: one row holds one value for every model, so that what models share is kept. Where an
estimate comes as a covariance, `joint_draws` makes the draws from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.errors import RatingError
from leaderboard.ratings.bradley_terry import Floats

CONFIDENCE = 0.95
_NEVER_APART = 1e-12
"""A variance of a difference below this share of the two variances is rounding, not evidence."""


@dataclass(frozen=True)
class RankSet:
    """The ranks that the evidence leaves open, 1 = best, both ends included."""

    low: int
    high: int


def joint_draws(
    names: Sequence[str], point: Floats, covariance: Floats, draws: int, seed: int
) -> Floats:
    """(D, M) normal draws around a point with the given covariance.

    Args:
        names: of the M models; each name has its own stream of the seed, and the root of the
            covariance is the symmetric one, so that the order of the models changes nobody's draws.
        point: (M,).
        covariance: (M, M), positive semidefinite; eigenvalues that rounding left below 0 count
            as 0.
        draws: how many, D.
        seed: of the draws.

    Raises `RatingError` when the covariance is not finite, not symmetric or clearly indefinite.
    """
    if not np.isfinite(covariance).all() or not np.allclose(covariance, covariance.T):
        raise RatingError("no draws: the covariance of the ratings is not finite and symmetric")
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    if len(values) and values[0] < -1e-8 * max(values[-1], 0.0):
        raise RatingError("no draws: the covariance of the ratings has a negative variance")
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    normal = [
        np.random.default_rng(stream(seed, "rating", name)).normal(size=draws) for name in names
    ]
    return point + np.stack(normal, axis=1) @ root


def rank_sets(
    point: Floats,
    draws: Floats,
    covariance: Floats | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[RankSet, ...]:
    """Ranks that hold for all models at once with the given confidence.

    A pair is told apart when its difference exceeds c standard errors, where c is the quantile of
    the largest standardised error over all pairs (max-t). A model's best open rank is 1 + those
    surely above it, its worst is the number of models - those surely below (Mogstad, Romano,
    Shaikh, Wilhelm 2024, "Inference for ranks", Review of Economic Studies 91).

    Args:
        point: (M,).
        draws: (D, M), around the point.
        covariance: (M, M), which the standard errors of the differences are taken from; that of
            the draws when `None`.
        confidence: of all sets together.

    Returns one set per model, in the order of `point`. Each holds the model's rank by `point`. A
    pair whose difference never varies is not told apart: no width is no evidence.
    """
    count = len(point)
    if count < 2:
        return (RankSet(1, 1),) * count
    errors = draws - point
    spread = _spread(np.cov(errors.T, bias=True) if covariance is None else covariance)
    largest = np.zeros(len(draws))
    for i in range(count):
        seen = np.flatnonzero(spread[i, :i])
        if len(seen):
            apart = np.abs(errors[:, i : i + 1] - errors[:, seen]) / spread[i, seen]
            np.maximum(largest, apart.max(axis=1), out=largest)
    critical = float(np.quantile(largest, confidence))
    gap = point[:, None] - point
    above = (spread > 0) & (gap > critical * spread)
    return tuple(
        RankSet(1 + int(above[:, one].sum()), count - int(above[one].sum())) for one in range(count)
    )


def top_odds(draws: Floats, k: int) -> Floats:
    """(M,): P(a model is in the top k), the share of draws in which it is.

    Models that are exactly level in a draw share what is left of its k places, so the odds sum to
    min(k, M). `k=1` is P(best).

    >>> import numpy as np
    >>> top_odds(np.array([[3.0, 2.0, 1.0], [2.0, 2.0, 1.0]]), 1).tolist()
    [0.75, 0.25, 0.0]
    """
    share = np.empty(draws.shape[1])
    for column in range(draws.shape[1]):
        own = draws[:, column : column + 1]
        above, level = (draws > own).sum(axis=1), (draws == own).sum(axis=1)
        share[column] = np.clip((k - above) / level, 0.0, 1.0).mean()
    return share


def stream(seed: int, kind: str, name: str) -> int:
    """The seed of what is drawn for one thing: a function of seed, kind and name alone."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{kind}\0{name}".encode()).digest()[:16], "big")


def _spread(covariance: Floats) -> Floats:
    """(M, M): standard error of each difference; 0 where it never varies."""
    variance = np.diagonal(covariance)
    total = variance[:, None] + variance
    apart = total - 2 * covariance
    return np.sqrt(np.where(apart > _NEVER_APART * total, apart, 0.0))
