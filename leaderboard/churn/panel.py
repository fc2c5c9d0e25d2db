"""The distinct boards of one arena as arrays: what the strength model reads (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import cast

import numpy as np
from numpy.typing import NDArray

from leaderboard.snapshots import NORMAL_95, Entry, Snapshot

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

_SPREAD = 100.0
"""Standard deviation of the ratings of a date, in standard units."""
_USUAL = 0.8
"""Share of the boards that must have one length for it to be the publisher's cut."""
_EXACT = 0.01
"""Variance of a rating without any, in units of the others' median."""


@dataclass(frozen=True)
class Panel:
    """T distinct boards of M models. Times are days since the first board."""

    models: tuple[str, ...]
    start: datetime
    days: Floats
    """(T,), rising; the first is 0."""
    rating: Floats
    """(T, M), the published score; NaN where a model is not listed with a rank."""
    variance: Floats | None
    """(T, M), squared standard error from the published 95 % interval; `None` when fewer than
    nine in ten rows have one."""
    appeared: Floats
    """(M, 2): the model came onto the board after the first and not after the second of these
    days. Both are -inf for one that was there on the first board and has no release date, and
    both are the release date where it is known to lie between the two boards."""
    left: Floats
    """(M, 2): likewise for its leaving; both inf for one that is on the last board."""
    truncated: bool
    """The board shows a fixed number of places only, so that being absent from it may mean no
    more than a low place."""

    unit: float = 1.0
    """Points per unit of `rating`."""

    def standard(self) -> Panel:
        """The same boards with ratings in units that spread like those of a usual board.

        Scores of some sources run from 0 to 1, of others into the thousands. What follows from a
        board must not depend on that, so the strength model reads every board on one scale.
        """
        middle = np.nanmean(self.rating, axis=1, keepdims=True)
        spread = float(np.nanstd(self.rating - middle))
        unit = spread / _SPREAD if spread > 0 else 1.0
        return replace(
            self,
            rating=(self.rating - np.nanmean(self.rating)) / unit,
            variance=None if self.variance is None else self.variance / unit**2,
            unit=self.unit * unit,
        )

    def only(self, chosen: Ints) -> Panel:
        """The same boards with some of the models."""
        return replace(
            self,
            models=tuple(self.models[i] for i in cast(list[int], chosen.tolist())),
            rating=self.rating[:, chosen],
            variance=None if self.variance is None else self.variance[:, chosen],
            appeared=self.appeared[chosen],
            left=self.left[chosen],
        )


def panel(distinct: Sequence[Snapshot], own: bool = False) -> Panel:
    """Arrays of the distinct boards of one arena, in order of time.

    `own` boards show a model from when it was registered; there a model counts as come on its
    release, which must be known.

    A row without a rank or without a score says nothing about strength and is left out. A model
    counts as listed from its first to its last board: a hole between is the publisher's.

    Raises:
        ValueError: no row has both.
    """
    start = distinct[0].published_at
    days = np.array([_days(board.published_at, start) for board in distinct])
    models = tuple(sorted({e.model for board in distinct for e in board.entries if _usable(e)}))
    if not models:
        raise ValueError(f"{distinct[0].arena}: no line has both a rank and a score")
    column = {model: i for i, model in enumerate(models)}
    rating = np.full((len(days), len(models)), np.nan)
    variance = np.full_like(rating, np.nan)
    released = np.full(len(models), np.nan)
    for t, board in enumerate(distinct):
        for entry in board.entries:
            if not _usable(entry):
                continue
            i = column[entry.model]
            rating[t, i] = entry.score
            if entry.score_low is not None and entry.score_high is not None:
                variance[t, i] = ((entry.score_high - entry.score_low) / 2 / NORMAL_95) ** 2
            if entry.released is not None:
                at = datetime.combine(entry.released, time(), UTC)
                released[i] = _days(at, start)
    known = np.isfinite(rating)
    # A model that defines the scale has no width; it is exact, as far as weights can say so.
    exact = variance == 0
    variance = np.where(variance > 0, variance, np.nan)
    if exact.any() and np.isfinite(variance).any():
        variance[exact] = _EXACT * np.nanmedian(variance)
    published = bool(np.isfinite(variance).sum() >= 0.9 * known.sum())
    return Panel(
        models,
        start,
        days,
        rating,
        _filled(variance, known) if published else None,
        *_lives(days, known, released, own),
        truncated=_truncated(known),
    )


def _usable(entry: Entry) -> bool:
    return entry.rank is not None and entry.score is not None


def _days(at: datetime, start: datetime) -> float:
    return (at - start).total_seconds() / 86400


def _filled(variance: Floats, known: Bools) -> Floats:
    """Rows whose interval is missing get the median one of their model, else of all."""
    filled = variance.copy()
    overall = float(np.nanmedian(variance))
    for i in range(variance.shape[1]):
        own = variance[:, i][np.isfinite(variance[:, i])]
        hole = known[:, i] & ~np.isfinite(variance[:, i])
        filled[hole, i] = np.median(own) if len(own) else overall
    return filled


def _lives(days: Floats, known: Bools, released: Floats, own: bool) -> tuple[Floats, Floats]:
    first = known.argmax(axis=0)
    last = len(days) - 1 - known[::-1].argmax(axis=0)
    before = np.concatenate([[-np.inf], days])
    after = np.concatenate([days, [np.inf]])
    appeared = np.stack([before[first], days[first]], axis=1)
    appeared[first == 0] = -np.inf
    left = np.stack([after[last], after[last + 1]], axis=1)
    left[last == len(days) - 1] = np.inf
    # A release between the two boards says when; an older one only that the board was late.
    pinned = np.isfinite(released) & (released <= days[first])
    if not own:
        pinned &= released > before[first]
    appeared[pinned] = released[pinned, None]
    return appeared, left


def _truncated(known: Bools) -> bool:
    """Nearly all boards have one length, and more models than that were there in all."""
    lengths = known.sum(axis=1)
    usual = int(np.median(lengths))
    return bool((lengths == usual).mean() >= _USUAL and known.any(axis=0).sum() > usual)
