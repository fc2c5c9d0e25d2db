"""A published edition, opened for reading.

An edition is an immutable file, so a reader never blocks the writer and never sees half a refresh.
`Edition.path` is the real path: equal paths mean equal answers, which makes it the key of every
cache. Connections cannot reach other files, load extensions or change their own settings.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from evals.errors import NotFoundError, StoreError

READ_ONLY = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "python_enable_replacements": "false",
}


@dataclass(frozen=True)
class Edition:
    """An open published database. Use one `cursor()` per query; close it by leaving `with`."""

    name: str
    path: Path
    home: Path
    connection: duckdb.DuckDBPyConnection

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A fresh cursor: cursors of one edition may be used from several threads."""
        return self.connection.cursor()

    def close(self) -> None:
        """Give the file back. Further queries raise."""
        self.connection.close()


def edition_path(home: Path, edition: str | None = None) -> Path:
    """The real path of an edition by name (`leaderboard-<stamp>`), of the current one by default.

    Raises `NotFoundError` when there is no such edition, saying how to make one.
    """
    folder = home / "editions"
    if edition is None:
        current = folder / "current"
        if not current.exists():
            raise NotFoundError(f"{folder}: no edition yet; run `churnboard refresh` to make one")
        return current.resolve()
    names = [path.stem for path in sorted(folder.glob("leaderboard-*.duckdb"))]
    if edition not in names:
        newest = f"; the newest is {names[-1]}" if names else ""
        raise NotFoundError(f"{folder}: no edition {edition!r}{newest}")
    return folder / f"{edition}.duckdb"


def connect_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file for reading and nothing else. Raises `StoreError`."""
    try:
        return duckdb.connect(str(path), read_only=True, config=dict(READ_ONLY))
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{path}: cannot be read ({reason}); run `churnboard refresh` to publish a new edition"
        ) from error


@contextmanager
def open_edition(home: Path, edition: str | None = None) -> Generator[Edition]:
    """Open the current edition of `home`, or the named one, for the length of a `with` block."""
    path = edition_path(home, edition)
    opened = Edition(path.stem, path, home, connect_read_only(path))
    try:
        yield opened
    finally:
        opened.close()


def rows_of(edition: Edition, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Rows as dictionaries; times as aware UTC datetimes. Values are bound, never pasted."""
    try:
        result = edition.cursor().execute(sql, list(values))
        names = [column[0] for column in result.description or ()]
        fetched = result.fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise StoreError(
            f"{edition.path}: this edition cannot be queried ({reason});"
            " run `churnboard refresh` to publish a new one"
        ) from error
    return [dict(zip(names, map(_utc, row), strict=True)) for row in fetched]


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
