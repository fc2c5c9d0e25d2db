"""Price book: what an hour of hardware costs at a date, and what a generation therefore cost.

An unknown price gives an unknown cost, with the reason in words: never 0, which would rank a model
first for being unpriced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import Field

from evals import tomlfile

DeviceKind = Literal["cpu", "cuda", "mps"]


@dataclass(frozen=True)
class Price:
    """What one hour costs from a day on."""

    usd_per_hour: float
    effective_from: date
    source: str


@dataclass(frozen=True)
class Hardware:
    """A kind of machine that can be rented, and the history of its price."""

    id: str
    name: str
    device: DeviceKind
    prices: tuple[Price, ...]
    """Oldest first."""


@dataclass(frozen=True)
class Cost:
    """US dollars, or None where they are unknown, and one line that says how or why."""

    usd: float | None
    basis: str


class _PriceTable(tomlfile.Strict):
    usd_per_hour: Annotated[float, Field(allow_inf_nan=False)]
    effective_from: date
    source: Annotated[str, Field(min_length=1)]


class _HardwareTable(tomlfile.Strict):
    name: Annotated[str, Field(min_length=1)]
    device: DeviceKind
    prices: list[_PriceTable]


def read_hardware(path: Path) -> dict[str, Hardware]:
    """Read hardware by id from one TOML file of this form.

    ::

        [cpu-2]
        name = "2 virtual processors"
        device = "cpu"
        [[cpu-2.prices]]
        usd_per_hour = 0.0832
        effective_from = 2026-01-01
        source = "…"

    Raises:
        RegistryError: one line that names file and key.
    """
    found: dict[str, Hardware] = {}
    for name, table in tomlfile.read(path).items():
        if not isinstance(table, dict):
            raise tomlfile.key_error(path, name, "must be a table with name, device and prices")
        entry = tomlfile.validate(path, cast("dict[str, Any]", table), _HardwareTable, at=name)
        prices = [Price(p.usd_per_hour, p.effective_from, p.source) for p in entry.prices]
        ordered = tuple(sorted(prices, key=lambda price: price.effective_from))
        found[name] = Hardware(name, entry.name, entry.device, ordered)
    return found


def merge(layers: Iterable[Mapping[str, Hardware]]) -> dict[str, Hardware]:
    """Price books laid over each other: the later one wins for an id that both have."""
    merged: dict[str, Hardware] = {}
    for layer in layers:
        merged.update(layer)
    return merged


def price_at(hardware: Hardware, day: date) -> Price | None:
    """The price in force on `day`, or None before the first one."""
    past = [price for price in hardware.prices if price.effective_from <= day]
    return past[-1] if past else None


def cost(seconds: float | None, hardware: Hardware | None, day: date, ran_on: str | None) -> Cost:
    """What `seconds` of computing cost.

    Args:
        seconds: wall time of the model's call; None if it was not measured.
        hardware: what the model is registered to run on; None if its file does not say.
        day: the day of the generation.
        ran_on: kind of device it did run on (`cpu`, `cuda`, `mps`), None if not known yet. The
            seconds of one kind of device are not billed at the price of another.

    Returns:
        seconds × price / 3600, or an unknown cost with the reason.
    """
    if hardware is None:
        return Cost(None, "no hardware named in the model's file")
    if seconds is None:
        return Cost(None, "no latency measured")
    if ran_on is not None and ran_on != hardware.device:
        return Cost(None, f"ran on {ran_on}, but {hardware.id} is priced for {hardware.device}")
    price = price_at(hardware, day)
    if price is None:
        return Cost(None, f"no price of {hardware.id} on {day.isoformat()}")
    if price.usd_per_hour <= 0:
        return Cost(None, f"{price.usd_per_hour:g} USD/h for {hardware.id} is not a price")
    return Cost(
        seconds * price.usd_per_hour / 3600,
        f"{seconds:.3g} s at {price.usd_per_hour:g} USD/h"
        f" ({hardware.id} from {price.effective_from.isoformat()})",
    )
