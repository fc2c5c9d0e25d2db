"""How published ratings scatter around strengths: noise, shared votes, drift (pure).

    rating[t, i]  =  strength[i](t)  +  shift[t]  +  error[t, i]

`shift` is the publisher's re-centring, the same for all models of a date. Which part of the rest
is noise, and of what kind, is read off the squared differences of one model's rating on two
dates (a variogram). Each kind of error predicts its own shape for them::

    independent   w[s] + w[t]              every board has an error of its own
    shared        w[s] - w[t]   (s first)  votes add up, so the later error is part of the earlier
    drift         days between             the strength itself wanders

with w the published squared standard error, or, where a board publishes none, a constant and one
over the number of boards the model has been on. The weights of the shapes are fitted by least
squares, each not below zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import optimize
from scipy.stats import t as student

from leaderboard.churn.panel import Floats, Ints, Panel

LAGS = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)
"""Distances in boards at which a model's ratings are compared."""
LEVEL = 0.01
"""Of the drift test."""
_FALLS = 0.005
"""Widths that fall by less than this share are taken for constant: they are but rounded."""
_CAP = 25.0
"""A squared difference counts for at most so many times what is expected of it: a model that was
exchanged under its name is one outlier, not a law."""


@dataclass(frozen=True)
class Scatter:
    """Fitted law of the errors of one arena."""

    shift: Floats
    """(T,), mean 0."""
    independent: Floats
    """(T, M), variance of the part that every board draws anew."""
    shared: Floats
    """(T, M), variance of the part that later boards keep; falls as votes add up."""
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


def fit_scatter(panel: Panel) -> Scatter:
    """Fit the law of the errors.

    Drift is tested on differences freed of `shift`, with the spread of the estimate taken from
    leaving out one model at a time (jackknife), at the level `LEVEL`, one-sided. Where it is not
    significant the strengths are taken to stay, and the other parts are fitted without it.
    """
    known = np.isfinite(panel.rating)
    age = np.where(known, np.cumsum(known, axis=0), 1)
    raw = [panel.variance] if panel.variance is not None else [known * 1.0, 1.0 / age]
    shapes = np.stack([np.where(known, shape, 0.0) for shape in raw])
    # Before anything is known: every board draws its errors anew, all alike.
    weights, drift, p_value = np.array([1.0, 0.0] * len(shapes)), 0.0, None
    shift = shifts(panel.rating, known * 1.0)
    for _ in range(3):
        squares, parts, model = _differences(panel, shift, shapes)
        if len(squares) == 0:
            break
        weights, drift, p_value = _fit(squares, parts, model)
        independent, shared = _parts(weights, shapes)
        if shared.sum() > independent.sum():
            # What boards share drops out from one to the next, and little is left.
            shift = shifts_by_steps(panel, independent, shared, drift)
        else:
            shift = shifts(panel.rating, np.maximum(independent + shared, 1e-9))
    independent, shared = _parts(weights, shapes)
    lasting = np.zeros(len(panel.models))
    if panel.variance is not None:
        rest = max(0.0, 1.0 - float(weights.sum()))
        lasting = rest * np.nanmin(np.where(known, panel.variance, np.nan), axis=0)
    return Scatter(
        shift,
        independent,
        shared,
        lasting,
        drift,
        p_value,
        panel.variance is not None,
        _chi2(panel, shift),
    )


def _parts(weights: Floats, shapes: Floats) -> tuple[Floats, Floats]:
    """(T, M) independent and shared variance under fitted weights."""
    return np.tensordot(weights[::2], shapes, axes=1), np.tensordot(weights[1::2], shapes, axes=1)


def shifts(rating: Floats, variance: Floats) -> Floats:
    """(T,) shift of each date, mean 0: the dates' part of a two-way fit of models and dates.

    Two dates are tied together only through the models that stand on both.
    """
    known = np.isfinite(rating)
    weight = np.where(known, 1.0 / np.maximum(variance, 1e-9), 0.0)
    value = np.where(known, rating, 0.0)
    by_model = weight.sum(axis=0)
    share = weight / np.maximum(by_model, 1e-300)
    matrix = np.diag(weight.sum(axis=1)) - weight @ share.T
    right = (weight * value).sum(axis=1) - weight @ (share * value).sum(axis=0)
    # The level is free: one more equation says that the shifts have mean 0.
    matrix += matrix.trace() / len(matrix) ** 2
    if len(matrix) < 2:
        return np.zeros(1)
    return cast(Floats, np.linalg.lstsq(matrix, right, rcond=1e-12)[0])


