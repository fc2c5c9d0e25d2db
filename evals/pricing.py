"""Prices → what a generation costs at a date, and at most will cost (pure).

A price list (`Entry`) holds prices of one model, or of an hour of one machine, each with the unit
it is by, the tier it is for and the day it begins. An unknown price gives an unknown cost, with
the reason in words: never 0, which would rank a model first for being unpriced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, cast

from evals.prices.tiers import Shape, holds, measures_of
from evals.prices.types import (
    ON_TOP,
    WHOLE_MEGAPIXEL,
    WORDS,
    Cost,
    Entry,
    Price,
    Size,
    Unit,
    in_force,
)
from evals.prices.words import asked, basis, largest, missing, no_price
from evals.types import Model, Task

PREFERRED: tuple[Unit, ...] = (
    "image_token",
    "second",
    "whole_megapixel",
    "megapixel",
    "image",
    "gpu_hour",
)
"""Of several units of one list the first whose amount is known: what was counted goes before what
was drawn, and a size before a flat price."""
MOST_INPUT_TOKENS = 8192.0
"""Tokens that a picture which a call begins with is taken to cost at most, where nobody has counted
them yet; the dearest known are some 6,500, of one read at high fidelity."""
LEAST_FPS = 8.0
"""Frames per second of the slowest clips: one frame lasts no longer than an eighth of a second."""
INPUTS: Mapping[Task, int] = {"image-edit": 1, "upscale": 1, "image-to-video": 1, "interpolate": 2}
"""Pictures that a call of a task begins with."""


def cost(
    entry: Entry | None,
    quantities: Mapping[str, float],
    media: Shape | None,
    day: date,
    ran_on: str | None = None,
) -> Cost:
    """What a generation cost.

    Args:
        entry: the price list; None if the model's file names none.
        quantities: what was billed: `images`, `image_tokens`, `input_images`,
            `input_image_tokens`, `seconds` of computing; what is not there is not known.
        media: what was made, as it was stored; None if that was no picture or clip.
        day: of the generation, whose prices count.
        ran_on: kind of device it did run on (`cpu`, `cuda`, `mps`), None if not known yet. The
            seconds of one kind of device are not billed at the price of another.

    Returns:
        amount × price of the smallest tier that holds it, and of every input image or its tokens
        (which are left out, and that is said, where nobody counted them); or an unknown cost with
        the reason.
    """
    if entry is None:
        return Cost(None, "no hardware or price is named in the model's file")
    if entry.device is not None and ran_on is not None and ran_on != entry.device:
        return Cost(None, f"ran on {ran_on}, but {entry.id} is priced for {entry.device}")
    prices = _sold(entry, day)
    if isinstance(prices, Cost):
        return prices
    amounts: dict[Unit, float | None] = {
        unit: _amount(unit, quantities, media) for unit in PREFERRED
    }
    found = _dearest_known(entry, prices, amounts, media, day, _smallest)
    inputs = quantities.get("input_images", 0.0)
    return _with_inputs(entry, prices, found, inputs, quantities.get("input_image_tokens"))


def estimate(
    entry: Entry | None,
    task: Task,
    day: date,
    *,
    width: int | None = None,
    height: int | None = None,
    frames: int | None = None,
    fps: float | None = None,
    compute_seconds: float | None = None,
) -> Cost:
    """At most what one call will cost, before it is made.

    What is not said is taken at the dearest: the tier where size or quality are open, whole
    megapixels, one picture for every input of the task. What the bill will count and nobody knows
    before (image tokens) is left to the list's price by the image; without one it is unknown.

    Args:
        entry: the price list; None if the model's file names none.
        task: what is asked for.
        day: of the call. A list that has expired by then prices no new call.
        width: pixels, of the picture or frame.
        height: likewise.
        frames: of the clip.
        fps: frames per second of the clip.
        compute_seconds: seconds of computing to expect, for hardware.
    """
    if entry is None:
        return Cost(None, "no hardware or price is named in the model's file")
    prices = _sold(entry, day)
    if isinstance(prices, Cost):
        return prices
    sized = width is not None and height is not None
    clip = frames is not None and fps is not None and fps > 0
    size = Size(width or 1, height or 1, frames or 1, fps) if sized or clip else None
    pixels = width * height if width is not None and height is not None else None
    amounts: dict[Unit, float | None] = {
        "second": frames / fps if frames is not None and fps is not None and fps > 0 else None,
        "whole_megapixel": None if pixels is None else float(_whole(pixels)),
        "megapixel": None if pixels is None else _whole(pixels) * WHOLE_MEGAPIXEL / 1e6,
        "image": 1.0,
        "gpu_hour": None if compute_seconds is None else compute_seconds / 3600,
    }
    choose = _smallest_of_each_quality if sized else _any_size
    found = _dearest_known(entry, prices, amounts, size, day, choose)
    inputs = float(INPUTS.get(task, 0))
    bound = _with_inputs(entry, prices, found, inputs, inputs * MOST_INPUT_TOKENS)
    # How long computing will take is a guess and no bound.
    sure = "about" if found.usd is not None and prices[0].unit == "gpu_hour" else "at most"
    return bound if bound.usd is None else Cost(bound.usd, f"{sure} {bound.basis}")


def estimate_of(
    entry: Entry | None, model: Model, day: date, compute_seconds: float | None = None
) -> Cost:
    """At most what one call of a registered model will cost, by the measures in its settings.

    A length in seconds is taken with a frame more, as clips have one at both ends.
    """
    settings = _asked_for(model)
    whole = [settings.get(key) for key in ("width", "height", "frames")]
    width, height, frames = (one if isinstance(one, int) else None for one in whole)
    size = settings.get("size")
    if isinstance(size, str) and (measures := measures_of(size)) is not None:
        width, height = measures
    fps = settings.get("fps")
    seconds = next((s for key in ("duration", "seconds") if (s := settings.get(key))), None)
    if frames is None and isinstance(seconds, int | float):
        frames, fps = math.ceil(seconds * LEAST_FPS) + 1, LEAST_FPS
    return estimate(
        entry,
        model.task,
        day,
        width=width,
        height=height,
        frames=frames,
        fps=float(fps) if isinstance(fps, int | float) else None,
        compute_seconds=compute_seconds,
    )


def quality_of(model: Model) -> str | None:
    """The quality that a model's settings ask for, in the seller's word."""
    quality = _asked_for(model).get("quality")
    return quality if isinstance(quality, str) else None


def _asked_for(model: Model) -> Mapping[str, Any]:
    """Its settings, and what they pass on as it stands to somebody's API, which wins there."""
    passed = model.settings.get("arguments")
    if not isinstance(passed, Mapping):
        return model.settings
    return {**model.settings, **cast("Mapping[str, Any]", passed)}


