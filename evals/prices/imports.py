"""An outside price list → the home's history of it: all of a file, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evals.prices.book import FOLDER
from evals.prices.history import Row, append, changes, path_of, read_rows
from evals.prices.sources import price_source


@dataclass(frozen=True)
class Imported:
    """What an import found and what it added."""

    source: str
    file: Path
    """Read."""
    path: Path
    """The history that it went into."""
    models: int
    """Price ids that the file lists on its last day."""
    known: int
    """Of those the ones with a price."""
    new: int
    """Prices that were not known before."""
    changed: int
    unlisted: int
    """Prices listed no more, from the day of the listing that lacks them."""
    notes: tuple[str, ...]


def import_prices(home: Path, kind: str, file: Path | None, day: date) -> Imported:
    """Add what a file lists to the home's prices. Again, it changes nothing.

    Args:
        home: the user's folder.
        kind: of source, as in `evals.prices.sources`.
        file: None for the one that the source knows of itself.
        day: from which the prices of a file count that names no day.

    Raises:
        InputError: no such source, no file, or one with a fault; nothing is stored then.
    """
    source = price_source(kind)
    chosen = file if file is not None else source.default()
    feed = source.read(chosen, day)
    path = path_of(home / FOLDER, source.feed)
    rows = read_rows(path)
    before = len(rows)
    for listing in feed.listings:
        rows += changes(rows, listing.rows, listing.day, listing.scope)
    added = rows[before:]
    append(path, added)
    seen = {row.key for row in rows[:before]}
    gone = [row for row in added if row.price.reason == "no longer listed"]
    new = {row.key for row in added} - seen
    last = {row.model: row for listing in feed.listings for row in listing.rows}
    return Imported(
        source=kind,
        file=chosen,
        path=path,
        models=len(last),
        known=sum(_known(row) for row in last.values()),
        new=len(new),
        changed=len(added) - len(new) - len(gone),
        unlisted=len(gone),
        notes=feed.notes,
    )


def _known(row: Row) -> bool:
    return row.price.known
