"""Snapshots of outside boards -> tables, and the kept files they came from.

The home keeps every imported file under `history/<kind>/<sha256><suffix>`, so that the database
can be rebuilt from them. A board that is stored stays as it was published, with every column.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from leaderboard.errors import SnapshotError
from leaderboard.snapshots import BoardKey, Entry, Feed, Finding, Snapshot, ordered
from leaderboard.store.database import transaction
from leaderboard.store.staging import Columns, staged

_ENTRY: Columns = (
    ("rank", "int"),
    ("model", "text"),
    ("organization", "text"),
    ("score", "float"),
    ("score_low", "float"),
    ("score_high", "float"),
    ("votes", "int"),
    ("licence", "text"),
    ("price_usd", "float"),
    ("price_unit", "text"),
    ("released", "date"),
    ("model_id", "text"),
    ("kind", "text"),
)
"""The fields of an `Entry` that are columns of `snapshots`, in its order; `scores` come last."""
_INCOMING: Columns = (
    ("source", "text"),
    ("arena", "text"),
    ("published_at", "time"),
    ("row", "int"),
    *_ENTRY,
    ("scores", "scores"),
)
_FIELDS = tuple(name for name, _ in _ENTRY)
_COMPARED = tuple(name for name in _FIELDS if name != "model")


def kept_path(home: Path, kind: str, path: Path, label: str | None = None) -> Path:
    """Where the copy of a file belongs: its name is its content's sha256.

    `label` goes between the two, for what only the file's own place said.
    """
    with path.open("rb") as file:
        name = hashlib.file_digest(file, "sha256").hexdigest()
    return home / "history" / kind / f"{name}{f'.{label}' if label else ''}{path.suffix}"


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


def import_id(kept: Path) -> str:
    """What identifies a kept file: its content's sha256, and its label if it has one."""
    return kept.stem


def is_imported(connection: duckdb.DuckDBPyConnection, import_id: str) -> bool:
    """True when the file of that id has been stored."""
    found = connection.execute("SELECT 1 FROM imports WHERE import_id = ?", [import_id]).fetchone()
    return found is not None


def board_sizes(connection: duckdb.DuckDBPyConnection) -> dict[BoardKey, int]:
    """Rows of every stored board."""
    rows = connection.execute(
        "SELECT source, arena, published_at, count(*) FROM snapshots GROUP BY ALL"
    ).fetchall()
    return {(source, arena, at.astimezone(UTC)): size for source, arena, at, size in rows}


def ingest_feed(
    connection: duckdb.DuckDBPyConnection,
    import_id: str,
    file: str,
    feed: Feed,
    findings: Sequence[tuple[str | None, Finding]],
    at: datetime,
) -> int:
    """Store the boards of `feed` that are new; return how many rows that were.

    What was published on a day is a fact, so a file that says otherwise of a stored board raises
    `SnapshotError`, and nothing of it is stored. `findings` (each with its arena, `None` for the
    file) are kept with it.
    """
    if is_imported(connection, import_id):
        return 0
    with transaction(connection), _incoming(connection, feed):
        _refuse_contradictions(connection, file)
        names = ", ".join(_FIELDS)
        new = connection.execute(
            f"INSERT INTO snapshots BY NAME SELECT {_KEY} AS snapshot_key,"  # noqa: S608 - our own names
            f" source, arena, published_at, {names} FROM incoming ON CONFLICT DO NOTHING"
            " RETURNING 1"
        ).fetchall()
        connection.execute(
            f"INSERT INTO snapshot_scores SELECT {_KEY}, line.key, line.value"  # noqa: S608 - our own names
            " FROM (SELECT *, unnest(map_entries(scores)) AS line FROM incoming)"
            " ON CONFLICT DO NOTHING"
        )
        source = feed[0].source if feed else "none"
        connection.execute(
            "INSERT INTO imports VALUES (?, ?, ?, ?, ?)", [import_id, source, file, len(new), at]
        )
        for ordinal, (arena, found) in enumerate(findings):
            connection.execute(
                "INSERT INTO import_findings VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    *(import_id, ordinal, arena, found.check, found.count, found.detail),
                    list(found.examples),
                ],
            )
    return len(new)