def _sold(entry: Entry, day: date) -> tuple[Price, ...] | Cost:
    """The prices in force that have not expired by then, or why there are none."""
    prices = in_force(entry, day)
    if not prices:
        begins = min(
            (price.effective_from for price in (*entry.prices, *entry.tiers)), default=None
        )
        first = "" if begins is None else f"; its first one is from {begins.isoformat()}"
        return Cost(None, f"no price of {entry.id} on {day.isoformat()}{first}")
    sold = tuple(price for price in prices if not price.over(day))
    if not sold:
        last = max(price.expires for price in prices if price.expires is not None)
        return Cost(None, f"{entry.id} expired on {last.isoformat()}: no price of calls since")
    return sold


Choice = Callable[[Sequence[Price], Shape | None], "Price | str | None"]
"""Prices of one unit, and what they are for -> the one that counts, a reason, or none holds it."""


def _dearest_known(
    entry: Entry,
    prices: Sequence[Price],
    amounts: Mapping[Unit, float | None],
    media: Shape | None,
    day: date,
    choose: Choice,
) -> Cost:
    """The cost by the preferred unit that has both an amount and a price; else the first reason."""
    reasons: list[str] = []
    for unit in PREFERRED:
        offered = [price for price in prices if price.unit == unit]
        if not offered:
            continue
        amount = amounts.get(unit)
        if amount is None:
            reasons.append(missing(entry, unit))
            continue
        chosen = choose(offered, media)
        if chosen is None:
            what = f"{entry.id} on {day.isoformat()} for {asked(media)}"
            reasons.append(f"no price of {what}; the nearest are {largest(offered)}")
        elif isinstance(chosen, str):
            reasons.append(f"{entry.id} {chosen}")
        elif chosen.usd is None or not chosen.known:
            reasons.append(no_price(entry, chosen))
        else:
            return Cost(amount * chosen.usd, basis(entry, chosen, amount))
    return Cost(None, reasons[0] if reasons else f"{entry.id} prices nothing of this kind")


