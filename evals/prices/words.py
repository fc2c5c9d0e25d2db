"""How costs follow and why they are unknown, in words (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from evals.prices.tiers import Shape, length, order, told
from evals.prices.types import WORDS, Entry, Price, Unit


def missing(entry: Entry, unit: Unit) -> str:
    """Why an amount of a unit is not known."""
    wanting = {
        "second": "is by the second of clip, and there is no clip of known length",
        "image_token": "is by the image token, and how many there are is not known",
        "megapixel": "is by the megapixel, and the size is not known",
        "whole_megapixel": "is by the megapixel, and the size is not known",
        "image": "is by the image, and there is none",
        "input_image": "is by the input image, and there is none",
        "input_image_token": "is by the input image token, and how many there are is not known",
        "gpu_hour": "is by the hour, and there is no latency measured",
    }
    return f"{entry.id} {wanting[unit]}"


def no_price(entry: Entry, price: Price) -> str:
    """Why a price is none to reckon with."""
    if price.usd is None:
        return f"{entry.id} has no price: {price.reason or 'none was published'}"
    return f"{price.usd:g} USD/{WORDS[price.unit]} of {entry.id} is not a price"


def basis(entry: Entry, price: Price, amount: float) -> str:
    """How a cost follows."""
    since = f"from {price.effective_from.isoformat()}"
    if price.unit == "gpu_hour":
        return f"{amount * 3600:.3g} s at {price.usd:g} USD/h ({entry.id} {since})"
    what = "s of clip" if price.unit == "second" else WORDS[price.unit]
    rate = f"{price.usd:g} USD/{WORDS[price.unit]}"
    return f"{amount:.3g} {what} at {rate} ({entry.id}, {told(price.tier)}, {since})"


def asked(media: Shape | None) -> str:
    """What no tier holds."""
    if media is None:
        return "what is no picture or clip"
    if media.fps:
        lines = min(media.width, media.height)
        return f"{lines} lines for {length(media):.3g} s"
    return f"{media.width} × {media.height} pixels"


def largest(offered: Iterable[Price]) -> str:
    """The largest tiers there are: what no tier holds is larger or longer than all."""
    tiers = {price.tier for price in offered}
    largest = [
        tier for tier in tiers if not any(other != tier and other.contains(tier) for other in tiers)
    ]
    return " and ".join(told(tier) for tier in sorted(largest, key=order))
