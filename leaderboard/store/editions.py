"""Published editions: immutable copies of the database, and the link to the current one."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

import duckdb

from evals.errors import StoreError
from leaderboard.edition import connect_read_only
from leaderboard.store.database import Database

KEEP = 5
"""Editions kept by default; exports are kept for ever."""


def publish(home: Path, database: Database, at: datetime) -> Path:
    """Publish the committed state of `database` and make it current; return the edition's path.

    The copy is complete and on the disk before the link moves, so whoever opens `current` at any
    moment, even after a crash, gets one whole edition.
    """
    folder = home / "editions"
    name = f"leaderboard-{at.strftime('%Y%m%dT%H%M%S%fZ')}.duckdb"
    scratch, edition = folder / f".{name}.tmp", folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if edition.exists():
            raise StoreError(f"{edition}: already published; an edition is never overwritten")
        # Without the checkpoint committed rows may still lie in the write-ahead log alone.
        database.connection.execute("FORCE CHECKPOINT")
        shutil.copyfile(database.path, scratch)
        connect_read_only(scratch).close()
        _sync(scratch)
        scratch.chmod(0o444)
        scratch.rename(edition)
        _sync(folder)
        _point(folder, name)
    except (OSError, duckdb.Error) as error:
        scratch.unlink(missing_ok=True)
        raise StoreError(f"{folder}: the edition cannot be published ({error})") from error
    return edition


def prune(home: Path, keep: int = KEEP) -> tuple[Path, ...]:
    """Delete all but the newest `keep` editions, never the current one; return what went.

    A reader that has one of them open keeps its file until it closes it.
    """
    folder = home / "editions"
    current = (folder / "current").resolve()
    old = sorted(folder.glob("leaderboard-*.duckdb"), reverse=True)[max(keep, 1) :]
    gone = [path for path in old if path.resolve() != current]
    leftovers = list(folder.glob(".leaderboard-*.tmp"))
    for path in (*gone, *leftovers):
        path.unlink()
    return tuple(gone)


def _point(folder: Path, name: str) -> None:
    """Swap the link in one step: a link cannot be overwritten, but can be renamed onto."""
    fresh = folder / ".current.tmp"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    fresh.replace(folder / "current")
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
