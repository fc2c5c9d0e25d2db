"""The numbers of a VBench table: text -> per cent, and which unit the whole file is in (pure).

Published tables are in per cent or in fractions, never in both, so the unit is the file's and no
cell's: fractions when no score of a dimension is above 1 and no cell has a `%`, else per cent.
What then cannot be is refused, for half a table in the other unit is a plausible wrong answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from evals.vbench import DIMENSIONS
from leaderboard.history.cells import fault

_MISSING = frozenset({"", "-", "–", "—", "n/a", "N/A"})
_DECIMALS = 8
"""Of a per cent that are kept: a table whose fractions a program divided by 100 is the same one."""
_WHOLE = Decimal(100)


@dataclass(frozen=True)
class Row:
    """The numbers of one line."""

    row: int
    """Of the file, as a person finds it."""
    numbers: Mapping[str, Decimal]
    """Column -> as it stands there; missing ones are absent."""
    signed: frozenset[str]
    """Columns whose cell ends in `%`."""


def number_row(path: Path, row: int, cells: Mapping[str, str]) -> Row:
    """Read the numbers of one line; blank, `-` and `n/a` are missing.

    Raises:
        SnapshotError: a cell is no finite number, or is below 0.
    """
    numbers: dict[str, Decimal] = {}
    signed: set[str] = set()
    for column, text in cells.items():
        if text in _MISSING:
            continue
        bare = text.removesuffix("%").rstrip()
        try:
            value = Decimal(bare)
        except InvalidOperation as error:
            raise fault(path, row, column, f"{text!r} is no number") from error
        if not value.is_finite():
            raise fault(path, row, column, f"{text!r} is no finite number; leave it blank")
        if value < 0:
            raise fault(path, row, column, f"{text!r} is below 0; scores are from 0 to 100 %")
        numbers[column] = value
        if bare != text:
            signed.add(column)
    return Row(row, numbers, frozenset(signed))


def in_percent(path: Path, rows: Sequence[Row]) -> tuple[dict[str, float], ...]:
    """Every row in per cent: column -> score, all from 0 to 100.

    Args:
        path: of the file, for errors.
        rows: of the whole file; the columns that are dimensions decide on its unit.

    Raises:
        SnapshotError: a score is above 100 %, or a file in per cent holds what can only be (or,
            for a whole row or column, may as well be) a fraction.
    """
    percent = _is_percent(path, rows)
    for row in rows:
        for column, value in row.numbers.items():
            if percent and value > _WHOLE:
                raise fault(path, row.row, column, f"{value} is above 100 %")
            if not percent and value > 1:
                raise fault(path, row.row, column, f"{value} is above 1 in a table of fractions")
    factor = Decimal(1) if percent else _WHOLE
    return tuple(
        {column: float(round(value * factor, _DECIMALS)) for column, value in row.numbers.items()}
        for row in rows
    )


def _is_percent(path: Path, rows: Sequence[Row]) -> bool:
    cells = [(row, name) for row in rows for name in DIMENSIONS if name in row.numbers]
    if not cells:
        raise fault(path, rows[0].row, next(iter(DIMENSIONS)), "no model has a score")
    proof = max(cells, key=lambda cell: (cell[1] in cell[0].signed, cell[0].numbers[cell[1]]))
    row, name = proof
    if row.numbers[name] <= 1 and name not in row.signed:
        return False
    because = f"row {row.row}, column {name} ({row.numbers[name]}) puts the file in per cent"
    small = [(row, name) for row, name in cells if 0 < row.numbers[name] <= 1]
    for row, name in small:
        # Below what the authors found to be the least reachable, and a credible fraction.
        impossible = 100 * DIMENSIONS[name].low > 1
        if impossible or _all_small(rows, name) or _only_small(row):
            value = row.numbers[name]
            raise fault(
                path,
                row.row,
                name,
                f"{value} is a fraction, or {value} %? {because}; give every score from 0 to 1, or"
                " every one in per cent",
            )
    return True


def _all_small(rows: Sequence[Row], name: str) -> bool:
    """True where a column's scores are all at most 1."""
    return all(row.numbers[name] <= 1 for row in rows if name in row.numbers)


def _only_small(row: Row) -> bool:
    """True where all that a model scores is at most 1."""
    return all(row.numbers[name] <= 1 for name in DIMENSIONS if name in row.numbers)
