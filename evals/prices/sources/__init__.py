"""Outside price lists, one file each: a file → what it lists from which day; nothing is stored.

A source is a module with

- `FEED`: name of the history that its listings belong to;
- `read(path, day)`: what the file lists, as a `Feed`; `day` is that of files that name none.
  Raises InputError with file, row and column;
- `default()`, where there is a file to read when none is named: its path, or InputError that says
  how to come by it.

It is found by its file name, with `-` for `_`; its docstring's first line is what `churnboard
prices import --help` says of it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from evals import plugins
from evals.errors import InputError, NotFoundError
from evals.names import hint
from evals.prices.history import Row


@dataclass(frozen=True)
class Listing:
    """What a source lists on a day. The days of the rows are those of the listing."""

    day: date
    rows: tuple[Row, ...]
    scope: str | None
    """Beginning of the ids of which this is all: those missing are listed no more. None where a
    file says nothing of what is not in it; "" where it is everything that its feed has."""


@dataclass(frozen=True)
class Feed:
    """All that a file says, the earliest listing first."""

    listings: tuple[Listing, ...]
    notes: tuple[str, ...] = ()
    """What was not understood, or left out; one line each."""


@dataclass(frozen=True)
class PriceSource:
    """A kind of file that can be imported."""

    kind: str
    feed: str
    about: str
    read: Callable[[Path, date], Feed]
    default: Callable[[], Path]


def kinds() -> tuple[str, ...]:
    """Every kind of price list that can be imported."""
    return plugins.kinds(__path__)


def price_source(kind: str) -> PriceSource:
    """Look a source up by kind. Raises `NotFoundError` with the nearest one."""
    if kind not in kinds():
        raise NotFoundError(f"no source of prices {kind!r}{hint(kind, kinds())}")
    module = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")

    def needs_a_file() -> Path:
        raise InputError(f"name the file: churnboard prices import {kind} FILE")

    return PriceSource(
        kind,
        cast(str, module.FEED),
        (module.__doc__ or "").partition("\n")[0],
        cast("Callable[[Path, date], Feed]", module.read),
        cast("Callable[[], Path]", getattr(module, "default", needs_a_file)),
    )
