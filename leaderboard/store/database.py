"""The writer's database: one process at a time, migrated, checked, and rebuilt when damaged.

Everything in it can be made again from the run records and the imported files that the home
keeps. A damaged file is therefore set aside under another name, never deleted, and an empty one
takes its place for the caller to fill.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from evals.errors import BusyError, StoreError
from leaderboard.store.migrations import migrate

FILE = "leaderboard.duckdb"
_SETTINGS = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
}


@dataclass(frozen=True)
class Database:
    """The open database of a home, and what had to be repaired to open it."""

    path: Path
    connection: duckdb.DuckDBPyConnection
    notes: tuple[str, ...] = ()


@contextmanager
def writing(home: Path, at: datetime) -> Generator[Database]:
    """Open the database of `home` as its only writer.

    Creates and migrates it where needed. Raises `BusyError` when another process is writing, and
    `StoreError` when the folder cannot be written or the database is from a newer version.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / ".leaderboard.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise BusyError(f"{home}: another process is refreshing; try again when it ends") from error
    except OSError as error:
        raise StoreError(f"{home}: cannot be written ({error.strerror})") from error
    try:
        database = _open(home / FILE, at)
        try:
            yield database
        finally:
            database.connection.close()
    finally:
        lock.release()


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """All of the block or nothing of it."""
    connection.execute("BEGIN")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _open(path: Path, at: datetime) -> Database:
    try:
        return Database(path, _checked(path, at))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if "could not set lock" in reason.lower():
            raise BusyError(f"{path}: open in another process; close it and try again") from error
        if not path.exists() or not _readable(path):
            raise StoreError(f"{path}: cannot be opened ({reason})") from error
        aside = _set_aside(path, at)
        note = f"{path.name} was damaged ({reason}); kept as {aside.name} and rebuilt"
        return Database(path, _checked(path, at), (note,))


def _checked(path: Path, at: datetime) -> duckdb.DuckDBPyConnection:
    """Open, migrate, and read every value once: DuckDB finds a damaged block only on reading it."""
    connection = duckdb.connect(str(path), config=dict(_SETTINGS))
    try:
        migrate(connection, at)
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE NOT internal"
        ).fetchall()
        for (table,) in tables:
            # Names come from our own migrations.
            connection.execute(f'SELECT bit_xor(hash(t)) FROM "{table}" AS t').fetchall()  # noqa: S608
    except BaseException:
        connection.close()
        raise
    return connection


def _readable(path: Path) -> bool:
    """False when the trouble is permission or hardware, which a new file would not cure."""
    try:
        with path.open("r+b") as file:
            file.read(1)
    except OSError:
        return False
    return True


def _set_aside(path: Path, at: datetime) -> Path:
    """Rename a damaged database and its write-ahead log, so that they stay a pair."""
    stamp = at.strftime("%Y%m%dT%H%M%S%fZ")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(aside)
    log = path.with_name(path.name + ".wal")
    if log.exists():
        log.rename(aside.with_name(aside.name + ".wal"))
    return aside