def shifts_by_steps(panel: Panel, independent: Floats, shared: Floats, drift: float) -> Floats:
    """(T,) shift of each date, mean 0, added up from board to board.

    Each step is the weighted mean over the models that stand on both boards; one without such
    models is taken for none.
    """
    change = np.diff(panel.rating, axis=0)
    variance = independent[1:] + independent[:-1] + np.maximum(shared[:-1] - shared[1:], 0.0)
    variance += drift * np.diff(panel.days)[:, None]
    usable = np.isfinite(change)
    floor = 1e-4 * float((independent + shared)[np.isfinite(panel.rating)].mean()) + 1e-9
    weight = np.where(usable, 1 / np.maximum(variance, floor), 0.0)
    step = (weight * np.where(usable, change, 0.0)).sum(axis=1)
    step /= np.maximum(weight.sum(axis=1), 1e-300)
    total = np.concatenate([[0.0], np.cumsum(step)])
    return total - total.mean()


def _differences(panel: Panel, shift: Floats, shapes: Floats) -> tuple[Floats, Floats, Ints]:
    """Squared differences (N,), what each shape predicts (N, 2S + 1), and whose they are (N,)."""
    residual = panel.rating - shift[:, None]
    squares: list[Floats] = []
    parts: list[Floats] = []
    models: list[Ints] = []
    known = np.isfinite(residual)
    listed = known.sum(axis=1)
    for lag in LAGS:
        if lag >= len(residual):
            break
        both = known[:-lag] & known[lag:]
        early, late = np.nonzero(both)[0], np.nonzero(both)[0] + lag
        who = np.nonzero(both)[1]
        # The shifts were fitted to these very ratings and took a little of their scatter along.
        fewer = 1 - 1 / np.minimum(listed[early], listed[late])
        keep = fewer > 0
        early, late, who, fewer = early[keep], late[keep], who[keep], fewer[keep]
        squares.append((residual[late, who] - residual[early, who]) ** 2 / fewer)
        columns: list[Floats] = []
        for shape in shapes:
            w_early, w_late = shape[early, who], shape[late, who]
            fallen = np.maximum(w_early - w_late, 0.0)
            columns += [w_early + w_late, fallen]
        columns.append(panel.days[late] - panel.days[early])
        parts.append(np.stack(columns, axis=1))
        models.append(who)
    if not squares:
        return np.zeros(0), np.zeros((0, 2 * len(shapes) + 1)), np.zeros(0, dtype=np.intp)
    every = np.concatenate(parts)
    for own in range(0, 2 * len(shapes), 2):
        # Under widths that hardly fall, what is shared cancels: there is nothing to be told apart.
        if every[:, own + 1].sum() < _FALLS * every[:, own].sum():
            every[:, own + 1] = 0.0
    return np.concatenate(squares), every, np.concatenate(models)


def _fit(squares: Floats, parts: Floats, model: Ints) -> tuple[Floats, float, float | None]:
    """Weights of the shapes without drift, then drift (0 unless significant) and its p-value."""
    without, _ = _weighted(squares, parts[:, :-1])
    full, scale = _weighted(squares, parts)
    p_value = _drift_p(np.minimum(squares, _CAP * scale), parts, model, scale)
    if p_value is not None and p_value < LEVEL and full[-1] > 0:
        return full[:-1], float(full[-1]), p_value
    return without, 0.0, p_value


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


def _drift_p(squares: Floats, parts: Floats, model: Ints, scale: Floats) -> float | None:
    """One-sided p-value of no drift; the estimate is refitted without each model in turn."""
    count = int(model.max()) + 1
    scaled = parts / scale[:, None]
    size = np.linalg.norm(scaled, axis=0)
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
    whole = float(np.linalg.solve(all_gram + small, all_right)[-1])
    left_out = np.linalg.solve(
        all_gram - gram[present] + small, (all_right - right[present])[:, :, None]
    )
    less = cast(Floats, left_out[:, -1, 0])
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
