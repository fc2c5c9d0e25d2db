"""The log of cycles: what was done in every slot of the schedule, kept for ever.

::

    <home>/cycles.jsonl    one line per event, appended and synced

An event has happened when its line and newline are on the disk; a last line without newline never
was one, and is cut by the next writer. Only the process that holds the lock of cycles writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast, get_args

from evals.home import shown
from leaderboard.cycles.slots import Past
from leaderboard.errors import CycleError
from leaderboard.line_files import append_lines, whole_lines
from leaderboard.wire import plain

Event = Literal["missed", "begun", "due", "evaluated", "refreshed", "notified", "failed", "done"]
"""`missed`: slots that went by. `due`: what the slot is to evaluate. `evaluated`, `refreshed`: a
step of the slot ended. `notified`: how far the log of picks was told. `failed`: the slot stays
open, and is tried again."""


@dataclass(frozen=True)
class Entry:
    """One line."""

    at: datetime
    event: Event
    slot: datetime
    """Start of the slot; of `missed`, that of the last."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Whatever else there is to say, as JSON knows it."""


def log_path(home: Path) -> Path:
    """Where the log of a home lies; absent until the first cycle."""
    return home / "cycles.jsonl"


def read_log(home: Path) -> tuple[Entry, ...]:
    """Every entry in the order of writing.

    Raises `CycleError` naming a line that is damaged.
    """
    return _read(log_path(home))[0]


def append(home: Path, entry: Entry) -> None:
    """Add an entry; it is on the disk when this returns.

    Raises `CycleError` when the log is damaged or the disk refuses.
    """
    path = log_path(home)
    whole = _read(path)[1]
    line = {"at": entry.at, "event": entry.event, "slot": entry.slot, **entry.facts}
    data = (json.dumps(plain(line), ensure_ascii=False, allow_nan=False) + "\n").encode()
    try:
        append_lines(path, whole, data)
    except OSError as error:
        raise CycleError(f"{shown(path)}: cannot be written: {error.strerror}") from error


def past_of(entries: Sequence[Entry]) -> Past:
    """What the entries say of slots (pure)."""
    return Past(
        done=frozenset(one.slot for one in entries if one.event == "done"),
        begun=frozenset(one.slot for one in entries if one.event == "begun"),
        missed=max((one.slot for one in entries if one.event == "missed"), default=None),
        newest=max((one.at for one in entries), default=None),
    )


def newest(entries: Sequence[Entry], event: Event) -> Entry | None:
    """The last entry of a kind (pure)."""
    return next((one for one in reversed(entries) if one.event == event), None)


def _read(path: Path) -> tuple[tuple[Entry, ...], int]:
    """The entries, and how many bytes their lines take."""
    try:
        lines, whole = whole_lines(path)
    except OSError as error:
        raise CycleError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    found: list[Entry] = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_entry(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise CycleError(
                f"{shown(path)}: line {number} is damaged; repair or remove that line"
            ) from error
    return tuple(found), whole


def _entry(value: Any) -> Entry:
    facts = dict(cast("dict[str, Any]", value))
    event = facts.pop("event")
    if event not in get_args(Event):
        raise ValueError(f"{event!r} is no event")
    return Entry(_time(facts.pop("at")), event, _time(facts.pop("slot")), facts)


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found.astimezone(UTC)
