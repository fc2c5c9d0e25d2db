"""Tidy tables of board histories: one line per model, board and date -> snapshots.

What the sources share. A `Layout` says which column of a file holds what; everything else, checks
included, is the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import NoReturn, TypeVar

from evals.names import hint
from leaderboard.history.cells import Cells, fault, read_cells
from leaderboard.snapshots import (
    BoardKey,
    Entry,
    Feed,
    Finding,
    Snapshot,
    first_fault,
    gap_fault,
    place,
)

_REQUIRED = ("arena", "published_at", "model")
_Row = tuple[int, Entry]
_Value = TypeVar("_Value")
_EXAMPLES = 3


@dataclass(frozen=True)
class Layout:
    """Which column of a file holds what."""

    columns: Mapping[str, str]
    """Field (of `Entry`, or `source`, `arena`, `published_at`) -> name of the column."""
    source: str
    """The source of boards in a file without such a column."""
    ignored: frozenset[str] = frozenset()
    """Columns that are known and of no use here."""
    ranked: bool = False
    """True when a file without the rank column is wrong; else rank or score will do."""
    contiguous: bool = False
    """True when the source promises ranks 1, 2, 3, … without a gap."""


TIDY: Mapping[str, str] = {
    "source": "source",
    "arena": "arena",
    "published_at": "snapshot_date",
    "model": "model",
    "organization": "organization",
    "rank": "rank",
    "score": "score",
    "score_low": "ci_low",
    "score_high": "ci_high",
    "votes": "votes",
    "licence": "license",
    "price_usd": "price_usd",
    "price_unit": "price_unit",
    "released": "release_date",
    "model_id": "model_id",
    "kind": "snapshot_kind",
}
"""The columns of the generic format, described for people in docs/import.md."""


def read_tidy(path: Path, layout: Layout, now: datetime, arena: str | None = None) -> Feed:
    """Every board in the file, by source, arena and time; lines may stand in any order.

    A date means that day at 00:00 UTC. A line that names an arena and a date and nothing else
    stands for a feed that answered with an empty board; it becomes a snapshot without entries.

    Args:
        path: CSV or Parquet.
        layout: what its columns are called.
        now: boards may not be dated later.
        arena: of all boards, for a file without such a column.

    Raises:
        SnapshotError: names file, row (a CSV's lines as an editor counts them) and column.
    """
    return feed_of(path, read_cells(path), layout, now, arena)


def feed_of(
    path: Path, cells: Cells, layout: Layout, now: datetime, arena: str | None = None
) -> Feed:
    """`read_tidy` on cells that were read (and perhaps filtered) before."""
    at = _places(path, cells.header, layout, arena)
    boards: dict[BoardKey, list[_Row]] = {}
    latest: dict[tuple[str, str], datetime] = {}
    backwards: list[str] = []
    for row, values in cells.rows:
        line = _Line(path, row, layout, at, values)
        board = (
            line.text("source") or layout.source,
            line.text("arena") or arena or line.missing("arena"),
            line.value("published_at", moment) or line.missing("published_at"),
        )
        lines = boards.setdefault(board, [])
        before = latest.get(board[:2])
        if before is not None and board[2] < before:
            backwards.append(f"row {row}: {board[1]} of {board[2]:%Y-%m-%d}")
        latest[board[:2]] = board[2]
        entry = line.entry()
        if entry is not None:
            lines.append((row, entry))
    if not boards:
        raise fault(path, 2, layout.columns["model"], "the file has no boards")
    snapshots = tuple(
        _snapshot(path, board, rows, layout, now) for board, rows in sorted(boards.items())
    )
    numbers = {(board, entry.model): row for board, lines in boards.items() for row, entry in lines}
    return Feed(snapshots, _findings(backwards, cells.header, layout), numbers)


def _findings(backwards: list[str], header: tuple[str, ...], layout: Layout) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if backwards:
        found.append(
            Finding(
                "unsorted-dates",
                len(backwards),
                "lines are dated before the line above them; boards were put in order of time",
                tuple(backwards[:_EXAMPLES]),
            )
        )
    unread = sorted(set(header) - set(layout.columns.values()) - layout.ignored)
    if unread:
        found.append(
            Finding("unread-columns", len(unread), "columns that nothing is read from", (*unread,))
        )
    return tuple(found)


def _places(
    path: Path, header: tuple[str, ...], layout: Layout, arena: str | None
) -> dict[str, int]:
    """Field -> index of its column; what must be there is."""
    at = {field: header.index(name) for field, name in layout.columns.items() if name in header}
    needed = [field for field in _REQUIRED if field != "arena" or arena is None]
    if layout.ranked:
        needed.append("rank")
    elif not {"rank", "score"} & at.keys():
        names = layout.columns["rank"], layout.columns["score"]
        raise fault(path, 1, names[0], f'is missing, and so is "{names[1]}": give one of them')
    for field in needed:
        if field not in at:
            name = layout.columns[field]
            raise fault(path, 1, name, f"is missing{hint(name, header)}")
    return at


def _snapshot(
    path: Path, board: BoardKey, rows: list[_Row], layout: Layout, now: datetime
) -> Snapshot:
    rows.sort(key=lambda row: place(row[1]))
    snapshot = Snapshot(*board, tuple(entry for _, entry in rows))
    found = first_fault(snapshot, now)
    if found is None and layout.contiguous:
        found = gap_fault(snapshot)
    if found is not None:
        row = rows[found.entry][0] if rows else 2
        if found.column == "model":
            # Of two lines for one model, the later one in the file is the surplus.
            name = snapshot.entries[found.entry].model
            row = max(number for number, entry in rows if entry.model == name)
        raise fault(path, row, layout.columns[found.column], found.message)
    return snapshot


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file, asked by field."""

    path: Path
    row: int
    layout: Layout
    at: Mapping[str, int]
    values: tuple[str, ...]

    def text(self, field: str) -> str | None:
        place = self.at.get(field)
        return (self.values[place] or None) if place is not None else None

    def value(self, field: str, parse: Callable[[str], _Value]) -> _Value | None:
        text = self.text(field)
        if text is None:
            return None
        try:
            return parse(text)
        except ValueError as error:
            column = self.layout.columns[field]
            raise fault(self.path, self.row, column, f"{text!r} {error.args[0]}") from error

    def missing(self, field: str) -> NoReturn:
        raise fault(self.path, self.row, self.layout.columns[field], "is blank")

    def entry(self) -> Entry | None:
        """The line of the board, or `None` where only the board itself is named."""
        rank, score = self.value("rank", _whole), self.value("score", _number)
        model = self.text("model")
        if model is None:
            if rank is not None or score is not None:
                raise fault(self.path, self.row, self.layout.columns["model"], "is blank")
            return None
        return Entry(
            rank,
            model,
            self.text("organization"),
            score,
            self.value("score_low", _number),
            self.value("score_high", _number),
            self.value("votes", _whole),
            self.text("licence"),
            self.value("price_usd", _number),
            self.text("price_unit"),
            self.value("released", _day),
            self.text("model_id"),
            self.text("kind"),
        )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise ValueError("is no number") from error


def _whole(text: str) -> int:
    """A whole number; `3.0`, as tools write a column with blanks, is one."""
    try:
        number = float(text)
        whole = int(number)
    except (ValueError, OverflowError) as error:
        raise ValueError("is no whole number") from error
    if whole != number:
        raise ValueError("is no whole number")
    return whole


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ValueError("is no YYYY-MM-DD") from error


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime:
    """A day, meaning its start in UTC, or a time with its zone.

    Raises `ValueError`, whose text goes on from the value: "… has a time of day without its zone".
    """
    if len(text) == len("2026-01-31"):
        return datetime.combine(_day(text), datetime.min.time(), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is no YYYY-MM-DD, nor an ISO time with its zone") from error
    if moment.tzinfo is None:
        raise ValueError("has a time of day without its zone; add Z or +00:00, or give the day")
    return moment.astimezone(UTC)
