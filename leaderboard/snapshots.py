"""The tidy snapshot: an outside board as seen at one time, and the checks on one (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import overload

BoardKey = tuple[str, str, datetime]
"""Source, arena and time of one board."""
NORMAL_95 = 1.959964
"""Half-widths of a published 95 % interval per standard error, of a normal law."""
SIMULATED = "simulated"
"""`Entry.kind` of a model that stands in for one of the market."""
MOST = 2**31 - 1
"""The largest rank and the most votes that are believed."""
FARTHEST = 1e12
"""No score that is believed is farther from 0; statistics square and multiply them."""


@dataclass(frozen=True)
class Entry:
    """One line of a board, as published. `None` = the source does not publish it."""

    rank: int | None
    """From 1; `None` = listed without a place, which no score replaces."""
    model: str
    """As the source calls it."""
    organization: str | None = None
    score: float | None = None
    """On the source's scale, which it may re-centre from one date to the next."""
    score_low: float | None = None
    """The source's own interval around the score."""
    score_high: float | None = None
    votes: int | None = None
    licence: str | None = None
    """Of the model, in the source's words."""
    price_usd: float | None = None
    """As published, so it may be 0 or negative: `known_price_usd` is the one to reckon with."""
    price_unit: str | None = None
    """What the price buys, in the source's words."""
    released: date | None = None
    model_id: str | None = None
    """The source's stable id, where it has one."""
    kind: str | None = None
    """The source's own mark on the line (`web:not_current`)."""
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    """What the source publishes beside the score, by its own names: parts that it is made of."""

    @property
    def known_price_usd(self) -> float | None:
        """The price, unless it is blank, zero or negative: those are unknown, never free."""
        return self.price_usd if self.price_usd is not None and self.price_usd > 0 else None

    @property
    def simulated(self) -> bool:
        """True for a model that stands in for one of the market."""
        return self.kind == SIMULATED


@dataclass(frozen=True)
class Snapshot:
    """One board of one source at one time: ranked first in rank order, then the unranked."""

    source: str
    arena: str
    published_at: datetime
    entries: tuple[Entry, ...]

    @property
    def key(self) -> BoardKey:
        """What no two boards share."""
        return self.source, self.arena, self.published_at


@dataclass(frozen=True)
class Finding:
    """What a check found in a history: counted, never silent."""

    check: str
    """Stable kebab-case name: `repeated-boards`, `dropped-votes`, …"""
    count: int
    """Of what the check counts; at least 1, since a check that finds nothing says nothing."""
    detail: str
    """One sentence: what was counted, and what follows from it."""
    examples: tuple[str, ...] = ()
    """A few of them, in words."""


@dataclass(frozen=True)
class Feed(Sequence[Snapshot]):
    """The boards of a file by source, arena and time, and what was noticed on reading it."""

    snapshots: tuple[Snapshot, ...]
    findings: tuple[Finding, ...] = ()
    rows: Mapping[tuple[BoardKey, str], int] = field(
        default_factory=dict[tuple[BoardKey, str], int], compare=False
    )
    """Board and model -> the row of the file, for errors that only the store can find."""

    @overload
    def __getitem__(self, index: int) -> Snapshot: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Snapshot, ...]: ...
    def __getitem__(self, index: int | slice) -> Snapshot | tuple[Snapshot, ...]:
        return self.snapshots[index]

    def __len__(self) -> int:
        return len(self.snapshots)

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(self.snapshots)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one entry; `entry` counts from 0."""

    entry: int
    column: str
    """A field of `Entry`, or `published_at`."""
    message: str


def place(entry: Entry) -> tuple[bool, float, str]:
    """Key that sorts a board: by rank, then the unranked by falling score, then by name."""
    if entry.rank is not None:
        return False, float(entry.rank), entry.model
    return True, math.inf if entry.score is None else -entry.score, entry.model


def ordered(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in the order of a board, whatever order they came in."""
    return tuple(sorted(entries, key=place))


def first_fault(snapshot: Snapshot, now: datetime) -> Fault | None:
    """The first reason not to store a snapshot, or `None`.

    Ranks count from 1; no model stands twice; numbers are finite and within `FARTHEST`, votes
    are not negative, neither votes nor ranks are above `MOST`, an interval is not upside down; the
    time is aware and not after `now`. Equal ranks are ties and gaps are as published; an empty
    board is no fault here (`leaderboard.history.series` refuses it).
    """
    if snapshot.published_at.tzinfo is None:
        return Fault(0, "published_at", "the time has no zone")
    if snapshot.published_at > now:
        return Fault(0, "published_at", f"{snapshot.published_at:%Y-%m-%d} is in the future")
    seen: set[str] = set()
    for number, entry in enumerate(snapshot.entries):
        fault = _entry_fault(number, entry)
        if fault is not None:
            return fault
        if entry.model in seen:
            return Fault(number, "model", f"{entry.model!r} is on the board twice")
        seen.add(entry.model)
    return None


def gap_fault(snapshot: Snapshot) -> Fault | None:
    """The first entry whose rank is not the next of 1, 2, 3, … (for sources that promise it)."""
    for number, entry in enumerate(snapshot.entries):
        if entry.rank != number + 1:
            return Fault(number, "rank", f"rank {entry.rank} where {number + 1} is due")
    return None


def _entry_fault(number: int, entry: Entry) -> Fault | None:
    if entry.rank is not None and entry.rank < 1:
        return Fault(number, "rank", f"rank {entry.rank}: ranks count from 1")
    if entry.rank is not None and entry.rank > MOST:
        return Fault(number, "rank", f"rank {entry.rank}: no board is so long")
    if not entry.model.strip():
        return Fault(number, "model", "the model has no name")
    for column in ("score", "score_low", "score_high", "price_usd"):
        value: float | None = getattr(entry, column)
        if value is not None and not math.isfinite(value):
            return Fault(number, column, f"{value} is not a finite number")
        if value is not None and abs(value) > FARTHEST:
            return Fault(number, column, f"{value} is on no scale of scores or prices")
    for name, value in entry.scores.items():
        if not math.isfinite(value) or abs(value) > FARTHEST:
            return Fault(number, "scores", f"{name} is {value}, which is no score")
    low, high = entry.score_low, entry.score_high
    if low is not None and high is not None and low > high:
        return Fault(number, "score_low", f"{low} is above its upper end {high}")
    if entry.votes is not None and entry.votes < 0:
        return Fault(number, "votes", f"{entry.votes} votes: fewer than none")
    if entry.votes is not None and entry.votes > MOST:
        return Fault(number, "votes", f"{entry.votes} votes: more than anybody has cast")
    return None
