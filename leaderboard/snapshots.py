"""The tidy snapshot: an outside board as seen at one time, and the checks on one (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Entry:
    """One line of a board."""

    rank: int
    model: str
    """As the source calls it."""
    organization: str | None = None
    score: float | None = None
    """On the source's scale, which it may re-centre from one date to the next."""


@dataclass(frozen=True)
class Snapshot:
    """One board of one source at one time, from rank 1 down, possibly cut off."""

    source: str
    arena: str
    published_at: datetime
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong with one entry; `entry` counts from 0."""

    entry: int
    column: str
    message: str


def first_fault(snapshot: Snapshot, now: datetime) -> Fault | None:
    """The first reason not to store a snapshot, or `None`.

    Ranks run 1, 2, 3, … without a gap; no model stands twice; scores are finite; the time is
    aware and not after `now`; a board holds something (feeds are known to answer "success" with
    nothing in it, and an empty board would end every spell).
    """
    if not snapshot.entries:
        return Fault(0, "rank", "the board is empty")
    if snapshot.published_at.tzinfo is None:
        return Fault(0, "published_on", "the time has no zone")
    if snapshot.published_at > now:
        return Fault(0, "published_on", f"{snapshot.published_at:%Y-%m-%d} is in the future")
    seen: set[str] = set()
    for number, entry in enumerate(snapshot.entries):
        if entry.rank != number + 1:
            return Fault(number, "rank", f"rank {entry.rank} where {number + 1} is due")
        if not entry.model.strip():
            return Fault(number, "model", "the model has no name")
        if entry.model in seen:
            return Fault(number, "model", f"{entry.model!r} is on the board twice")
        if entry.score is not None and not math.isfinite(entry.score):
            return Fault(number, "score", f"{entry.score} is not a finite number")
        seen.add(entry.model)
    return None
