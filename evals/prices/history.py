"""Imported prices: one append-only CSV per feed, written by the program, read into the book.

A row is a price from a day on. What changes is a new row, and so is what is listed no more (its
price, expired from that day); no row is ever edited, so any past day can be priced.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import get_args

from evals.errors import InputError
from evals.home import shown
from evals.prices.table import Line, read_lines
from evals.prices.tiers import Tier, size_fault
from evals.prices.types import Entry, Modality, Price, Unit

PREFIX = "imported-"
COLUMNS = (
    "model",
    "of",
    "name",
    "provider",
    "modality",
    "unit",
    "usd",
    "size",
    "quality",
    "up_to_lines",
    "up_to_seconds",
    "effective_from",
    "expires",
    "source",
    "reason",
)
UNITS: tuple[Unit, ...] = get_args(Unit)
MODALITIES: tuple[Modality, ...] = get_args(Modality)


@dataclass(frozen=True)
class Row:
    """One price of one model, as a source lists it."""

    model: str
    """Price id, in the source's own words."""
    of: str
    """The model that it is a tier of: `gpt-image-1` for `low/1024-x-1024/gpt-image-1`. Else the
    same as `model`."""
    name: str
    provider: str
    modality: Modality
    price: Price

    @property
    def key(self) -> tuple[str, Unit, Tier]:
        """What a later row of the same key replaces."""
        return self.model, self.price.unit, self.price.tier


def path_of(folder: Path, feed: str) -> Path:
    """The file of a feed."""
    return folder / f"{PREFIX}{feed}.csv"


def latest(rows: Iterable[Row], day: date) -> dict[tuple[str, Unit, Tier], Row]:
    """The rows in force on a day by what they are of: what begins later is not seen."""
    found: dict[tuple[str, Unit, Tier], Row] = {}
    begun = [row for row in rows if row.price.effective_from <= day]
    for row in sorted(begun, key=lambda row: row.price.effective_from):
        found[row.key] = row
    return found


def changes(known: Sequence[Row], listed: Sequence[Row], day: date, scope: str | None) -> list[Row]:
    """What a listing of a day adds to the history (pure).

    Args:
        known: all rows so far.
        listed: what the source lists on the day.
        day: of the listing.
        scope: beginning of the ids that it lists completely, so that what is not in it is listed
            no more; None where it says nothing of others.

    Returns:
        Rows of new and changed prices from the day on; the last price of what is gone, expired.
    """
    before = latest(known, day)
    added = [
        replace(row, price=replace(row.price, effective_from=day))
        for row in listed
        if row.key not in before or not _same(before[row.key], row)
    ]
    if scope is None:
        return added
    there = {row.key for row in listed}
    gone = [
        row
        for key, row in before.items()
        if row.model.startswith(scope) and key not in there and not row.price.over(day)
    ]
    return added + [
        replace(
            row,
            price=replace(row.price, effective_from=day, expires=day, reason="no longer listed"),
        )
        for row in gone
    ]


def _same(one: Row, other: Row) -> bool:
    """Equal in what it costs; who says so, and under which title, is no change of price."""

    def what(row: Row) -> tuple[object, ...]:
        return row.of, row.modality, row.price.usd, row.price.expires, row.price.reason

    return what(one) == what(other)


def entries(rows: Iterable[Row], origin: str) -> dict[str, Entry]:
    """Rows as price lists by id, and one more for every model whose tiers have ids of their own."""
    own: dict[str, list[Row]] = {}
    tiers: dict[str, list[Row]] = {}
    for row in rows:
        own.setdefault(row.model, []).append(row)
        if row.of != row.model:
            tiers.setdefault(row.of, []).append(row)
    return {
        name: _entry(name, own.get(name, []), tiers.get(name, []), origin)
        for name in (*own, *(name for name in tiers if name not in own))
    }


def _entry(name: str, own: Sequence[Row], tiers: Sequence[Row], origin: str) -> Entry:
    last = (own or tiers)[-1]
    return Entry(
        name,
        last.name if own else name,
        tuple(row.price for row in own),
        last.provider or None,
        last.modality,
        None,
        origin,
        tuple(row.price for row in tiers),
    )


def read_imported(folder: Path) -> dict[str, Entry]:
    """Every imported price list by id; of two feeds with one id the first by file name.

    Raises:
        InputError: names the file, row and column.
    """
    found: dict[str, Entry] = {}
    if folder.is_dir():
        for path in sorted(folder.glob(f"{PREFIX}*.csv"), reverse=True):
            found.update(entries(read_rows(path), shown(path)))
    return found


def read_rows(path: Path) -> list[Row]:
    """The rows of a feed's file, in order; none where there is no file.

    Raises:
        InputError: names the file, row and column.
    """
    if not path.exists():
        return []
    try:
        return [_row(line) for line in read_lines(path, COLUMNS, COLUMNS)]
    except InputError as error:
        cure = "the program writes this file: restore it, or delete it and import again"
        raise InputError(f"{error}; {cure}") from error


def append(path: Path, rows: Sequence[Row]) -> None:
    """Add rows to a feed's file, durably and all or none: a new file takes the old one's place."""
    if not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if not path.exists():
        writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in rows)
    before = path.read_bytes() if path.exists() else b""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(before + text.getvalue().encode())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _cells(row: Row) -> list[str]:
    price, tier = row.price, row.price.tier
    cells = [
        row.model,
        row.of,
        row.name,
        row.provider,
        row.modality,
        price.unit,
        price.usd,
        tier.size,
        tier.quality,
        tier.up_to_lines,
        tier.up_to_seconds,
        price.effective_from.isoformat(),
        price.expires.isoformat() if price.expires else None,
        price.source,
        price.reason,
    ]
    return ["" if cell is None else str(cell) for cell in cells]


def _row(line: Line) -> Row:
    size, lines = line.text("size") or None, line.limit_in("up_to_lines")
    fault = None if size is None else size_fault(size)
    if fault is not None:
        raise line.fault("size", fault)
    begins = line.day_in("effective_from")
    if begins is None:
        raise line.fault("effective_from", "is blank")
    return Row(
        line.needed("model"),
        line.needed("of"),
        line.needed("name"),
        line.text("provider"),
        line.one_of("modality", MODALITIES),
        Price(
            line.one_of("unit", UNITS),
            line.number_in("usd"),
            begins,
            line.needed("source"),
            Tier(
                size,
                line.text("quality") or None,
                None if lines is None else int(lines),
                line.limit_in("up_to_seconds"),
            ),
            line.day_in("expires"),
            line.text("reason"),
        ),
    )
