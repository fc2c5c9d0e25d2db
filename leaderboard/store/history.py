"""Snapshots of outside boards -> tables, and the kept files they came from.

The home keeps every imported file under `history/<kind>/<sha256>.csv`, so that the database can be
rebuilt from them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
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


def kept_path(home: Path, kind: str, path: Path) -> Path:
    """Where the copy of a file belongs: its name is its content's sha256."""
    name = hashlib.sha256(path.read_bytes()).hexdigest()
    return home / "history" / kind / f"{name}{path.suffix}"


def keep_file(path: Path, kept: Path) -> None:
    """Copy an imported file to its place in the home, whole or not at all."""
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    scratch = kept.with_suffix(".tmp")
    with scratch.open("wb") as file:
        file.write(path.read_bytes())
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(kept)


def kept_files(home: Path) -> Iterator[tuple[str, Path]]:
    """Every kept file with its kind, in a fixed order."""
    for path in sorted((home / "history").glob("*/*")):
        if path.suffix != ".tmp":
            yield path.parent.name, path


def import_id(path: Path) -> str:
    """What identifies a kept file: its content's sha256, which is its name."""
    return path.stem


def is_imported(connection: duckdb.DuckDBPyConnection, import_id: str) -> bool:
    """True when the file of that id has been stored."""
    found = connection.execute("SELECT 1 FROM imports WHERE import_id = ?", [import_id]).fetchone()
    return found is not None


def ingest_snapshots(
    connection: duckdb.DuckDBPyConnection,
    import_id: str,
    file: str,
    snapshots: Sequence[Snapshot],
    at: datetime,
) -> int:
    """Store the boards that are new; return how many rows that were.

    A rank that is already stored must hold the same: what was published on a day is a fact, so a
    file that says otherwise raises `SnapshotError` and nothing of it is stored.
    """
    if is_imported(connection, import_id):
        return 0
    with transaction(connection), _incoming(connection, snapshots):
        _refuse_contradictions(connection, file)
        new = connection.execute(
            "INSERT INTO snapshots FROM incoming ON CONFLICT DO NOTHING RETURNING 1"
        ).fetchall()
        source = snapshots[0].source if snapshots else "none"
        connection.execute(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?)", [import_id, source, file, len(new), at]
        )
    return len(new)


def check_snapshots(
    connection: duckdb.DuckDBPyConnection, file: str, snapshots: Sequence[Snapshot]
) -> None:
    """Raise the `SnapshotError` that storing would raise, without storing anything."""
    with _incoming(connection, snapshots):
        _refuse_contradictions(connection, file)


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


def _incoming(
    connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot]
) -> AbstractContextManager[None]:
    rows = [
        (
            digest([s.source, s.arena, s.published_at.isoformat(), entry.rank]),
            *(s.source, s.arena, s.published_at),
            *(entry.rank, entry.model, entry.organization, entry.score),
        )
        for s in snapshots
        for entry in s.entries
    ]
    return staged(connection, _SNAPSHOT, rows)


def _refuse_contradictions(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    other = connection.execute(
        "SELECT n.arena, n.published_at, n.rank FROM incoming n"
        " JOIN snapshots s USING (snapshot_key) WHERE (s.model, s.organization, s.score)"
        " IS DISTINCT FROM (n.model, n.organization, n.score) ORDER BY ALL LIMIT 1"
    ).fetchone()
    if other is not None:
        raise SnapshotError(
            f"{file}: {other[0]} of {other[1].astimezone(UTC):%Y-%m-%d}, rank {other[2]} differs"
            " from the stored board; nothing stored"
        )
