"""Counts of work through time -> a copy in the home, and the store. A second time changes nothing.

::

    <home>/usage/counts/<sha256>.jsonl    the counts of one import that were new; never changed
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from evals.home import shown
from leaderboard.store import counts as store
from leaderboard.store.database import Database, writing
from leaderboard.store.usage import has_file
from leaderboard.usage import copies
from leaderboard.usage.calls import KINDS
from leaderboard.usage.counts import Count, read_counts, twice
from leaderboard.usage.files import fault_at


@dataclass(frozen=True)
class CountsImported:
    """What an import of counts did."""

    file: Path | None
    """The copy; `None` where all counts were known."""
    rows: int
    """Of the file."""
    new: int
    series: tuple[str, ...]
    begins: date
    ends: date


def import_counts(home: Path, path: Path, now: datetime) -> CountsImported:
    """Keep counts of work through time.

    Args:
        home: where they are kept; the next refresh reads them.
        path: CSV or JSONL, as `counts` reads them.
        now: what is counted must be over.

    Raises:
        UsageError: the file is wrong, or says of a known count something else than is known.
        BusyError: another process is writing.
    """
    name, rows = shown(path), read_counts(path, now)
    with writing(home, now) as database:
        ingest_counts(database, home)
        stored = store.read_counts(database.connection, date.max)
        known = {one.id: one for one in stored}
        for line, one in rows:
            if known.get(one.id, one) != one:
                raise fault_at(
                    name, line, "count", "that is stored already, with another number there"
                )
        lines = {one.id: line for line, one in rows}
        both = twice({**known, **{one.id: one for _, one in rows}}.values())
        if both is not None:
            told = f"{both.kind} of {both.day} is counted as a whole and by model: both would count"
            raise fault_at(name, lines.get(both.id, rows[0][0]), "model", told)
        new = [one for _, one in rows if one.id not in known]
        kept = _keep(home, new) if new else None
        if kept is not None:
            # The copy comes first: what the database holds can then always be made again.
            store.ingest(database.connection, kept.stem, new)
    days = [one.day for _, one in rows]
    series = tuple(sorted({one.series for _, one in rows}))
    return CountsImported(kept, len(rows), len(new), series, min(days), max(days))


def ingest_counts(database: Database, home: Path) -> None:
    """Store the copies that the database lacks, as after it had to be made again.

    Raises `UsageError` naming a copy and its line that is damaged.
    """
    for path in sorted((home / "usage" / "counts").glob("*.jsonl")):
        if not has_file(database.connection, path.stem):
            store.ingest(database.connection, path.stem, list(copies.read(path, _count)))


def _keep(home: Path, counts: Sequence[Count]) -> Path:
    ordered = sorted(counts, key=lambda one: (one.series, one.day, one.id))
    return copies.keep(home / "usage" / "counts", map(_body, ordered))


def _body(one: Count) -> dict[str, Any]:
    return {
        "series": one.series,
        "date": one.day.isoformat(),
        "model": one.model,
        "class": one.kind,
        "count": one.count,
    }


def _count(body: dict[str, Any]) -> Count:
    day = date.fromisoformat(body["date"])
    return Count(body["series"], day, body["model"], KINDS[body["class"]], body["count"])
