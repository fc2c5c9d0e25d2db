"""Tiers of a price list: up to which size and length, and at which quality (pure).

A tier holds everything up to its limits. Sizes are written as sellers write them (`1024x1024`,
`2K`, `720p`), with a little room: what is sold as 1K or 1080p has in other shapes some pixels more.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Protocol

SIDES = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
"""Side of the square picture that a class of sizes is named after."""
LINES = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "2k": 1440, "4k": 2160}
"""Pixels of a frame's shorter side, by the name of the class."""
ROOM = 1.05
"""A class of pictures holds up to this share more: 1264 × 848 is sold as 1K, and 3168 × 1344 as
2K."""
STEP = 16
"""Pixels by which models make frames: what is sold as 1080p may have 1088 lines."""
_EXACT = re.compile(r"(\d{1,5})x(\d{1,5})")


class Shape(Protocol):
    """What is known of a picture or clip: `evals.types.Media` is one."""

    @property
    def width(self) -> int:
        """Pixels."""
        ...

    @property
    def height(self) -> int:
        """Pixels."""
        ...

    @property
    def frames(self) -> int:
        """1 of a picture."""
        ...

    @property
    def fps(self) -> float | None:
        """Frames per second; None of a picture."""
        ...


@dataclass(frozen=True)
class Tier:
    """What a price is for; `None` = any."""

    size: str | None = None
    """`1024x1024`, a class of pictures (`0.5K` … `4K`) or of frames (`480p` … `4k`)."""
    quality: str | None = None
    """In the seller's word: `low`, `medium`, `high`, `hd`, `50-steps`."""
    up_to_lines: int | None = None
    """Pixels of the shorter side: 480 for 832 × 480 and for 480 × 832."""
    up_to_seconds: float | None = None
    """Of a clip, from its first frame to its last."""

    @property
    def lines(self) -> float:
        """Most pixels of the shorter side; infinite where there is no limit."""
        if self.up_to_lines is not None:
            return self.up_to_lines
        return LINES[self.size] + STEP if self.size in LINES else math.inf

    @property
    def pixels(self) -> float:
        """Most pixels of a picture or frame; infinite where there is no limit."""
        if self.size is None or self.size in LINES:
            return math.inf
        if self.size in SIDES:
            return SIDES[self.size] ** 2 * ROOM
        width, height = measures_of(self.size) or (math.inf, math.inf)
        return width * height

    @property
    def seconds(self) -> float:
        """Most seconds; infinite where there is no limit."""
        return math.inf if self.up_to_seconds is None else self.up_to_seconds

    def contains(self, other: Tier) -> bool:
        """Whether it holds all that another tier does."""
        return (
            self.lines >= other.lines
            and self.pixels >= other.pixels
            and self.seconds >= other.seconds
        )


ANY = Tier()


def size_fault(size: str) -> str | None:
    """Why `size` names no size, or None if it does.

    >>> size_fault("1024x1536") is None and size_fault("4K") is None
    True
    >>> size_fault("huge")
    'must be like 1024x1024, or one of 0.5K, 1K, 2K, 4K, 480p, 720p, 768p, 1080p, 2k, 4k'
    """
    if measures_of(size) is not None or size in SIDES or size in LINES:
        return None
    return f"must be like 1024x1024, or one of {', '.join((*SIDES, *LINES))}"


def measures_of(size: str) -> tuple[int, int] | None:
    """Width and height of a size that states them.

    >>> measures_of("1024x1536"), measures_of("4K")
    ((1024, 1536), None)
    """
    found = _EXACT.fullmatch(size)
    if found is None or int(found[1]) == 0 or int(found[2]) == 0:
        return None
    return int(found[1]), int(found[2])


def holds(tier: Tier, shape: Shape | None) -> bool:
    """Whether a picture or clip is within the limits; of what is unknown only `any` is sure."""
    if shape is None:
        return math.isinf(min(tier.lines, tier.pixels, tier.seconds))
    return (
        min(shape.width, shape.height) <= tier.lines
        and shape.width * shape.height <= tier.pixels
        and length(shape) <= tier.seconds
    )


def length(clip: Shape) -> float:
    """Seconds from the first frame to the last: sellers' "5 seconds" are 121 frames at 24."""
    return (clip.frames - 1) / clip.fps if clip.fps else 0.0


def order(tier: Tier) -> tuple[float, float, float, str, str]:
    """Smaller tiers first, by size before length; a total order, so that answers repeat."""
    return tier.pixels, tier.lines, tier.seconds, tier.size or "", tier.quality or ""


def told(tier: Tier) -> str:
    """A tier in words.

    >>> told(Tier("720p", up_to_seconds=5))
    '720p, up to 5 s'
    """
    lines, seconds = tier.up_to_lines, tier.up_to_seconds
    parts = [
        None if tier.quality is None else f"{tier.quality} quality",
        tier.size,
        None if lines is None else f"up to {lines} lines",
        None if seconds is None else f"up to {seconds:g} s",
    ]
    return ", ".join(part for part in parts if part is not None) or "any size"
