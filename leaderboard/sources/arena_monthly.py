"""Arena's month-end boards as a CSV: arena, published_on, rank, model, organization, score.

The shipped `data/history/arena_monthly_top8.csv` has this form (see the README beside it).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from evals.home import shown
from leaderboard.errors import SnapshotError
from leaderboard.snapshots import Entry, Snapshot, first_fault

NAME = "arena"
COLUMNS = ("arena", "published_on", "rank", "model", "organization", "score")
LARGEST_FILE = 50_000_000
"""Bytes; a month-end board is a few hundred lines."""

_Row = tuple[int, str, datetime, Entry]


def read(path: Path, now: datetime) -> tuple[Snapshot, ...]:
    """Every board in the file, by arena and date; lines may stand in any order.

    A date means that day at 00:00 UTC: the source publishes days, not times. Raises
    `SnapshotError` naming file, row (as an editor counts lines) and column; then nothing of the
    file is used.
    """
    rows = sorted(_rows(path), key=lambda row: (row[1], row[2], row[3].rank))
    snapshots: list[Snapshot] = []
    for (arena, published_at), group in groupby(rows, key=lambda row: (row[1], row[2])):
        board = list(group)
        snapshot = Snapshot(NAME, arena, published_at, tuple(row[3] for row in board))
        fault = first_fault(snapshot, now)
        if fault is not None:
            raise _error(path, board[fault.entry][0], fault.column, fault.message)
        snapshots.append(snapshot)
    if not snapshots:
        raise _error(path, 2, COLUMNS[0], "the file has no boards")
    return tuple(snapshots)


def _rows(path: Path) -> Iterator[_Row]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SnapshotError(f"{shown(path)}: larger than {LARGEST_FILE:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SnapshotError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{shown(path)}: not UTF-8 at byte {error.start}") from error
    lines = csv.reader(text.splitlines(), strict=True)
    try:
        header = tuple(next(lines, ()))
        if header != COLUMNS:
            raise _error(path, 1, "header", f"expected {','.join(COLUMNS)}, not {','.join(header)}")
        for cells in lines:
            yield _row(path, lines.line_num, cells)
    except csv.Error as error:
        raise _error(path, lines.line_num, "line", str(error)) from error


def _row(path: Path, line: int, cells: list[str]) -> _Row:
    if len(cells) != len(COLUMNS):
        raise _error(path, line, "line", f"{len(cells)} cells, expected {len(COLUMNS)}")
    arena, published_on, rank, model, organization, score = (cell.strip() for cell in cells)
    if not arena:
        raise _error(path, line, "arena", "is blank")
    try:
        published_at = datetime.strptime(published_on, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise _error(path, line, "published_on", f"{published_on!r} is no YYYY-MM-DD") from error
    if not rank.isascii() or not rank.isdecimal():
        raise _error(path, line, "rank", f"{rank!r} is no whole number")
    try:
        number = float(score) if score else None
    except ValueError as error:
        raise _error(path, line, "score", f"{score!r} is no number") from error
    return line, arena, published_at, Entry(int(rank), model, organization or None, number)


def _error(path: Path, row: int, column: str, message: str) -> SnapshotError:
    return SnapshotError(f"{shown(path)}: row {row}, column {column}: {message}; nothing stored")
