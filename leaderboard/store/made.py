"""Boards that churnboard made itself: kept as tidy files, and stored as imported ones are.

What was published is kept for ever. A replay was not: the next one takes its place.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from leaderboard.history.made import as_tidy
from leaderboard.snapshots import Feed, Snapshot
from leaderboard.store import history
from leaderboard.store.database import Database, transaction

KIND = "tidy"
"""The kind of file that made boards are kept as."""


def keep_boards(database: Database, home: Path, snapshots: Iterable[Snapshot], at: datetime) -> int:
    """Keep made boards in one file and store them; return how many rows were new.

    The file comes first: what the database holds can then always be made again.
    """
    feed = Feed(tuple(sorted(snapshots, key=lambda board: board.key)))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "boards.csv"
        path.write_bytes(as_tidy(feed).encode())
        kept = history.kept_path(home, KIND, path)
        history.keep_file(path, kept)
    return history.ingest_feed(
        database.connection, history.import_id(kept), kept.name, feed, [], at
    )


def replace_boards(
    database: Database, home: Path, snapshots: Iterable[Snapshot], at: datetime
) -> bool:
    """Keep made boards in place of all others of their source; False when nothing changed.

    Cut short, it leaves the boards from before, or none of the source, for the next try.
    """
    feed = tuple(sorted(snapshots, key=lambda board: board.key))
    (source,) = {board.source for board in feed}
    if history.read_snapshots(database.connection, source) == feed:
        return False
    _forget(database, home, source)
    keep_boards(database, home, feed, at)
    return True


def _forget(database: Database, home: Path, source: str) -> None:
    """Take back every board of a made source.

    The rows go first: a file without rows is stored again, rows without a file would be lost with
    the database.
    """
    connection = database.connection
    ids = [
        import_id
        for (import_id,) in connection.execute(
            "SELECT import_id FROM imports WHERE source = ?", [source]
        ).fetchall()
    ]
    with transaction(connection):
        connection.execute("DELETE FROM snapshots WHERE source = ?", [source])
        connection.execute("DELETE FROM import_findings WHERE list_contains(?, import_id)", [ids])
        connection.execute("DELETE FROM imports WHERE source = ?", [source])
    for import_id in ids:
        (home / "history" / KIND / f"{import_id}.csv").unlink(missing_ok=True)
