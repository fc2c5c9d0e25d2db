"""What changed in LiteLLM's price map and when: first seen, changed, removed.

It goes into the history of `litellm`, so that days before the first import have prices, too. Import
it before the map, so that what the map lists no more is seen to be gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from pathlib import Path

from evals.prices.history import Row
from evals.prices.sources import Feed, Listing
from evals.prices.sources._litellm_fields import MODES, rows_of
from evals.prices.table import Line, read_lines

FEED = "litellm"
COLUMNS = ("date", "model", "mode", "price_field", "value", "event")
EVENTS = ("new", "changed", "removed")


def read(path: Path, day: date) -> Feed:
    """The map as it was on every day on which something happened."""
    dated = sorted(
        ((_day(line), line) for line in read_lines(path, COLUMNS)), key=lambda pair: pair[0]
    )
    fields: dict[str, dict[str, float]] = {}
    modes: dict[str, str] = {}
    listings: list[Listing] = []
    for at, lines in groupby(dated, key=lambda pair: pair[0]):
        for _, line in lines:
            model = line.needed("model")
            modes[model] = line.one_of("mode", tuple(MODES))
            own = fields.setdefault(model, {})
            if line.one_of("event", EVENTS) == "removed":
                own.pop(line.needed("price_field"), None)
            else:
                own[line.needed("price_field")] = line.number_in("value") or 0.0
        listings.append(Listing(at, tuple(_rows(fields, modes, at)), ""))
    return Feed(tuple(listings))


def _rows(
    fields: Mapping[str, Mapping[str, float]], modes: Mapping[str, str], day: date
) -> list[Row]:
    """Models with at least one price field: one that has lost its last is listed no more."""
    return [
        row
        for model, own in fields.items()
        if own
        for row in rows_of(model, MODES[modes[model]], _provider(model), own, day)
    ]


def _provider(model: str) -> str:
    """The events name none; the map's own ids begin with it, but for OpenAI's."""
    first = model.partition("/")[0]
    return "openai" if first == model or "-x-" in first or first in ("hd", "standard") else first


def _day(line: Line) -> date:
    found = line.day_in("date")
    if found is None:
        raise line.fault("date", "is blank")
    return found
