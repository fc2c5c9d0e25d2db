"""A plain table of prices, one a row, with the columns that docs/prices.md names."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from evals.prices.files import CLIPS, PICTURES, size_of
from evals.prices.history import MODALITIES, UNITS, Row
from evals.prices.sources import Feed, Listing
from evals.prices.table import Line, read_lines
from evals.prices.tiers import Tier, size_fault
from evals.prices.types import Price

FEED = "csv"
NEEDED = ("model", "modality", "unit", "usd")
ALLOWED = (
    *NEEDED,
    "name",
    "provider",
    "size",
    "quality",
    "up_to_lines",
    "up_to_seconds",
    "effective_from",
    "expires",
    "source",
)


def read(path: Path, day: date) -> Feed:
    """The rows, each from its own day on, else from `day`. What is not in it stays as it was."""
    dated: dict[date, dict[tuple[object, ...], Row]] = {}
    made: dict[str, str] = {}
    for line in read_lines(path, NEEDED, ALLOWED):
        row = _row(line, line.day_in("effective_from") or day)
        if made.setdefault(row.model, row.modality) != row.modality:
            raise line.fault("modality", f"{row.model!r} makes something else in an earlier row")
        listed = dated.setdefault(row.price.effective_from, {})
        if row.key in listed:
            raise line.fault("model", f"{row.model!r} has this unit and tier in an earlier row")
        listed[row.key] = row
    return Feed(
        tuple(Listing(at, tuple(rows.values()), None) for at, rows in sorted(dated.items()))
    )


def _row(line: Line, at: date) -> Row:
    model, modality = line.needed("model"), line.one_of("modality", MODALITIES)
    unit = line.one_of("unit", UNITS)
    if unit == "gpu_hour":
        raise line.fault("unit", "hours are of machines; those stand in prices/hardware.toml")
    other = CLIPS if modality == "image" else PICTURES
    if unit in other:
        raise line.fault("unit", f"{unit} is no unit of what {modality} models make")
    size = size_of(line.text("size"), modality) if line.text("size") else None
    fault = None if size is None else size_fault(size)
    if fault is not None:
        raise line.fault("size", fault)
    lines = line.limit_in("up_to_lines")
    if lines is not None and (size is not None or not lines.is_integer()):
        raise line.fault("up_to_lines", "must be whole, and blank where there is a size")
    begins, expires = line.day_in("effective_from"), line.day_in("expires")
    if begins is not None and expires is not None and expires <= begins:
        raise line.fault("expires", "must be later than effective_from")
    usd = line.number_in("usd")
    known = usd is not None and usd > 0
    reason = "" if known else "no price is given" if usd is None else f"{usd:g} is no price"
    tier = Tier(
        size,
        line.text("quality") or None,
        None if lines is None else int(lines),
        line.limit_in("up_to_seconds"),
    )
    source = line.text("source") or line.path.name
    price = Price(unit, usd if known else None, at, source, tier, expires, reason)
    name, provider = line.text("name") or model, line.text("provider")
    return Row(model, model, name, provider, modality, price)
