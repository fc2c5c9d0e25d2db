"""How published ratings scatter around strengths: noise, shared votes, drift (pure).

    rating[t, i]  =  strength[i](t)  +  shift[t]  +  error[t, i]

`shift` is the publisher's re-centring, the same for all models of a date. Which part of the rest
is noise, and of what kind, is read off the squared differences of one model's rating on two
dates s and t (a variogram). Each kind of error predicts its own shape for them::

    independent   w[s] + w[t]                             every board has an error of its own
    shared        w[s] - w[t]                             votes add up: the later error is part
                                                          of the earlier one
    passing       w[s] + w[t] - 2 sqrt(w[s] w[t]) rho     errors that fade with the days between
    drift         days between                            the strength itself wanders

with w the published squared standard error and a constant beside it (ratings are rounded), or,
where a board publishes no interval, a constant and one over the number of boards the model has
been on. The weights of the shapes are fitted by least squares, each not below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import optimize
from scipy.stats import t as student

from leaderboard.churn.panel import Bools, Floats, Ints, Panel
from leaderboard.churn.shifts import shifts, shifts_by_steps

LAGS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)
"""Distances in boards at which a model's ratings are compared."""
MEMORIES = tuple(1.26**step for step in range(13))
"""Memories of passing errors that are tried, in typical distances of two boards: 1 to 16. Closely
set, since what a wrong one leaves over looks like drift."""
LEVEL = 0.01
"""Of the tests for drift and for passing errors."""
_PAIRS = 60_000
"""About so many differences are read at most, those of every second, third … date: more add next
to nothing."""
_FALLS = 0.005
"""Widths that fall by less than this share are taken for constant: they are but rounded."""
_CAP = 25.0
"""A squared difference counts for at most so many times what is expected of it: a model that was
exchanged under its name is one outlier, not a law."""


@dataclass(frozen=True)
class Scatter:
    """Fitted law of the errors of one arena. Variances are (T, M), in squared points."""

    shift: Floats
    """(T,), mean 0."""
    independent: Floats
    """The part that every board draws anew."""
    shared: Floats
    """The part that later boards keep; it falls as votes add up."""
    passing: Floats
    """The part that fades: its correlation over d days is exp(-d / memory)."""
    memory: float
    """Days; of no meaning where nothing is passing."""
    lasting: Floats
    """(M,), variance published but never seen to move: an error that no later board corrects."""
    drift: float
    """Variance that a strength gains per day; 0 where it is taken to stay."""
    drift_p: float | None
    """p-value of strengths that stay against strengths that wander; `None` = too few models."""
    published: bool
    """Are the intervals the publisher's? Else variances come from the models' own residuals."""
    chi2_per_df: float | None
    """Scatter around models that stay, in units of the published variance; 1 is noise as told."""


@dataclass(frozen=True)
class _Shapes:
    """What each kind of error looks like on a board, up to its weight. (T, M) each."""

    own: Floats
    second: Floats
    shared: Floats


@dataclass(frozen=True)
class _Pairs:
    """N squared differences of one model's rating on two dates."""

    squares: Floats
    model: Ints
    days: Floats
    columns: Floats
    """(N, 5): what is predicted by independent, its second shape, shared, passing, drift; the
    passing one without its correlation."""
    product: Floats
    """(N,): 2 sqrt(w[s] w[t])."""

    def with_memory(self, memory: float) -> Floats:
        """(N, 5) predictions with passing errors of that memory."""
        columns = self.columns.copy()
        columns[:, 3] -= self.product * np.exp(-self.days / memory)
        return columns


@dataclass(frozen=True)
class _Law:
    weights: Floats
    """(4,): independent, its second shape, shared, passing."""
    memory: float
    drift: float
    drift_p: float | None


def fit_scatter(panel: Panel) -> Scatter:
    """Fit the law of the errors.

    Drift is tested on differences freed of `shift` and beside every other kind of error, with the
    spread of the estimate taken from leaving out one model at a time (jackknife), at the level
    `LEVEL`, one-sided. Where it is not significant the strengths are taken to stay, and the other
    parts are fitted without it. Passing errors are admitted by the same test.
    """
    known = np.isfinite(panel.rating)
    shapes = _shapes(panel, known)
    # Before anything is known: every board draws its errors anew, all alike.
    law = _Law(np.array([1.0, 0.0, 0.0, 0.0]), 1.0, 0.0, None)
    shift = shifts(panel.rating, known * 1.0)
    for last in (False, False, True):
        pairs = _pairs(panel, shift, shapes)
        if len(pairs.squares) == 0:
            break
        law = _fit(pairs, _typical_gap(panel), passing=last)
        if not last:
            shift = _shift(panel, shapes, law)
    weights = law.weights
    independent = weights[0] * shapes.own + weights[1] * shapes.second
    shared, passing = weights[2] * shapes.shared, weights[3] * shapes.own
    lasting = np.zeros(len(panel.models))
    if panel.variance is not None:
        published = np.where(known, panel.variance, 0.0)
        found = float((independent + shared + passing).sum() / published.sum())
        least = np.nanmin(np.where(known, panel.variance, np.nan), axis=0)
        lasting = max(0.0, 1.0 - found) * least
    return Scatter(
        shift=shift,
        independent=independent,
        shared=shared,
        passing=passing,
        memory=law.memory,
        lasting=lasting,
        drift=law.drift,
        drift_p=law.drift_p,
        published=panel.variance is not None,
        chi2_per_df=_chi2(panel, shift),
    )