def check_feed(connection: duckdb.DuckDBPyConnection, file: str, feed: Feed) -> None:
    """Raise the `SnapshotError` that storing would raise, without storing anything."""
    with _incoming(connection, feed):
        _refuse_contradictions(connection, file)


def read_snapshots(
    connection: duckdb.DuckDBPyConnection, source: str | None = None
) -> tuple[Snapshot, ...]:
    """Every stored board, of all sources when none is named, by source, arena and time."""
    rows = connection.execute(
        f"SELECT source, arena, published_at, list(({', '.join(_FIELDS)}, scores))"  # noqa: S608 - our own names
        " FROM snapshot_lines WHERE ?::VARCHAR IS NULL OR source = ?"
        " GROUP BY ALL ORDER BY source, arena, published_at",
        [source, source],
    ).fetchall()
    return tuple(
        Snapshot(source, arena, at.astimezone(UTC), ordered(Entry(*entry) for entry in entries))
        for source, arena, at, entries in rows
    )


_KEY = "sha256(concat_ws(chr(31), source, arena, epoch_us(published_at), model))"
"""One hashed key: a key of four columns makes the file several times larger."""


_OTHER_SCORE = (
    "list_transform(list_filter(list_sort(map_keys(map_concat(s.scores, n.scores))),"
    " lambda name: s.scores[name] IS DISTINCT FROM n.scores[name])[:1],"
    " lambda name: [name, s.scores[name]::VARCHAR, n.scores[name]::VARCHAR])[1]"
)
"""The first further score that two lines differ in: its name, the one stored, the one read."""


@contextmanager
def _incoming(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Generator[None]:
    rows = [
        (
            *board.key,
            feed.rows.get((board.key, entry.model)),
            *(getattr(entry, name) for name in _FIELDS),
            sorted(entry.scores.items()),
        )
        for board in feed
        for entry in board.entries
    ]
    with staged(connection, _INCOMING, rows):
        yield


def _refuse_contradictions(connection: duckdb.DuckDBPyConnection, file: str) -> None:
    """Compare boards of one date line by line, and lines column by column.

    Further scores come first: what the score is made of says more of a difference than it does.
    """
    different = " ".join(
        f"WHEN s.{name} IS DISTINCT FROM n.{name} THEN ['{name}', s.{name}::VARCHAR, "
        f"n.{name}::VARCHAR]"
        for name in _COMPARED
    )
    other = connection.execute(
        "WITH s AS (FROM snapshot_lines SEMI JOIN incoming USING (source, arena, published_at)),"  # noqa: S608 - our own names
        " n AS (FROM incoming SEMI JOIN snapshots USING (source, arena, published_at))"
        " SELECT n.row, arena, published_at, model, CASE"
        " WHEN s.source IS NULL THEN ['model', 'not there', 'there']"
        " WHEN n.source IS NULL THEN ['model', 'there', 'not there']"
        f" WHEN s.scores IS DISTINCT FROM n.scores THEN {_OTHER_SCORE}"
        f" {different} END AS difference"
        " FROM n FULL JOIN s USING (source, arena, published_at, model)"
        " WHERE difference IS NOT NULL ORDER BY n.row NULLS LAST, arena, published_at, model"
        " LIMIT 1"
    ).fetchone()
    if other is None:
        return
    row, arena, at, model, (column, stored, here) = other
    where = f"row {row}, column {column}" if row is not None else f"column {column}"
    raise SnapshotError(
        f"{file}: {where}: {model!r} on {arena} of {at.astimezone(UTC):%Y-%m-%d} differs from the"
        f" stored board: {stored or 'blank'} there, {here or 'blank'} here; nothing stored"
    )
