"""Draws of all strengths of one arena, each a whole path (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import optimize

from leaderboard.churn.panel import Floats, Ints, Panel
from leaderboard.churn.scatter import Scatter

BOARDS = 160
"""Where errors are shared between boards, at most so many boards of a model are read: more add
next to nothing, and cost the cube of their number."""
_JITTER = 1e-9
"""What keeps a covariance positive under rounding, in units of the walk's own variance."""
_WIDE = 1e5
"""Variance that stands for knowing nothing of a first level."""


@dataclass(frozen=True)
class Trend:
    """Strength of releases over time: normal around `level + slope x day`."""

    level: float
    slope: float
    spread: float
    """Standard deviation; inf where nothing is expected of a release."""


@dataclass(frozen=True)
class Levels:
    """What the boards say of each of M models, before and after expecting it to be like others."""

    mean: Floats
    variance: Floats
    """(M,) generalised least squares alone."""
    expected: Floats
    """(M,) where a model of its day is expected."""
    spread: Floats
    """(M,) variance around that; inf = nothing is expected of it."""
    trend: Trend

    @property
    def kept(self) -> Floats:
        """(M,) weight of a model's own ratings against the expectation."""
        return 1 / (1 + self.variance / self.spread)

    @property
    def posterior(self) -> tuple[Floats, Floats]:
        """(M,) mean and variance with both."""
        kept = self.kept
        return kept * self.mean + (1 - kept) * self.expected, kept * self.variance


def levels(panel: Panel, scatter: Scatter) -> Levels:
    """Level of every model, taken to stay, and what is expected of a release."""
    mean, variance = _own(panel, scatter)
    return Levels(mean, variance, *_expected(panel, mean, variance))


def draw_frozen(levels: Levels, draws: int, rng: np.random.Generator) -> Floats:
    """(D, M) draws of strengths that stay."""
    mean, variance = levels.posterior
    return mean + rng.normal(size=(draws, len(mean))) * np.sqrt(variance)


def at_end(panel: Panel, scatter: Scatter, levels: Levels) -> tuple[Floats, Floats]:
    """(M,) mean and variance of every model's strength on the last board.

    Of strengths that stay it is the posterior level; of strengths that wander the last value of
    the process that `draw_paths` draws whole paths of.
    """
    if not scatter.drift:
        return levels.posterior
    residual = panel.rating - scatter.shift[:, None]
    known = np.isfinite(residual)
    spread = np.minimum(levels.spread, _WIDE)
    mean, variance = np.empty(len(spread)), np.empty(len(spread))
    for i in range(len(spread)):
        rows = thinned(np.flatnonzero(known[:, i]))
        seen = panel.days[rows] - panel.days[rows[0]]
        last = panel.days[-1] - panel.days[rows[0]]
        noise = _covariance(panel, scatter, rows, i) + scatter.lasting[i]
        cross: Floats = spread[i] + scatter.drift * seen
        total: Floats = spread[i] + scatter.drift * np.minimum.outer(seen, seen) + noise
        gain = cast(Floats, np.linalg.solve(total, cross))
        mean[i] = levels.expected[i] + gain @ (residual[rows, i] - levels.expected[i])
        variance[i] = spread[i] + scatter.drift * last - gain @ cross
    return mean, np.maximum(variance, 0.0)


def _own(panel: Panel, scatter: Scatter) -> tuple[Floats, Floats]:
    """(M,) generalised least-squares level of each model on its first board, and its variance."""
    residual = panel.rating - scatter.shift[:, None]
    known = np.isfinite(residual)
    alone = not (scatter.shared > 0).any() and not (scatter.passing > 0).any()
    if alone and not scatter.drift:
        weight = np.where(known, 1 / np.maximum(scatter.independent, 1e-9), 0.0)
        precision = weight.sum(axis=0)
        mean = (weight * np.where(known, residual, 0)).sum(axis=0) / precision
        return mean, 1 / precision + scatter.lasting
    m = len(panel.models)
    mean, variance = np.empty(m), np.empty(m)
    for i in range(m):
        rows = thinned(np.flatnonzero(known[:, i]))
        since = panel.days[rows] - panel.days[rows[0]]
        covariance = _covariance(panel, scatter, rows, i) + scatter.drift * np.minimum.outer(
            since, since
        )
        ones = np.linalg.solve(covariance, np.ones(len(rows)))
        variance[i] = 1 / ones.sum()
        mean[i] = ones @ residual[rows, i] * variance[i]
    return mean, np.maximum(variance, 1e-9) + scatter.lasting


