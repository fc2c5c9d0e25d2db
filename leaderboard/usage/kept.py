"""A router's log -> a copy in the home, and the store. A second time changes nothing.

::

    <home>/usage/<sha256>.jsonl    the calls of one import that were new, by time; never changed

A copy holds the keys of a call and nothing else of the log. What the store has can always be made
again from the copies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from leaderboard.errors import UsageError
from leaderboard.store import usage as store
from leaderboard.store.database import Database, writing
from leaderboard.usage import copies
from leaderboard.usage.calls import KINDS, Logged, moment
from leaderboard.usage.files import read_log


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    file: Path | None
    """The copy; `None` where all calls were known."""
    lines: int
    """Of the log."""
    new: int
    """Of them those that were not known."""
    calls: int
    """That the log's lines stand for."""
    begins: datetime
    ends: datetime


def import_usage(home: Path, path: Path, now: datetime) -> Imported:
    """Keep a router's log.

    Args:
        home: where it is kept; the next refresh counts it.
        path: JSONL or CSV, as `files` reads them.
        now: no call may be later.

    Raises:
        UsageError: the file is wrong, or says of a known call something else than is known.
        BusyError: another process is writing.
    """
    log = read_log(path, now)
    with writing(home, now) as database:
        ingest_kept(database, home)
        other = store.differing(database.connection, log.calls)
        if other is not None:
            line = next(n for n, c in zip(log.lines, log.calls, strict=True) if c.id == other)
            raise UsageError(
                f"{log.name}: line {line}, key id: that call (or that day) is stored already, and"
                " says something else there; nothing stored"
            )
        known = store.known(database.connection, log.calls)
        new = [call for call in log.calls if call.id not in known]
        kept = _keep(home, new) if new else None
        if kept is not None:
            # The copy comes first: what the database holds can then always be made again.
            store.ingest(database.connection, kept.stem, new)
    times = [call.at for call in log.calls]
    return Imported(
        kept,
        len(log.calls),
        len(new),
        sum(call.calls for call in log.calls),
        min(times),
        max(times),
    )


def ingest_kept(database: Database, home: Path) -> None:
    """Store the copies that the database lacks, as after it had to be made again.

    Raises `UsageError` naming a copy and its line that is damaged.
    """
    for path in sorted((home / "usage").glob("*.jsonl")):
        if not store.has_file(database.connection, path.stem):
            store.ingest(database.connection, path.stem, list(copies.read(path, _call)))


def _keep(home: Path, calls: Sequence[Logged]) -> Path:
    ordered = sorted(calls, key=lambda call: (call.at, call.id))
    return copies.keep(home / "usage", map(_body, ordered))


def _body(call: Logged) -> dict[str, Any]:
    return {
        "id": call.id,
        "at": call.at.isoformat(),
        "alias": call.alias,
        "model": call.model,
        "ok": call.ok,
        "latency": call.latency_s,
        "cost": call.cost_usd,
        "task": call.task,
        "class": call.kind,
        "count": call.calls,
    }


def _call(body: dict[str, Any]) -> Logged:
    return Logged(
        body["id"],
        moment(body["at"]),
        body["alias"],
        body["model"],
        body["ok"],
        body["latency"],
        body["cost"],
        body["task"],
        KINDS[body["class"]],
        body["count"],
    )
