"""Snapshots of outside boards -> tables, and the kept files they came from.

The home keeps every imported file under `history/<kind>/<sha256>.csv`, so that the database can be
rebuilt, and keeps it before the database knows it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from evals.types import digest
from leaderboard.errors import SnapshotError
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.store.database import transaction
from leaderboard.store.staging import Columns, staged

_SNAPSHOT: Columns = (
    ("snapshot_key", "text"),
    ("source", "text"),
    ("arena", "text"),
    ("published_at", "time"),
    ("rank", "int"),
    ("model", "text"),
    ("organization", "text"),
    ("score", "float"),
)


def keep_file(home: Path, kind: str, path: Path) -> Path:
    """Copy a file that has been read without fault into the home; return where it lies."""
    content = path.read_bytes()
    kept = home / "history" / kind / f"{hashlib.sha256(content).hexdigest()}{path.suffix}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch = kept.with_suffix(".tmp")
        with scratch.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(kept)
    return kept


def kept_files(home: Path) -> Iterator[tuple[str, Path]]:
    """Every kept file with its kind, in a fixed order."""
    for path in sorted((home / "history").glob("*/*")):
        if path.suffix != ".tmp":
            yield path.parent.name, path


def import_id(path: Path) -> str:
    """What identifies a kept file: its content's sha256, which is its name."""
    return path.stem


def ingest_snapshots(
    connection: duckdb.DuckDBPyConnection,
    import_id: str,
    file: str,
    snapshots: Sequence[Snapshot],
    at: datetime,
) -> int:
    """Store the boards that are new; return how many rows that were.

    A board that is already stored must be the same in every row: what was published on a day is a
    fact, so a file that says otherwise raises `SnapshotError` and nothing of it is stored.
    """
    if connection.execute("SELECT 1 FROM imports WHERE import_id = ?", [import_id]).fetchone():
        return 0
    rows = [
        (
            digest([s.source, s.arena, s.published_at.isoformat(), entry.rank]),
            s.source,
            s.arena,
            s.published_at,
            entry.rank,
            entry.model,
            entry.organization,
            entry.score,
        )
        for s in snapshots
        for entry in s.entries
    ]
    with transaction(connection), staged(connection, _SNAPSHOT, rows):
        other = connection.execute(
            "SELECT n.arena, n.published_at::DATE, n.rank FROM incoming n"
            " JOIN snapshots s USING (snapshot_key) WHERE (s.model, s.organization, s.score)"
            " IS DISTINCT FROM (n.model, n.organization, n.score) ORDER BY ALL LIMIT 1"
        ).fetchone()
        if other is not None:
            raise SnapshotError(
                f"{file}: {other[0]} of {other[1]}, rank {other[2]} differs from the stored board;"
                " nothing stored"
            )
        connection.execute("INSERT INTO snapshots FROM incoming ON CONFLICT DO NOTHING")
        source = snapshots[0].source if snapshots else "none"
        connection.execute(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?)", [import_id, source, file, len(rows), at]
        )
    return len(rows)


def read_snapshots(connection: duckdb.DuckDBPyConnection) -> tuple[Snapshot, ...]:
    """Every stored board, by source, arena and time."""
    rows = connection.execute(
        "SELECT source, arena, published_at, list((rank, model, organization, score) ORDER BY rank)"
        " FROM snapshots GROUP BY ALL ORDER BY source, arena, published_at"
    ).fetchall()
    return tuple(
        Snapshot(source, arena, published_at.astimezone(UTC), tuple(Entry(*e) for e in entries))
        for source, arena, published_at, entries in rows
    )