def _shapes(panel: Panel, known: Bools) -> _Shapes:
    ones: Floats = known.astype(np.float64)
    if panel.variance is None:
        age: Floats = np.where(known, 1.0 / np.maximum(np.cumsum(known, axis=0), 1), 0.0)
        return _Shapes(ones, age, age)
    own = np.where(known, panel.variance, 0.0)
    falling = np.zeros_like(own)
    for i in range(own.shape[1]):
        rows = np.flatnonzero(known[:, i])
        # Votes only add up. Printed widths are rounded, and rise where votes were dropped.
        fit: Any = optimize.isotonic_regression(own[rows, i], increasing=False)
        falling[rows, i] = fit.x
    return _Shapes(own, ones, falling)


def _typical_gap(panel: Panel) -> float:
    return float(np.median(np.diff(panel.days)))


def _shift(panel: Panel, shapes: _Shapes, law: _Law) -> Floats:
    independent = law.weights[0] * shapes.own + law.weights[1] * shapes.second
    shared = law.weights[2] * shapes.shared
    if shared.sum() <= independent.sum():
        return shifts(panel.rating, independent + shared)
    known = np.isfinite(panel.rating)
    step = independent[1:] + independent[:-1] + np.maximum(shared[:-1] - shared[1:], 0.0)
    step += law.drift * np.diff(panel.days)[:, None]
    return shifts_by_steps(
        panel.rating, np.maximum(step, 1e-4 * float((independent + shared)[known].mean()))
    )