def thinned(rows: Ints) -> Ints:
    """At most `BOARDS` of these rows, evenly, the first and the last among them."""
    if len(rows) <= BOARDS:
        return rows
    return rows[np.linspace(0, len(rows) - 1, BOARDS).round().astype(int)]


def _covariance(panel: Panel, scatter: Scatter, rows: Ints, i: int) -> Floats:
    """Of one model's errors on some boards."""
    shared = scatter.shared[rows, i]
    later = np.maximum.outer(np.arange(len(rows)), np.arange(len(rows)))
    days = panel.days[rows]
    passing = np.sqrt(scatter.passing[rows, i])
    fading = np.exp(-np.abs(np.subtract.outer(days, days)) / scatter.memory)
    alone = scatter.independent[rows, i] + 1e-4 * shared.mean() + 1e-9
    return shared[later] + np.outer(passing, passing) * fading + np.diag(alone)


def _expected(panel: Panel, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Trend]:
    """Where a release of its day is expected, (M,), the variance around that, and the line.

    A straight line through the levels over the day of appearing, and the variance around it by
    maximum likelihood (empirical Bayes). Nothing is expected of the models of the first board,
    which are the survivors of a longer past and long observed. A truncated board shows only the
    survivors of its cut: there nothing is expected of anybody.
    """
    nothing = np.full(len(mean), np.inf)
    young = np.isfinite(panel.appeared[:, 1]) & (panel.appeared[:, 1] > 0)
    if panel.truncated or young.sum() < 8:
        return mean, nothing, Trend(float(mean.mean()), 0.0, float("inf"))
    day = panel.appeared[young].mean(axis=1)
    design = np.stack([np.ones(len(day)), day], axis=1)
    level, noise = mean[young], variance[young]

    def line(spread: float) -> tuple[Floats, float]:
        total = spread + noise
        weighted = design / total[:, None]
        normal, right = weighted.T @ design, weighted.T @ level
        found = cast(Floats, np.linalg.lstsq(normal, right, rcond=None)[0])
        off = level - design @ found
        return found, float((np.log(total) + off**2 / total).sum())

    top = float(np.log(level.var() * 4 + 1e-6))

    def misfit(log: float) -> float:
        return line(float(np.exp(log)))[1]

    best = cast(Any, optimize).minimize_scalar(misfit, bounds=(top - 12, top), method="bounded")
    spread = float(np.exp(float(best.x)))
    (at_start, slope), _ = line(spread)
    expected = mean.copy()
    expected[young] = at_start + slope * day
    nothing[young] = spread
    return expected, nothing, Trend(float(at_start), float(slope), spread**0.5)


def draw_paths(
    panel: Panel,
    scatter: Scatter,
    levels: Levels,
    chosen: Ints,
    draws: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Strengths that wander: (G,) days of a weekly grid and (D, M, G) joint draws on it.

    A Gaussian process per model: a random walk from its first level, observed through the fitted
    scatter. One draw is one path over the whole history.
    """
    grid = np.arange(0.0, panel.days[-1] + 7.0, 7.0)
    residual = panel.rating - scatter.shift[:, None]
    known = np.isfinite(residual)
    spread = np.minimum(levels.spread, _WIDE)
    paths = np.empty((draws, len(chosen), len(grid)))
    for column, i in enumerate(chosen):
        rows = thinned(np.flatnonzero(known[:, i]))
        day = panel.days[rows]
        # The walk starts when the model appears; before that its path is not used.
        origin = day[0] - 1e-9
        seen = np.maximum(day - origin, 0.0)
        wanted = np.maximum(grid - origin, 0.0)
        noise = _covariance(panel, scatter, rows, i) + scatter.lasting[i]
        cross: Floats = spread[i] + scatter.drift * np.minimum.outer(wanted, seen)
        total: Floats = spread[i] + scatter.drift * np.minimum.outer(seen, seen) + noise
        gain = cast(Floats, np.linalg.solve(total, cross.T).T)
        mean: Floats = levels.expected[i] + gain @ (residual[rows, i] - levels.expected[i])
        walk: Floats = spread[i] + scatter.drift * np.minimum.outer(wanted, wanted)
        covariance: Floats = walk - gain @ cross.T
        jitter = _JITTER * float(walk.diagonal().mean()) * np.eye(len(grid))
        root = cast(Floats, np.linalg.cholesky(covariance + jitter))
        paths[:, column] = mean + rng.normal(size=(draws, len(grid))) @ root.T
    return grid, paths
