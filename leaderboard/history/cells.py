"""A CSV or Parquet file as a header and rows of text, each with the number a person finds it by.

Both forms come out alike, so that one set of checks serves them. What is not a table is an error
that names file, row and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, cast

from evals.home import shown
from leaderboard.errors import SnapshotError

LARGEST_FILE = 500_000_000
"""Bytes. The longest public history is a few megabytes."""
_PARQUET = b"PAR1"


@dataclass(frozen=True)
class Cells:
    """The header and the rows of a table."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Number and cells, stripped. A CSV counts lines as an editor does, the header being 1 and a
    record with a line break in quotes counting from its first line; a Parquet file counts rows
    from 1."""
    form: Literal["csv", "parquet"] = "csv"


def fault(path: Path, row: int, column: str, message: str) -> SnapshotError:
    """The one line for what is wrong with a file."""
    return SnapshotError(f"{shown(path)}: row {row}, column {column}: {message}; nothing stored")


def read_cells(path: Path) -> Cells:
    """The table in `path`; which form it has is told from its content.

    Raises:
        SnapshotError: it cannot be read, is empty, is no table, names a column twice, or has a
            row of another length.
    """
    content = _content(path)
    if not content.strip():
        raise fault(path, 1, "header", "the file is empty")
    if content.startswith(_PARQUET):
        return _parquet(path, content)
    if b"\0" in content:
        raise fault(path, 1, "header", "a binary file, neither CSV text nor Parquet")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise fault(path, line, "line", f"not UTF-8 at byte {error.start}") from error
    return _csv(path, text)


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SnapshotError(f"{shown(path)}: larger than {LARGEST_FILE:,} bytes; split it")
        return path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{shown(path)}: cannot be read: {error.strerror}") from error


def _csv(path: Path, text: str) -> Cells:
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: tuple[str, ...] = ()
    rows: list[tuple[int, tuple[str, ...]]] = []
    line = 1
    try:
        for record in records:
            cells = tuple(map(str.strip, record))
            if not header:
                header = _header(path, cells)
            elif cells and len(cells) != len(header):
                raise fault(path, line, "line", f"{len(cells)} cells, expected {len(header)}")
            elif cells:
                rows.append((line, cells))
            line = records.line_num + 1
    except csv.Error as error:
        raise fault(path, line, "line", str(error)) from error
    return Cells(header, tuple(rows))


def _parquet(path: Path, content: bytes) -> Cells:
    # Imported here: a CSV needs none of it.
    import pyarrow
    from pyarrow import parquet

    # pyarrow publishes no types; nothing of it leaves this function.
    arrow_error = cast(type[Exception], cast(Any, pyarrow).ArrowException)
    try:
        table = cast(Any, parquet).read_table(io.BytesIO(content))
    except (arrow_error, OSError) as error:
        reason = str(error).splitlines()[0]
        raise fault(path, 1, "header", f"a damaged Parquet file ({reason})") from error
    header = _header(path, tuple(cast(list[str], table.column_names)))
    columns: Iterator[list[str]] = (
        [_text(value) for value in cast(list[Any], column.to_pylist())] for column in table.columns
    )
    return Cells(header, tuple(enumerate(zip(*columns, strict=True), start=1)), "parquet")


def _text(value: Any) -> str:
    """A value as a CSV would have it: nothing for a null, ISO form for dates and times."""
    if value is None:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).strip()


def _header(path: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise fault(path, 1, twice, "the column stands twice")
    return names
