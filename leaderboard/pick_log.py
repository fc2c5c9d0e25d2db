"""The log of picks: every switch, and every wish to switch that was refused, kept for ever.

::

    <home>/picks/log.jsonl    one line per entry, appended and synced

A refresh writes here before it publishes, and reads from here who holds the roles, so a lost
database forgets nobody's term. An entry is written when its line and newline are on the disk: a
last line without newline never was one, and is cut by the next writer. Only the process that
holds the database writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from evals.home import shown
from leaderboard.answers import ground_of
from leaderboard.documents import from_document, to_document
from leaderboard.errors import PickLogError
from leaderboard.line_files import append_lines, whole_lines
from leaderboard.pick_answers import Decision, Ground, LogEntry, Role


def log_path(home: Path) -> Path:
    """Where the log of a home lies; absent until the first decision."""
    return home / "picks" / "log.jsonl"


def read_log(home: Path) -> tuple[LogEntry, ...]:
    """Every entry in the order of writing.

    Raises `PickLogError` naming a line that is damaged.
    """
    return _read(log_path(home))[0]


def append_log(home: Path, entries: Sequence[LogEntry]) -> None:
    """Add entries; they are on the disk when this returns.

    Raises `PickLogError` when the log is damaged or the disk refuses.
    """
    if not entries:
        return
    path = log_path(home)
    whole = _read(path)[1]
    data = "".join(to_document(entry) + "\n" for entry in entries).encode()
    try:
        append_lines(path, whole, data)
    except OSError as error:
        raise PickLogError(f"{shown(path)}: cannot be written: {error.strerror}") from error


def news(decisions: Iterable[Decision], log: Sequence[LogEntry]) -> tuple[LogEntry, ...]:
    """What these decisions add to the log (pure).

    A role that is kept with nobody else wished for adds nothing, nor does a refusal or an empty
    role that the log ends with already, from the same evidence.
    """
    last = {_role(entry): entry for entry in log}
    found: list[LogEntry] = []
    for one in decisions:
        before = last.get(_role(one))
        if before is None and one.model is None:
            continue
        same_price = before is not None and before.price == one.price
        if one.action == "kept" and same_price:
            continue
        entry = _entry(one)
        if before is None or _content(before) != _content(entry):
            found.append(entry)
    return tuple(found)


def _role(one: Decision | LogEntry) -> tuple[str, str, Ground, Role]:
    return one.task, one.domain, ground_of(one.source, one.simulated), one.role


def _content(entry: LogEntry) -> tuple[object, ...]:
    what = entry.action, entry.model, entry.challenger, entry.since, entry.price
    return what if entry.model is None else (*what, entry.evidence_at)


def _entry(one: Decision) -> LogEntry:
    return LogEntry(
        at=one.decided_at,
        task=one.task,
        domain=one.domain,
        role=one.role,
        action=one.action,
        cause=one.cause,
        model=one.model,
        previous=one.previous,
        since=one.since,
        challenger=one.challenger,
        price=one.price,
        source=one.source,
        evidence_at=one.evidence_at,
        reason=one.reason,
        simulated=one.simulated,
    )


def _read(path: Path) -> tuple[tuple[LogEntry, ...], int]:
    """The entries, and how many bytes their lines take."""
    try:
        lines, whole = whole_lines(path)
    except OSError as error:
        raise PickLogError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    found: list[LogEntry] = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(from_document(LogEntry, line.decode()))
        except ValueError as error:
            raise PickLogError(
                f"{shown(path)}: line {number} is damaged; repair or remove that line"
            ) from error
    return tuple(found), whole
