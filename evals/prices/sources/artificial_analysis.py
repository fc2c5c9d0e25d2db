"""List prices on Artificial Analysis boards, per 1,000 images or minute of video, day by day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from evals.names import fold
from evals.prices.history import Row
from evals.prices.sources import Feed, Listing
from evals.prices.table import Line, read_lines
from evals.prices.types import Modality, Price, Unit

FEED = "artificial-analysis"
NEEDED = ("arena", "snapshot_date", "model", "price_usd", "price_unit")
ARENAS: Mapping[str, Modality] = {
    "text-to-image": "image",
    "image-edit": "image",
    "text-to-video": "video",
    "image-to-video": "video",
}
UNITS: Mapping[str, tuple[Unit, float]] = {
    "price_per_1k_images": ("image", 1000.0),
    "price_per_minute": ("second", 60.0),
}
SOURCE = "Artificial Analysis list price"
_GAPS = re.compile(r"[^\w.]+")


def read(path: Path, day: date) -> Feed:
    """The boards of every day in the file.

    One board is all of its arena: who is not on it is listed no more. A day without a board says
    nothing, as the feed has answered with empty ones.
    """
    boards: dict[tuple[date, str], dict[str, Row]] = {}
    for line in read_lines(path, NEEDED):
        at = line.day_in("snapshot_date")
        if at is None:
            raise line.fault("snapshot_date", "is blank")
        row = _row(line, at)
        board = boards.setdefault((at, line.text("arena")), {})
        if row.model in board and board[row.model].price.usd != row.price.usd:
            raise line.fault("model", f"{row.name!r} stands twice on this board, at two prices")
        board[row.model] = row
    return Feed(
        tuple(
            Listing(at, tuple(board.values()), _id(arena, ""))
            for (at, arena), board in sorted(boards.items())
        )
    )


def _row(line: Line, at: date) -> Row:
    arena = line.one_of("arena", tuple(ARENAS))
    name = line.needed("model")
    usd = line.number_in("price_usd")
    unit: Unit = "image" if ARENAS[arena] == "image" else "second"
    each, reason = None, "no price was published"
    if usd is not None and usd <= 0:
        reason = f"published at {usd:g}, which is no price"
    elif usd is not None:
        named = line.one_of("price_unit", tuple(name for name in UNITS if UNITS[name][0] == unit))
        share = UNITS[named][1]
        each, reason = float(f"{usd / share:.9g}"), ""
    price = Price(unit, each, at, SOURCE, reason=reason)
    model = _id(arena, _slug(name))
    return Row(model, model, name, line.text("organization"), ARENAS[arena], price)


def _id(arena: str, slug: str) -> str:
    """Its prices differ by arena: an edit may cost twice a picture."""
    return f"{FEED}/{arena}/{slug}"


def _slug(name: str) -> str:
    """A name as it is typed.

    >>> _slug("Nano Banana Pro (Gemini 3 Pro Image)")
    'nano-banana-pro-gemini-3-pro-image'
    """
    return _GAPS.sub("-", fold(name)).strip("-")
