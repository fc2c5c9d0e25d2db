"""Published VBench tables: `model` and the sixteen dimensions, in per cent or from 0 to 1.

A table is one board of text-to-video. Its score is the total in per cent; quality, semantic and
the dimensions stand beside it. Whose models it lists is its author's choice, so one that is not in
the next table has not left: no half-life is measured on such boards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.names import hint
from evals.vbench import DIMENSIONS, combined, quality, semantic
from leaderboard.history.cells import Cells, fault, read_cells
from leaderboard.history.tidy import moment
from leaderboard.history.vbench_cells import in_percent, number_row
from leaderboard.snapshots import Entry, Feed, Finding, Snapshot, first_fault, ordered

NAME = "vbench"
ARENA = "text-to-video"
SELECTION = True
PARTS = ("quality", "semantic")
"""Scores beside the dimensions, by the names they are stored under."""
NEAR = 0.01
"""Points of per cent by which a published total may miss the one that its dimensions give."""
_STAMP = "%Y%m%dT%H%M%S%fZ"
_DATES = ("published_at", "date")
_TOTALS = {name: part for part in (*PARTS, "total") for name in (part, f"{part}_score")}
"""Optional columns, and which of ours they publish."""
_KNOWN = frozenset({"model", "organization", *_DATES, *_TOTALS, *DIMENSIONS})


@dataclass(frozen=True)
class _Model:
    """One line of the table."""

    row: int
    name: str
    organization: str | None
    published_at: datetime | None
    percent: Mapping[str, float]
    """Column -> score, for what is not missing."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Dimensions without a score."""
        return tuple(name for name in DIMENSIONS if name not in self.percent)

    def scores(self) -> dict[str, float]:
        """Quality, semantic and total where all that they need is there, in per cent."""
        raw = {name: self.percent[name] / 100 for name in DIMENSIONS if name in self.percent}
        lacking = {DIMENSIONS[name].part for name in self.missing}
        found: dict[str, float] = {}
        if "quality" not in lacking:
            found["quality"] = 100 * quality(raw)
        if "semantic" not in lacking:
            found["semantic"] = 100 * semantic(raw)
        if not lacking:
            found["total"] = combined(**found)
        return found


def read(path: Path, now: datetime) -> Feed:
    """The board in the file.

    It is dated by its latest `date` or `published_at`, else by the name of its copy, else `now`.

    Raises:
        SnapshotError: names file, row and column: a column is unknown or missing, a model stands
            twice, a cell is no score, or it cannot be told which unit the scores are in.
    """
    cells = _table(path)
    models = _models(path, cells)
    scores = [model.scores() for model in models]
    dates = [(model.published_at, model.row) for model in models if model.published_at is not None]
    at, row = max(dates, default=(dated_by_name(path) or now, 2))
    entries = [_entry(model, of, scores) for model, of in zip(models, scores, strict=True)]
    board = Snapshot(NAME, ARENA, at, ordered(entries))
    rows = {(board.key, model.name): model.row for model in models}
    found = first_fault(board, now)
    if found is not None and found.column == "published_at":
        raise fault(path, row, "date", found.message)
    if found is not None:
        # Of two lines for one model, the later one in the file is the surplus.
        name = board.entries[found.entry].model
        raise fault(path, rows[board.key, name], "model", found.message)
    findings = [*_without_total(models), *_other_totals(models, scores), *_unread(cells)]
    if not dates:
        findings.append(_undated(at))
    return Feed((board,), tuple(findings), rows)


def undated(path: Path) -> bool:
    """True when neither the table nor the name of the file says when it was published."""
    cells = _table(path)
    places = [cells.header.index(name) for name in _DATES if name in cells.header]
    filled = any(values[place] for _, values in cells.rows for place in places)
    return not filled and dated_by_name(path) is None


def label(path: Path) -> str | None:
    """What the name of a kept copy must carry: when an undated table was published, or read."""
    at = dated_by_name(path)
    return None if at is None else stamp(at)


def stamp(at: datetime) -> str:
    """A time as the name of a kept copy has it."""
    return f"{at.astimezone(UTC):{_STAMP}}"


def dated_by_name(path: Path) -> datetime | None:
    """The time in the name of a kept copy; `None` for any other file."""
    kept = path.name.split(".")
    try:
        return datetime.strptime(kept[-2], _STAMP).replace(tzinfo=UTC) if len(kept) > 2 else None
    except ValueError:
        return None  # a name with dots of its own