def _with_inputs(
    entry: Entry, prices: Sequence[Price], found: Cost, inputs: float, tokens: float | None
) -> Cost:
    """The cost and that of the pictures that the call began with, where the list bills those.

    By their tokens, where it has a price of those and they are known; else by their number.
    """
    billed = {price.unit: price for price in prices if price.unit in ON_TOP}
    if found.usd is None or inputs <= 0 or not billed:
        return found
    by_token = billed.get("input_image_token")
    if by_token is not None and tokens is not None:
        price, amount = by_token, tokens
    elif "input_image" in billed:
        price, amount = billed["input_image"], inputs
    else:
        return Cost(found.usd, f"{found.basis}, without the input image, whose tokens none counted")
    if price.usd is None or not price.known:
        return Cost(None, no_price(entry, price))
    more = f"{amount:g} {WORDS[price.unit]} at {price.usd:g} USD"
    return Cost(found.usd + amount * price.usd, f"{found.basis} + {more}")


def _smallest(offered: Sequence[Price], media: Shape | None) -> Price | str | None:
    """The smallest tier that holds it; of tiers for several qualities none is known to be it."""
    some = [price for price in offered if price.tier.quality is None]
    if not some:
        qualities = sorted({price.tier.quality for price in offered if price.tier.quality})
        if len(qualities) > 1:
            return f"is priced by quality ({', '.join(qualities)}), and the model names none"
        some = list(offered)
    fitting = [price for price in some if holds(price.tier, media)]
    return min(fitting, key=lambda price: _fit(price, media), default=None)


def _fit(price: Price, media: Shape | None) -> tuple[object, ...]:
    """Smaller tiers first; of one size that of the same shape, and else the dearer."""
    tier = price.tier
    shape = None if media is None else f"{media.width}x{media.height}"
    return tier.pixels, tier.lines, tier.seconds, tier.size != shape, -(price.usd or 0.0)


def _smallest_of_each_quality(offered: Sequence[Price], media: Shape | None) -> Price | str | None:
    """The dearest over qualities of the smallest tiers that hold it."""
    qualities = {price.tier.quality for price in offered}
    chosen = [
        _smallest([price for price in offered if price.tier.quality == quality], media)
        for quality in qualities
    ]
    return _dearest([price for price in chosen if isinstance(price, Price)])


def _any_size(offered: Sequence[Price], _media: Shape | None) -> Price | str | None:
    """The dearest of all tiers: how large it will be is not known."""
    return _dearest(offered)


def _dearest(prices: Sequence[Price]) -> Price | None:
    unknown = [price for price in prices if not price.known]
    if unknown:  # what may be billed at an unknown price has no upper bound
        return unknown[0]
    return max(prices, key=lambda price: price.usd or 0.0, default=None)


def _amount(unit: Unit, quantities: Mapping[str, float], media: Shape | None) -> float | None:
    if unit == "image_token":
        return quantities.get("image_tokens")
    if unit == "gpu_hour":
        stated = ("predict_seconds", "inference_seconds", "seconds")
        seconds = next((quantities[name] for name in stated if name in quantities), None)
        return None if seconds is None else seconds / 3600
    if unit == "second":
        return media.frames / media.fps if media is not None and media.fps else None
    images = quantities.get("images", None if media is None else 1.0)
    if unit == "image":
        return images
    if media is None or images is None:
        return None
    pixels = media.width * media.height
    return images * (_whole(pixels) if unit == "whole_megapixel" else pixels / 1e6)


def _whole(pixels: int) -> int:
    return -(-pixels // WHOLE_MEGAPIXEL)
