"""Who was in the top k when, for many draws of the strengths at once (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from leaderboard.churn.panel import Bools, Floats, Ints


@dataclass(frozen=True)
class Stays:
    """Every stay in the top k, over D draws: N stays, in order of draw and model. Days."""

    draw: Ints
    model: Ints
    entered: Floats
    """-inf when it began before the first board at a time that is not known."""
    until: Floats
    """When it ended, or the end of the history."""
    ended: Bools
    withdrawn: Bools
    """Ended because the model itself was taken off the board."""
    draws: int

    @property
    def exits(self) -> float:
        """Mean number of ended stays in a draw."""
        return float(self.ended.sum() / self.draws)

    @property
    def held(self) -> float:
        """Mean days for which places of the top were held, in a draw, since the first board."""
        return float((self.until - np.maximum(self.entered, 0.0)).sum() / self.draws)


def stays(
    strength: Floats, enter: Floats, leave: Floats, days: Floats, start: float, end: float, k: int
) -> Stays:
    """Stays in the top k that follow from strengths and the times of coming and going.

    Args:
        strength: (D, M) for strengths that stay, or (D, M, G) for values on a grid of times.
        enter: (D, M) days; -inf = before the history.
        leave: (D, M) days; inf = still listed.
        days: (G,) times of the grid; empty for strengths that stay.
        start: day of the first board.
        end: day of the last board.
        k: number of places.

    Between two events (a coming, a going, a step of the grid) nothing changes, so membership is
    worked out once per event. Of models that are exactly level the first by number is ahead.
    """
    d, m = enter.shape
    events = np.concatenate(
        [enter, leave, np.broadcast_to(days, (d, len(days))), np.full((d, 1), start)], axis=1
    )
    events = np.sort(np.clip(events, start, end), axis=1)
    parts: list[tuple[NDArray[np.generic], ...]] = []
    chunk = max(1, int(6_000_000 / (events.shape[1] * m)))
    for low in range(0, d, chunk):
        rows = slice(low, low + chunk)
        inside = _inside(strength[rows], enter[rows], leave[rows], events[rows], days, k)
        parts.append(_runs(inside, events[rows], enter[rows], leave[rows], low, start, end))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Stays(*cast(list[Any], columns), draws=d)


def _inside(
    strength: Floats, enter: Floats, leave: Floats, events: Floats, days: Floats, k: int
) -> Bools:
    """(D, E, M): is the model listed and among the k best from this event on?"""
    if strength.ndim == 2:
        order = np.argsort(-strength, axis=1, kind="stable")
        ordered_enter = np.take_along_axis(enter, order, axis=1)
        ordered_leave = np.take_along_axis(leave, order, axis=1)
        listed = (ordered_enter[:, None, :] <= events[:, :, None]) & (
            ordered_leave[:, None, :] > events[:, :, None]
        )
        top = listed & (np.cumsum(listed, axis=2, dtype=np.int16) <= k)
        inside = np.empty_like(top)
        np.put_along_axis(inside, np.broadcast_to(order[:, None, :], top.shape), top, axis=2)
        return inside
    listed = (enter[:, None, :] <= events[:, :, None]) & (leave[:, None, :] > events[:, :, None])
    cell = np.clip(np.searchsorted(days, events, side="right") - 1, 0, len(days) - 1)
    level = np.take_along_axis(strength.transpose(0, 2, 1), cell[:, :, None], axis=1)
    level = np.where(listed, level, -np.inf)
    if level.shape[2] <= k:
        return listed
    bar = -np.partition(-level, k - 1, axis=2)[:, :, k - 1 : k]
    above, at = level > bar, listed & (level == bar)
    room = k - above.sum(axis=2, keepdims=True)
    return above | (at & (np.cumsum(at, axis=2, dtype=np.int16) <= room))


def _runs(
    inside: Bools,
    events: Floats,
    enter: Floats,
    leave: Floats,
    offset: int,
    start: float,
    end: float,
) -> tuple[NDArray[np.generic], ...]:
    d, e, m = inside.shape
    edge = np.zeros((d, m, e + 1), dtype=np.int8)
    edge[:, :, :e] = inside.transpose(0, 2, 1)
    turn = np.diff(edge, axis=2, prepend=0)
    draw, model, first = np.nonzero(turn == 1)
    _, _, last = np.nonzero(turn == -1)
    last_event = np.minimum(last, e - 1)
    entered = events[draw, first]
    own = enter[draw, model]
    # What is there at the first board began when the model came, if that is known.
    entered = np.where(entered <= start, np.minimum(own, entered), entered)
    until = np.where(last == e, end, events[draw, last_event])
    # At the end itself nothing ends any more.
    ended = (last < e) & (until < end)
    until = np.where(ended, until, end)
    withdrawn = ended & (leave[draw, model] <= until)
    keep = until > entered
    return tuple(
        column[keep] for column in (draw + offset, model, entered, until, ended, withdrawn)
    )
