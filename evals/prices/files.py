"""Price lists written by people: TOML → entries, checked.

Every `prices/*.toml` of a root is read. A file may hold several lists, each a table by id::

    ["some-image-api"]
    name = "Some image API"
    modality = "image"
    [[some-image-api.prices]]
    usd_per_image = 0.04
    size = "1024x1024"
    effective_from = 2026-01-01
    source = "…"

A price that changes is another one of the same tier with a later date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from evals import tomlfile
from evals.home import shown
from evals.prices.tiers import LINES, SIDES, Tier, size_fault
from evals.prices.types import DeviceKind, Entry, Modality, Price, Unit

KEYS: dict[str, Unit] = {
    "usd_per_image": "image",
    "usd_per_megapixel": "megapixel",
    "usd_per_whole_megapixel": "whole_megapixel",
    "usd_per_clip_second": "second",
    "usd_per_image_token": "image_token",
    "usd_per_input_image": "input_image",
    "usd_per_input_image_token": "input_image_token",
    "usd_per_hour": "gpu_hour",
}
"""What a price is written as, one of these in each."""
ALWAYS = date(2000, 1, 1)
"""When a price begins that says no day: before anything that it could be of."""
CLIPS: frozenset[Unit] = frozenset({"second"})
PICTURES: frozenset[Unit] = frozenset({"image", "megapixel", "whole_megapixel", "image_token"})
Usd = Annotated[float, Field(allow_inf_nan=False)]


class _Price(tomlfile.Strict):
    effective_from: date
    source: tomlfile.Line
    expires: date | None = None
    usd_per_image: Usd | None = None
    usd_per_megapixel: Usd | None = None
    usd_per_whole_megapixel: Usd | None = None
    usd_per_clip_second: Usd | None = None
    usd_per_image_token: Usd | None = None
    usd_per_input_image: Usd | None = None
    usd_per_input_image_token: Usd | None = None
    usd_per_hour: Usd | None = None
    size: tomlfile.Line | None = None
    quality: tomlfile.Line | None = None
    up_to_lines: Annotated[int, Field(ge=1)] | None = None
    up_to_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class _Table(tomlfile.Strict):
    name: tomlfile.Line
    provider: tomlfile.Line | None = None
    modality: Modality | None = None
    device: DeviceKind | None = None
    prices: list[_Price] | None = None
    tiers: list[_Price] | None = None
    """The same by the name that prices of clips had first."""


def read_prices(path: Path) -> dict[str, Entry]:
    """Price lists by id from one file.

    Raises:
        RegistryError: one line that names file and key.
    """
    return {name: _entry(path, name, table) for name, table in tomlfile.read(path).items()}


def own_price(path: Path, table: Mapping[str, Any]) -> Entry:
    """The price that a model's own file states: `price = { usd_per_image = 0.04 }`.

    It takes what any price list does; without a day it always held.

    Raises:
        RegistryError: one line that names file and key.
    """
    given = {"effective_from": ALWAYS, "source": "the model's own file", **table}
    read = tomlfile.validate(path, given, _Price, at="price")
    name, modality = f"{path.stem}.toml", _modality(path, "price", [read])
    price = _price(path, "price", read, modality)
    return Entry(name, f"The price in {name}", (price,), modality=modality, origin=shown(path))


def size_of(text: str, modality: Modality | None) -> str:
    """A size as tiers write it: classes of pictures as `4K`, of frames as `4k`."""
    size = text.strip().replace("×", "x").replace("-x-", "x")
    folded = size.lower()
    classes = LINES if modality == "video" else SIDES
    return {one.lower(): one for one in classes}.get(folded, folded if folded in LINES else size)


def _entry(path: Path, name: str, table: Any) -> Entry:
    if not isinstance(table, dict):
        raise tomlfile.key_error(path, name, "must be a table with name and prices")
    read = tomlfile.validate(path, cast("dict[str, Any]", table), _Table, at=name)
    if (read.prices is None) == (read.tiers is None):
        wrong = "is missing" if read.prices is None else 'and "tiers" are one thing; give one'
        raise tomlfile.key_error(path, f"{name}.prices", wrong)
    listed = read.prices if read.prices is not None else read.tiers or []
    modality = read.modality or _modality(path, name, listed)
    prices = tuple(_price(path, f"{name}.prices", one, modality) for one in listed)
    units = {price.unit for price in prices}
    if read.device is not None and units - {"gpu_hour"}:
        raise tomlfile.key_error(path, f"{name}.device", "is of a machine, priced by the hour only")
    if "gpu_hour" in units and len(units) > 1:
        raise tomlfile.key_error(path, f"{name}.prices", "by the hour stand in a list of their own")
    seen = [(price.unit, price.tier, price.effective_from) for price in prices]
    if len(set(seen)) < len(seen):
        raise tomlfile.key_error(path, f"{name}.prices", "two have the same limits and date")
    return Entry(name, read.name, prices, read.provider, modality, read.device, shown(path))


def _modality(path: Path, name: str, listed: Sequence[_Price]) -> Modality | None:
    """What the units say it is a price of."""
    units = {KEYS[key] for one in listed for key in KEYS if getattr(one, key) is not None}
    if units & CLIPS and units & PICTURES:
        raise tomlfile.key_error(path, f"{name}.prices", "are of pictures and of clips; make two")
    if units & CLIPS:
        return "video"
    return "image" if units & PICTURES else None


def _price(path: Path, at: str, read: _Price, modality: Modality | None) -> Price:
    written = {key: getattr(read, key) for key in KEYS if getattr(read, key) is not None}
    if len(written) != 1:
        had = f"has {' and '.join(written)}" if written else "has none"
        raise tomlfile.key_error(path, at, f"each needs one of {', '.join(KEYS)}; one {had}")
    ((key, usd),) = written.items()
    if read.expires is not None and read.expires <= read.effective_from:
        raise tomlfile.key_error(path, f"{at}.expires", "must be later than effective_from")
    size = None if read.size is None else size_of(read.size, modality)
    fault = None if size is None else size_fault(size)
    if fault is not None:
        raise tomlfile.key_error(path, f"{at}.size", fault)
    if size is not None and read.up_to_lines is not None:
        raise tomlfile.key_error(path, f"{at}.up_to_lines", 'says the same as "size"; give one')
    return Price(
        KEYS[key],
        usd,
        read.effective_from,
        read.source,
        Tier(size, read.quality, read.up_to_lines, read.up_to_seconds),
        read.expires,
    )
