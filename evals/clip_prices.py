"""Price book of clips: what a second of clip costs, by how large and how long the clip is.

For models that somebody else runs and bills by the length of what they make. A tier holds every
clip up to its limits; a clip is billed at the smallest tier that holds it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from evals import tomlfile
from evals.pricing import Cost
from evals.types import Media

FILE = "clips.toml"


@dataclass(frozen=True)
class Tier:
    """What a second of clip costs from a day on, up to a size and a length."""

    usd_per_clip_second: float
    effective_from: date
    source: str
    up_to_lines: int | None = None
    """Pixels of a frame's shorter side: 480 for 832 × 480 and for 480 × 832. `None` = any."""
    up_to_seconds: float | None = None
    """`None` = any length."""

    @property
    def limits(self) -> tuple[float, float]:
        """Lines and seconds; infinite where there is no limit."""
        return (
            math.inf if self.up_to_lines is None else self.up_to_lines,
            math.inf if self.up_to_seconds is None else self.up_to_seconds,
        )


@dataclass(frozen=True)
class ClipPrice:
    """A price list of clips, which a model's file names as its `price`."""

    id: str
    name: str
    tiers: tuple[Tier, ...]


class _TierTable(tomlfile.Strict):
    usd_per_clip_second: Annotated[float, Field(allow_inf_nan=False)]
    effective_from: date
    source: Annotated[str, Field(min_length=1)]
    up_to_lines: Annotated[int, Field(ge=1)] | None = None
    up_to_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None


class _Table(tomlfile.Strict):
    name: Annotated[str, Field(min_length=1)]
    tiers: Annotated[list[_TierTable], Field(min_length=1)]


def read_clip_prices(path: Path) -> dict[str, ClipPrice]:
    """Read price lists by id from one TOML file of this form.

    ::

        [some-video-api]
        name = "Some video API"
        [[some-video-api.tiers]]
        usd_per_clip_second = 0.05
        up_to_lines = 720
        up_to_seconds = 10
        effective_from = 2026-01-01
        source = "…"

    A price that changes is another tier with the same limits and a later date.

    Raises:
        RegistryError: one line that names file and key.
    """
    found: dict[str, ClipPrice] = {}
    for name, table in tomlfile.read(path).items():
        if not isinstance(table, dict):
            raise tomlfile.key_error(path, name, "must be a table with name and tiers")
        entry = tomlfile.validate(path, cast("dict[str, Any]", table), _Table, at=name)
        seen = [(tier.up_to_lines, tier.up_to_seconds, tier.effective_from) for tier in entry.tiers]
        if len(set(seen)) < len(seen):
            raise tomlfile.key_error(path, f"{name}.tiers", "two have the same limits and date")
        tiers = tuple(
            Tier(
                tier.usd_per_clip_second,
                tier.effective_from,
                tier.source,
                tier.up_to_lines,
                tier.up_to_seconds,
            )
            for tier in entry.tiers
        )
        found[name] = ClipPrice(name, entry.name, tiers)
    return found


def merge(layers: Iterable[Mapping[str, ClipPrice]]) -> dict[str, ClipPrice]:
    """Price books laid over each other: the later one wins for an id that both have."""
    merged: dict[str, ClipPrice] = {}
    for layer in layers:
        merged.update(layer)
    return merged


def in_force(price: ClipPrice, day: date) -> tuple[Tier, ...]:
    """The tiers that count on `day`, the smallest first: of the same limits the latest begun."""
    begun = sorted(
        (tier for tier in price.tiers if tier.effective_from <= day),
        key=lambda tier: tier.effective_from,
    )
    latest = {tier.limits: tier for tier in begun}
    return tuple(latest[limits] for limits in sorted(latest))


def tier_price(price: ClipPrice, lines: int, seconds: float, day: date) -> Tier | None:
    """The smallest tier in force that holds a clip, by lines before seconds; None if none does.

    Args:
        price: the list.
        lines: pixels of the frame's shorter side.
        seconds: how long the clip is, from its first frame to its last.
        day: the day of the generation.
    """
    for tier in in_force(price, day):
        most_lines, most_seconds = tier.limits
        if lines <= most_lines and seconds <= most_seconds:
            return tier
    return None


def clip_cost(price: ClipPrice, clip: Media | None, day: date) -> Cost:
    """What a clip costs: seconds × the price of its tier, or unknown with the reason.

    Args:
        price: the list.
        clip: as it was stored; None if what the model returned was no clip.
        day: the day of the generation.
    """
    if clip is None or clip.seconds is None:
        return Cost(None, f"{price.id} is by the second of clip, and there is no clip")
    lines = min(clip.width, clip.height)
    # Sellers' "5 seconds" are 121 frames at 24: five seconds from the first frame to the last.
    between = clip.seconds * (clip.frames - 1) / clip.frames
    tier = tier_price(price, lines, between, day)
    if tier is None:
        asked = f"{price.id} on {day.isoformat()} for {lines} lines for {clip.seconds:.3g} s"
        return Cost(None, f"no price of {asked}{_near(price, day)}")
    if tier.usd_per_clip_second <= 0:
        return Cost(None, f"{tier.usd_per_clip_second:g} USD/s of {price.id} is not a price")
    return Cost(
        clip.seconds * tier.usd_per_clip_second,
        f"{clip.seconds:.3g} s of clip at {tier.usd_per_clip_second:g} USD/s"
        f" ({price.id}, {told(tier)}, from {tier.effective_from.isoformat()})",
    )


def told(tier: Tier) -> str:
    """The limits of a tier in words."""
    lines = "any size" if tier.up_to_lines is None else f"up to {tier.up_to_lines} lines"
    length = "any length" if tier.up_to_seconds is None else f"up to {tier.up_to_seconds:g} s"
    return f"{lines}, {length}"


def _near(price: ClipPrice, day: date) -> str:
    """The largest tiers there are: a clip that no tier holds is larger or longer than all."""
    tiers = in_force(price, day)
    if not tiers:
        first = min(tier.effective_from for tier in price.tiers)
        return f"; its first one is from {first.isoformat()}"
    largest = [
        tier
        for tier in tiers
        if not any(
            other.limits != tier.limits
            and other.limits[0] >= tier.limits[0]
            and other.limits[1] >= tier.limits[1]
            for other in tiers
        )
    ]
    return "; the nearest are " + " and ".join(told(tier) for tier in largest)