def _pairs(panel: Panel, shift: Floats, shapes: _Shapes) -> _Pairs:
    residual = panel.rating - shift[:, None]
    known = np.isfinite(residual)
    listed = known.sum(axis=1)
    lags = [lag for lag in LAGS if lag < len(residual)]
    spots = [np.nonzero(known[:-lag] & known[lag:]) for lag in lags]
    early = np.concatenate([np.zeros(0, dtype=np.intp), *(row for row, _ in spots)])
    who = np.concatenate([np.zeros(0, dtype=np.intp), *(column for _, column in spots)])
    late = early + np.repeat(np.array(lags, dtype=np.intp), [len(row) for row, _ in spots])
    # The shifts were fitted to these very ratings and took a little of their scatter along.
    fewer = 1 - 1 / np.maximum(np.minimum(listed[early], listed[late]), 1)
    # Whole dates are passed over, so that every model keeps its say, in whatever order they come.
    use = np.flatnonzero((fewer > 0) & (early % max(1, -(-len(early) // _PAIRS)) == 0))
    early, late, who, fewer = early[use], late[use], who[use], fewer[use]

    def both(shape: Floats) -> tuple[Floats, Floats]:
        return shape[early, who], shape[late, who]

    own, second, shared = both(shapes.own), both(shapes.second), both(shapes.shared)
    fallen = np.maximum(shared[0] - shared[1], 0.0)
    if fallen.sum() < _FALLS * (shared[0] + shared[1]).sum():
        # Under widths that hardly fall, what is shared cancels: there is nothing to be told apart.
        fallen = np.zeros_like(fallen)
    days = panel.days[late] - panel.days[early]
    sums = [own[0] + own[1], second[0] + second[1], fallen, own[0] + own[1], days]
    return _Pairs(
        (residual[late, who] - residual[early, who]) ** 2 / fewer,
        who,
        days,
        np.stack(sums, axis=1),
        2 * np.sqrt(own[0] * own[1]),
    )


def _fit(pairs: _Pairs, gap: float, passing: bool) -> _Law:
    """Weights of the shapes; drift and passing errors only where they are significant."""
    memory = gap
    columns = pairs.columns.copy()
    columns[:, 3] = 0.0
    if passing:
        fits = {m * gap: _weighted(pairs.squares, pairs.with_memory(m * gap)) for m in MEMORIES}
        memory = min(fits, key=lambda m: _deviance(pairs.squares, fits[m][1]))
        weights, scale = fits[memory]
        tried = pairs.with_memory(memory)
        capped = np.minimum(pairs.squares, _CAP * scale)
        p = _p_value(capped, tried, pairs.model, scale, column=3)
        if p is not None and p < LEVEL and weights[3] > 0:
            columns = tried
    full, scale = _weighted(pairs.squares, columns)
    capped = np.minimum(pairs.squares, _CAP * scale)
    drift_p = _p_value(capped, columns, pairs.model, scale, column=4)
    if drift_p is not None and drift_p < LEVEL and full[4] > 0:
        return _Law(full[:4], memory, float(full[4]), drift_p)
    without = columns.copy()
    without[:, 4] = 0.0
    return _Law(_weighted(pairs.squares, without)[0][:4], memory, 0.0, drift_p)


def _deviance(squares: Floats, scale: Floats) -> float:
    """Of squares that vary as their own mean squared (a gamma law)."""
    return float((np.minimum(squares / scale, _CAP) + np.log(scale)).sum())


def _weighted(squares: Floats, parts: Floats) -> tuple[Floats, Floats]:
    """Weights >= 0 and what they predict; a squared difference varies as its own mean squared."""
    scale = np.full(len(squares), max(float(squares.mean()), 1e-12))
    weights = np.zeros(parts.shape[1])
    for _ in range(6):
        capped = np.minimum(squares, _CAP * scale)
        scaled = parts / scale[:, None]
        size = np.linalg.norm(scaled, axis=0)
        # A shape that is nowhere to be seen has no weight.
        there = np.flatnonzero(size > 0)
        scaled: Floats = scaled[:, there] / size[there]
        root = cast(Floats, np.linalg.cholesky(scaled.T @ scaled + 1e-10 * np.eye(len(there))))
        right = cast(Floats, np.linalg.solve(root, scaled.T @ (capped / scale)))
        weights = np.zeros(parts.shape[1])
        weights[there] = _at_least_zero(root.T, right) / size[there]
        scale = np.maximum(parts @ weights, 1e-3 * max(float(squares.mean()), 1e-12))
    return weights, scale


def _at_least_zero(matrix: Floats, right: Floats) -> Floats:
    """Least squares with no coefficient below zero."""
    found: Floats = cast(Any, optimize).nnls(matrix, right)[0]
    return found


def _p_value(
    squares: Floats, parts: Floats, model: Ints, scale: Floats, column: int
) -> float | None:
    """One-sided p-value of weight 0 for one shape; it is refitted without each model in turn."""
    count = int(model.max()) + 1
    scaled = parts / scale[:, None]
    size = np.linalg.norm(scaled, axis=0)
    if size[column] <= 0:
        return None
    at = int((size[:column] > 0).sum())
    scaled = scaled[:, size > 0] / size[size > 0]
    target = squares / scale
    p = scaled.shape[1]
    gram = np.zeros((count, p, p))
    right = np.zeros((count, p))
    for a in range(p):
        right[:, a] = np.bincount(model, scaled[:, a] * target, count)
        for b in range(p):
            gram[:, a, b] = np.bincount(model, scaled[:, a] * scaled[:, b], count)
    present = np.flatnonzero(np.bincount(model, minlength=count))
    if len(present) < 5:
        return None
    small: Floats = 1e-10 * np.eye(p)
    all_gram = cast(Floats, gram.sum(axis=0))
    all_right = cast(Floats, right.sum(axis=0))
    whole = float(np.linalg.solve(all_gram + small, all_right)[at])
    left_out = np.linalg.solve(
        all_gram - gram[present] + small, (all_right - right[present])[:, :, None]
    )
    less = cast(Floats, left_out[:, at, 0])
    n = len(present)
    spread = np.sqrt((n - 1) / n * ((less - less.mean()) ** 2).sum())
    if spread <= 0:
        return None
    return float(student.sf(whole / spread, n - 1))


def _chi2(panel: Panel, shift: Floats) -> float | None:
    """Weighted squared residuals around one level per model, per degree of freedom."""
    if panel.variance is None:
        return None
    residual = panel.rating - shift[:, None]
    known = np.isfinite(residual)
    weight = np.where(known, 1 / np.maximum(panel.variance, 1e-9), 0.0)
    level = (weight * np.where(known, residual, 0)).sum(axis=0) / weight.sum(axis=0)
    squares = weight * np.where(known, residual - level, 0) ** 2
    degrees = int(known.sum()) - known.shape[1] - (known.shape[0] - 1)
    return float(squares.sum() / degrees) if degrees > 0 else None
