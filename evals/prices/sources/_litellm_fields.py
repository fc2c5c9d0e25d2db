"""One entry of LiteLLM's price map → rows (pure).

Its fields are prices of one unit each, some by class of size, and what an id says before the name
of the model is a tier: `low/1024-x-1024/gpt-image-1`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from evals.prices.history import Row
from evals.prices.tiers import LINES, SIDES, Tier, measures_of
from evals.prices.types import ON_TOP, WHOLE_MEGAPIXEL, Modality, Price, Unit

MODES: Mapping[str, Modality] = {
    "image_generation": "image",
    "image_edit": "image",
    "video_generation": "video",
}
SECOND = ("output_cost_per_second", "output_cost_per_video_per_second")
IMAGE = "output_cost_per_image"
BELOW = {"720p": "480p", "768p": "720p", "1080p": "720p", "2k": "1080p", "4k": "1080p"}
BELOW_IMAGE = {"1K": "0.5K", "2K": "1K", "4K": "2K"}
_SIZE = re.compile(r"(\d+|max)-x-(\d+|max)")
_QUALITY = re.compile(r"low|medium|high|xhigh|max|standard|hd|\d+-steps|max-steps")
_READ = frozenset(
    {
        *SECOND,
        IMAGE,
        "output_cost_per_image_token",
        "input_cost_per_image_token",
        "input_cost_per_image",
        "input_cost_per_pixel",
        "output_cost_per_pixel",
    }
)
_LEFT_OUT = re.compile(
    r"(?:in|out)put_cost_per_(?:audio_|reasoning_)?token.*"  # of the prompt, or of words beside
    r"|(?:in|out)put_cost_per_image_token_.*|.*_(?:batches|priority|flex)"  # by another contract
    r"|cache_.*|search_context_cost_per_query"  # of what the suites do not ask for
)
"""Fields with prices that are of no picture or clip, as docs/prices.md says."""


@dataclass(frozen=True)
class Named:
    """What an id says: whose tier it is, and which."""

    of: str
    tier: Tier


def named(model: str) -> Named:
    """An id taken apart.

    >>> named("azure/high/1024-x-1536/gpt-image-1")
    Named(of='azure/gpt-image-1', tier=Tier(size='1024x1536', quality='high', up_to_lines=None, up_to_seconds=None))
    """  # noqa: E501
    parts = model.split("/")
    place = next((i for i, part in enumerate(parts) if _SIZE.fullmatch(part)), None)
    if place is None:
        return Named(model, Tier())
    beside = [i for i in (place - 1, place + 1) if 0 <= i < len(parts) - 1]
    told = next((i for i in beside if _QUALITY.fullmatch(parts[i])), None)
    size = None if "max" in parts[place] else parts[place].replace("-x-", "x")
    rest = [part for i, part in enumerate(parts) if i not in (place, told)]
    return Named("/".join(rest), Tier(size, None if told is None else parts[told]))


def rows_of(
    model: str,
    modality: Modality,
    provider: str,
    fields: Mapping[str, float],
    day: date,
    expires: date | None = None,
    source: str = "",
    free_inputs: float = 0,
) -> list[Row]:
    """The prices of one entry; one row without a price, with the reason, where it has none.

    Both directions count. Which of them a provider's price stands in differs: pixels are summed;
    of images the price of input is that of the picture where the output has none, and else one of
    pictures that a call begins with. Equal to that of the output it is the same price twice.

    Args:
        model: the entry's id.
        modality: of what it makes.
        provider: as the map names it.
        fields: what it has of prices.
        day: from which they count.
        expires: from when on it is sold no more.
        source: where the map has them from.
        free_inputs: pictures that a call may begin with for nothing; no task here has more than
            two.
    """
    apart = named(model)
    told = f"litellm: {source}" if source else "litellm"

    def row(unit: Unit, usd: float | None, tier: Tier = apart.tier, reason: str = "") -> Row:
        price = Price(unit, usd, day, told, tier, expires, reason)
        return Row(model, apart.of, model, provider, modality, price)

    if free_inputs >= _MOST_INPUTS:
        fields = {name: usd for name, usd in fields.items() if name != "input_cost_per_image"}
    prices = _video(fields) if modality == "video" else _image(fields, apart.tier)
    known = [
        row(unit, usd, Tier(size, apart.tier.quality) if size else apart.tier)
        for unit, size, usd in prices
        if usd > 0
    ]
    if any(one.price.unit not in ON_TOP for one in known):
        return known
    return [row("second" if modality == "video" else "image", None, reason=_why(fields))]


def not_understood(fields: Mapping[str, float]) -> list[str]:
    """Fields with prices that are neither read nor known to be of no picture or clip."""
    sized = (f"{IMAGE}_", f"{SECOND[0]}_")
    return [
        field
        for field in fields
        if field not in _READ
        and not _LEFT_OUT.fullmatch(field)
        and not any(field.startswith(base) and _size(field.removeprefix(base)) for base in sized)
    ]


_MOST_INPUTS = 2
Found = tuple[Unit, "str | None", float]
"""Unit, class of size (`None` = as the id says, or any), US dollars."""


def _video(fields: Mapping[str, float]) -> list[Found]:
    base = next((fields[name] for name in SECOND if name in fields), 0.0)
    sizes = _by_size(fields, SECOND[0])
    found: list[Found] = [("second", size, usd) for size, usd in _tiers(base, sizes, BELOW)]
    return [*found, ("input_image", None, fields.get("input_cost_per_image", 0.0))]


def _image(fields: Mapping[str, float], tier: Tier) -> list[Found]:
    output, entered = fields.get(IMAGE, 0.0), fields.get("input_cost_per_image", 0.0)
    flat = output if output > 0 else entered
    begins = entered if output > 0 and entered != output else 0.0
    pixel = fields.get("input_cost_per_pixel", 0.0) + fields.get("output_cost_per_pixel", 0.0)
    exact = None if tier.size is None else measures_of(tier.size)
    if exact is not None and pixel > 0:
        # Of a picture of known size the price by the pixel is one by the image, in another dress.
        flat, pixel = flat or float(f"{pixel * exact[0] * exact[1]:.9g}"), 0.0
    whole = 0.0
    if math.isclose(pixel * WHOLE_MEGAPIXEL, flat, rel_tol=1e-6):
        # Both say one thing: so much for every megapixel that is begun.
        whole, flat, pixel = flat, 0.0, 0.0
    sizes = _tiers(flat, _by_size(fields, IMAGE), BELOW_IMAGE)
    found: list[Found] = [("image", size, usd) for size, usd in sizes]
    return [
        *found,
        ("whole_megapixel", None, whole),
        ("megapixel", None, float(f"{pixel * 1e6:.9g}")),
        ("image_token", None, fields.get("output_cost_per_image_token", 0.0)),
        ("input_image", None, begins),
        ("input_image_token", None, fields.get("input_cost_per_image_token", 0.0)),
    ]


def _by_size(fields: Mapping[str, float], base: str) -> dict[str, float]:
    found = {
        size: usd
        for field, usd in fields.items()
        if field.startswith(f"{base}_") and (size := _size(field.removeprefix(f"{base}_")))
    }
    return {size: usd for size, usd in found.items() if usd > 0}


def _size(suffix: str) -> str | None:
    """A class of size, or the side of a square, as tiers write it."""
    if suffix in SIDES or suffix in LINES:
        return suffix
    return f"{suffix}x{suffix}" if suffix.isdigit() else None


def _tiers(
    base: float, sizes: Mapping[str, float], below: Mapping[str, str]
) -> list[tuple[str | None, float]]:
    """The price without a size, as a tier among those with one.

    It is the price of every size that has none of its own. Equal to one of those it says which is
    the usual size; else it is for what is smaller than the first that costs more.
    """
    listed: list[tuple[str | None, float]] = list(sizes.items())
    if base in sizes.values():
        return listed
    dearer = [size for size in _in_order(sizes) if sizes[size] > base]
    usual = below.get(dearer[0]) if dearer else None
    # Where that class has a price of its own, no size is left for this one.
    return listed if usual in sizes else [(usual, base), *listed]


def _in_order(sizes: Mapping[str, float]) -> list[str]:
    return sorted(sizes, key=lambda size: (Tier(size).pixels, Tier(size).lines))


def _why(fields: Mapping[str, float]) -> str:
    if any(name.endswith("cost_per_token") and usd > 0 for name, usd in fields.items()):
        return "priced by the text token only, which says nothing of a picture or clip"
    if any(usd < 0 for usd in fields.values()):
        return "listed below 0, which is no price"
    if fields:
        return "listed at 0, which is no price"
    return "listed without a price"