def answer(boards: Sequence[Snapshot]) -> dict[str, Any]:
    """What `import --json` says of the tables beside counts: the scores of every model, in %."""
    return {
        "models": [
            {
                "model": entry.model,
                **{part: entry.scores.get(part) for part in PARTS},
                "total": entry.score,
            }
            for board in boards
            for entry in board.entries
        ]
    }


def _table(path: Path) -> Cells:
    """The file's cells; its header may be written as VBench's own pages do: `Subject Consistency`.

    A column without a name and without a cell, as spreadsheets leave one at the end, is dropped.
    """
    cells = read_cells(path)
    named = [name.lower().replace(" ", "_").replace("-", "_") for name in cells.header]
    kept = [
        place
        for place, name in enumerate(named)
        if name or any(values[place] for _, values in cells.rows)
    ]
    header = tuple(named[place] for place in kept)
    twice = next((name for place, name in enumerate(header) if name in header[:place]), None)
    if twice is not None:
        raise fault(path, 1, twice, "the column stands twice")
    rows = tuple((row, tuple(values[place] for place in kept)) for row, values in cells.rows)
    return replace(cells, header=header, rows=rows)


def _models(path: Path, cells: Cells) -> tuple[_Model, ...]:
    missing = [name for name in ("model", *DIMENSIONS) if name not in cells.header]
    for name in cells.header:
        nearest = hint(name, missing)
        if name not in _KNOWN and nearest:
            raise fault(path, 1, name, f"is no column of a VBench table{nearest}")
    for name in missing:
        raise fault(path, 1, name, "is missing; a total needs all sixteen dimensions")
    if not cells.rows:
        raise fault(path, 2, "model", "the file has no models")
    lines = [(row, dict(zip(cells.header, values, strict=True))) for row, values in cells.rows]
    numbers = [
        number_row(
            path,
            row,
            {name: line[name] for name in line if name in DIMENSIONS.keys() | _TOTALS.keys()},
        )
        for row, line in lines
    ]
    return tuple(
        _Model(
            row, _name(path, row, line), line.get("organization") or None, _at(path, row, line), of
        )
        for (row, line), of in zip(lines, in_percent(path, numbers), strict=True)
    )


def _name(path: Path, row: int, line: Mapping[str, str]) -> str:
    if not line["model"]:
        raise fault(path, row, "model", "is blank")
    return line["model"]


def _at(path: Path, row: int, line: Mapping[str, str]) -> datetime | None:
    found: datetime | None = None
    for column in _DATES:
        if line.get(column):
            try:
                found = found or moment(line[column])
            except ValueError as error:
                raise fault(path, row, column, f"{line[column]!r} {error.args[0]}") from error
    return found


def _entry(model: _Model, of: Mapping[str, float], every: Sequence[Mapping[str, float]]) -> Entry:
    """A line of the board; equal totals share a rank, and without a total there is none."""
    total = of.get("total")
    rank = None
    if total is not None:
        rank = 1 + sum("total" in other and other["total"] > total for other in every)
    parts = {part: of[part] for part in PARTS if part in of}
    raw = {name: model.percent[name] for name in DIMENSIONS if name in model.percent}
    return Entry(rank, model.name, model.organization, total, scores=parts | raw)


def _without_total(models: Sequence[_Model]) -> list[Finding]:
    named = [f"{model.name}: {', '.join(model.missing)}" for model in models if model.missing]
    detail = "models without a score of every dimension, so without a total or a rank"
    return [Finding("no-total", len(named), detail, tuple(named))] if named else []


def _other_totals(models: Sequence[_Model], scores: Sequence[Mapping[str, float]]) -> list[Finding]:
    """Published totals that the dimensions beside them do not give."""
    named = [
        f"{model.name}: {column} {model.percent[column]:.2f}, its dimensions give {of[part]:.2f}"
        for model, of in zip(models, scores, strict=True)
        for column, part in _TOTALS.items()
        if column in model.percent
        and part in of
        # Not for the last bit of a difference of just as much.
        and abs(model.percent[column] - of[part]) > NEAR + 1e-9
    ]
    detail = f"published totals more than {NEAR} from what the dimensions give, which is stored"
    return [Finding("other-totals", len(named), detail, tuple(named))] if named else []


def _unread(cells: Cells) -> list[Finding]:
    names = tuple(name or "a column without a name" for name in cells.header if name not in _KNOWN)
    detail = "columns that nothing is read from"
    return [Finding("unread-columns", len(names), detail, names)] if names else []


def _undated(at: datetime) -> Finding:
    detail = f"a table that does not say when it was published: dated {at:%Y-%m-%d}"
    return Finding("undated", 1, f"{detail}, by --date or by its first import")
