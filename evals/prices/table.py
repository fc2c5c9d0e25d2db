"""Cells of price tables as values, with errors that name file, row and column."""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from evals.errors import InputError
from evals.home import shown

LARGEST_FILE = 50_000_000
"""Bytes; a file beyond that is no price list."""
Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Line:
    """One row of a table; every reader raises InputError for what cannot be read."""

    path: Path
    number: int
    """As an editor counts: the header is 1."""
    cells: Mapping[str, str]

    def fault(self, column: str, what: str) -> InputError:
        """The one line for a value that is wrong."""
        return InputError(f"{shown(self.path)}: row {self.number}, column {column}: {what}")

    def text(self, column: str) -> str:
        """What stands there; "" where the table has no such column."""
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        """Text that must not be blank."""
        found = self.text(column)
        if not found:
            raise self.fault(column, "is blank")
        return found

    def number_in(self, column: str) -> float | None:
        """A finite number; None where it is blank."""
        found = self.text(column)
        if not found:
            return None
        try:
            value = float(found)
        except ValueError:
            raise self.fault(column, f"{found[:40]!r} is no number") from None
        if not math.isfinite(value):
            raise self.fault(column, f"{found[:40]!r} is not finite")
        return value

    def limit_in(self, column: str) -> float | None:
        """A number above 0; None where it is blank."""
        value = self.number_in(column)
        if value is not None and value <= 0:
            raise self.fault(column, f"{value:g} is no limit; leave it blank for any")
        return value

    def day_in(self, column: str) -> date | None:
        """A day as 2026-01-31; None where it is blank."""
        found = self.text(column)
        if not found:
            return None
        try:
            return date.fromisoformat(found)
        except ValueError:
            raise self.fault(column, f"{found[:40]!r} is no day such as 2026-01-31") from None

    def one_of(self, column: str, choices: Sequence[Choice]) -> Choice:
        """One of some words."""
        found = self.text(column)
        for choice in choices:
            if found == choice:
                return choice
        raise self.fault(column, f"{found[:40]!r} is none of {', '.join(map(str, choices))}")


def read_lines(
    path: Path, needed: Sequence[str], allowed: Sequence[str] | None = None
) -> list[Line]:
    """The rows of a CSV file with a header.

    Args:
        path: the file.
        needed: columns that must be there.
        allowed: all columns that may be; None for any.

    Raises:
        InputError: one line that names the file and what is wrong, with row and column.
    """
    text = read_text(path)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(rows, list[str]())]
        for column in needed:
            if column not in header:
                alone = len(header) == 1 and any(mark in header[0] for mark in ";\t")
                cure = "; separate columns by commas, and write 0.04, not 0,04" * alone
                raise InputError(f"{shown(path)}: row 1: no column {column}{cure}")
        for column in header:
            if allowed is not None and column not in allowed:
                known = ", ".join(allowed)
                raise InputError(f"{shown(path)}: row 1: unknown column {column!r}; known: {known}")
        return [
            _line(path, number, header, cells)
            for number, cells in enumerate(rows, start=2)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise InputError(f"{shown(path)}: row {rows.line_num}: not CSV: {error}") from error


def read_text(path: Path) -> str:
    """A file of prices as text. Raises InputError naming the file."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{shown(path)}: larger than {LARGEST_FILE:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{shown(path)}: not UTF-8 at byte {error.start}") from error


def _line(path: Path, number: int, header: Sequence[str], cells: Sequence[str]) -> Line:
    if len(cells) > len(header):
        raise InputError(
            f"{shown(path)}: row {number}, column {len(header) + 1}: the header has"
            f" {len(header)} columns, this row {len(cells)}"
        )
    line = Line(path, number, dict(zip(header, cells, strict=False)))
    for column, cell in line.cells.items():
        if any(unicodedata.category(letter) == "Cc" for letter in cell.strip()):
            raise line.fault(column, "holds a control character")
    return line
