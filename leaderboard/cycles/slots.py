"""Which slot of a schedule a time lies in, and what is to be done in it (pure).

A slot is a stretch of UTC between two multiples of an interval, counted from a Monday at midnight:
`1d` gives days, `7d` weeks that begin on Monday. A slot that was done is never done again, whatever
the clock says; one that was begun and not finished goes on. Of slots that went by, the present one
is the one catch-up, and the rest are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from evals.errors import InputError

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
"""From where slots are counted."""
LEAST = timedelta(minutes=5)
MOST = timedelta(days=366)
JITTER = timedelta(minutes=1)
"""By which clocks are set back every day without anybody having to know."""
_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


@dataclass(frozen=True)
class Slot:
    """One stretch of a schedule."""

    start: datetime
    every: timedelta

    @property
    def end(self) -> datetime:
        """When the next one begins."""
        return self.start + self.every


@dataclass(frozen=True)
class Missed:
    """Slots that went by."""

    first: datetime
    last: datetime
    """Starts of the first and the last of them."""
    count: int


@dataclass(frozen=True)
class Past:
    """What is known of earlier slots; starts."""

    done: frozenset[datetime] = frozenset()
    begun: frozenset[datetime] = frozenset()
    """Done or not."""
    missed: datetime | None = None
    """The last that was told as missed."""
    newest: datetime | None = None
    """The latest time that was written down."""


@dataclass(frozen=True)
class Turn:
    """What is to be done at a time."""

    slot: Slot
    run: bool
    continued: bool
    """The slot was begun before and not finished."""
    missed: Missed | None
    notes: tuple[str, ...]


def parse_every(text: str) -> timedelta:
    """An interval as written on the command line.

    Raises:
        InputError: it is none, shorter than five minutes or longer than a year.

    >>> parse_every("6h"), parse_every("1w")
    (datetime.timedelta(seconds=21600), datetime.timedelta(days=7))
    """
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip())
    if found is None:
        raise InputError(f"--every {text!r} is no interval; write 30m, 6h, 1d or 1w")
    every = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if not LEAST <= every <= MOST:
        raise InputError(f"--every {text!r}: from 5m to 366d")
    return every


def every_text(every: timedelta) -> str:
    """The interval as it is written, in its largest whole unit.

    >>> every_text(timedelta(hours=48)), every_text(timedelta(minutes=90))
    ('2d', '90m')
    """
    seconds = round(every.total_seconds())
    unit = next(unit for unit in ("w", "d", "h", "m") if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def slot_at(at: datetime, every: timedelta) -> Slot:
    """The slot that holds `at`, which is aware of its time zone.

    >>> slot_at(datetime(2026, 7, 1, 13, 5, tzinfo=UTC), timedelta(hours=6)).start.hour
    12
    """
    return Slot(MONDAY + (at.astimezone(UTC) - MONDAY) // every * every, every)


def turn(past: Past, at: datetime, every: timedelta) -> Turn:
    """What to do at `at`."""
    slot = slot_at(at, every)
    notes = list(_clock(past.newest, at))
    if slot.start in past.done:
        return Turn(slot, False, False, None, tuple(notes))
    earlier = [start for start in (*past.done, *past.begun) if start < slot.start]
    if past.missed is not None and past.missed < slot.start:
        earlier.append(past.missed)
    left = max((start for start in past.begun - past.done if start < slot.start), default=None)
    if left is not None and left == max(earlier):
        notes.append(f"the slot of {stamp(left)} was begun and not finished; this one takes it up")
    missed = _missed(max(earlier), slot) if earlier else None
    if missed is not None:
        notes.append(
            f"{_slots(missed.count)} went by without a run, {_range(missed)}: the machine was off,"
            " or its clock jumped; this run catches up for all of them"
        )
    return Turn(slot, True, slot.start in past.begun, missed, tuple(notes))


def stamp(at: datetime) -> str:
    """A time to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _clock(newest: datetime | None, at: datetime) -> Iterable[str]:
    if newest is not None and at < newest - JITTER:
        yield (
            f"the clock says {stamp(at)}, and {stamp(newest)} was written down before: it went"
            " back, or was ahead then; no slot is done twice"
        )


def _missed(before: datetime, slot: Slot) -> Missed | None:
    first = slot_at(before, slot.every).end
    count = (slot.start - first) // slot.every
    return Missed(first, slot.start - slot.every, count) if count > 0 else None


def _slots(count: int) -> str:
    return "1 slot" if count == 1 else f"{count} slots"


def _range(missed: Missed) -> str:
    if missed.count == 1:
        return f"that of {stamp(missed.first)}"
    return f"from {stamp(missed.first)} to {stamp(missed.last)}"
