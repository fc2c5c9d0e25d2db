"""What a price list is, and which of its prices count on a day (pure)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from evals.prices.tiers import ANY, Tier, order

DeviceKind = Literal["cpu", "cuda", "mps"]
Modality = Literal["image", "video"]
Unit = Literal[
    "image",
    "megapixel",
    "whole_megapixel",
    "second",
    "image_token",
    "input_image",
    "input_image_token",
    "gpu_hour",
]
Status = Literal["current", "expired", "unknown"]

WHOLE_MEGAPIXEL = 1024 * 1024
"""Pixels. Sellers who bill by whole megapixels round up to ones of this size."""
ON_TOP: frozenset[Unit] = frozenset({"input_image", "input_image_token"})
"""Of what a call begins with: no price of what it makes."""
WORDS: Mapping[Unit, str] = {
    "image": "image",
    "megapixel": "megapixel",
    "whole_megapixel": "whole megapixel",
    "second": "s",
    "image_token": "image token",
    "input_image": "input image",
    "input_image_token": "input image token",
    "gpu_hour": "h",
}


@dataclass(frozen=True)
class Price:
    """What one unit costs from a day on, up to the limits of a tier."""

    unit: Unit
    usd: float | None
    """`None`, 0 and below are no prices: what it costs is unknown."""
    effective_from: date
    source: str
    tier: Tier = ANY
    expires: date | None = None
    """From this day on the seller sells it no more."""
    reason: str = ""
    """Why there is no price, where there is none."""

    @property
    def known(self) -> bool:
        """Whether there is a price to reckon with."""
        return self.usd is not None and math.isfinite(self.usd) and self.usd > 0

    def over(self, day: date) -> bool:
        """Whether it is sold no more on a day."""
        return self.expires is not None and self.expires <= day

    def status(self, day: date) -> Status:
        """`unknown` without a usable price, `expired` from the day it is sold no more."""
        if not self.known:
            return "unknown"
        return "expired" if self.over(day) else "current"


@dataclass(frozen=True)
class Entry:
    """A price list, which a model's file names as its `price`, or as its `hardware`."""

    id: str
    name: str
    prices: tuple[Price, ...]
    provider: str | None = None
    modality: Modality | None = None
    """What it is a price of; `None` of a machine."""
    device: DeviceKind | None = None
    """Kind of a machine that can be rented; `None` of what somebody else runs."""
    origin: str = ""
    """The file it was read from."""
    tiers: tuple[Price, ...] = ()
    """Of the same model, and listed under ids of their own, which say the tier."""


@dataclass(frozen=True)
class Size:
    """A picture (one frame, no rate) or a clip, by its measures alone."""

    width: int
    height: int
    frames: int = 1
    fps: float | None = None


@dataclass(frozen=True)
class Cost:
    """US dollars, or None where they are unknown, and one line that says how or why."""

    usd: float | None
    basis: str


def in_force(entry: Entry, day: date) -> tuple[Price, ...]:
    """The prices that count on `day`, the smallest tier of each unit first.

    Of the same unit and tier the latest begun: a later price is never seen from an earlier day.
    """
    begun = sorted(
        (price for price in (*entry.prices, *entry.tiers) if price.effective_from <= day),
        key=lambda price: price.effective_from,
    )
    latest = {(price.unit, price.tier): price for price in begun}
    return tuple(sorted(latest.values(), key=lambda price: (price.unit, order(price.tier))))


def at_quality(entry: Entry, quality: str | None) -> Entry:
    """The list with all its tiers as it is for one quality; without one, all are kept.

    Tiers of other qualities are left out, and so is a unit's tier for any quality where the unit
    has one for this.
    """
    offered = (*entry.prices, *entry.tiers)
    if quality is None:
        return replace(entry, prices=offered, tiers=())
    named = {price.unit for price in offered if price.tier.quality == quality}
    kept = [
        price
        for price in offered
        if price.tier.quality == quality or (price.tier.quality is None and price.unit not in named)
    ]
    return replace(entry, prices=tuple(kept), tiers=())
