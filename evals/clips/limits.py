"""How long, how fast and how large a clip may be; one line of refusal for what is not.

The limits leave room for what models make (two minutes at 24 frames a second) and keep one clip
from filling the memory: everything that scores a clip holds its frames.
"""

from __future__ import annotations

import math
from fractions import Fraction

from evals.errors import MediaError

MOST_FRAMES = 3_000
LONGEST_SECONDS = 120.0
FASTEST = 240.0
"""Frames per second."""
LARGEST_DECODED = 2_000_000_000
"""Bytes of all frames of a clip together, three to a pixel."""
_FINEST = 1001
"""Largest denominator of a rate: 24000/1001 and its kin are the finest in use."""


def check_count(frames: int) -> None:
    """Refuse fewer than two frames, or too many; MediaError."""
    if frames < 2:
        held = "no frame" if frames == 0 else "one frame: a picture"
        raise MediaError(f"the clip holds {held}; a clip has at least 2")
    if frames > MOST_FRAMES:
        raise MediaError(f"{frames:,} frames are over the limit of {MOST_FRAMES:,}")


def check_memory(frames: int, width: int, height: int) -> None:
    """Refuse frames that together are too large; MediaError (`media.check_size` judges one)."""
    if frames * width * height * 3 > LARGEST_DECODED:
        raise MediaError(
            f"{frames:,} frames of {width} × {height} are over the limit of"
            f" {LARGEST_DECODED / 1e9:g} GB decoded"
        )


def rate(fps: float | None) -> Fraction:
    """Frames per second as the nearest fraction that a file can hold.

    >>> rate(23.976023976), rate(7.5)
    (Fraction(24000, 1001), Fraction(15, 2))

    Raises:
        MediaError: unknown, no number, not above 0, not finite, or too fast.
    """
    if fps is None:
        raise MediaError("nothing says how many frames a second the clip has")
    try:
        told = float(fps)  # numbers of numpy are no fractions
    except (TypeError, ValueError) as error:
        raise MediaError(f"frames a second are {fps!r:.50}, which is no number") from error
    if not (math.isfinite(told) and 0 < told <= FASTEST):
        raise MediaError(f"{told:g} frames a second are not above 0 and up to {FASTEST:g}")
    # A rate below the finest fraction rounds to 0; two of its frames last longer than any clip.
    return max(Fraction(told).limit_denominator(_FINEST), Fraction(1, _FINEST))


def check_seconds(seconds: float) -> None:
    """Refuse a clip that plays too long; MediaError."""
    if seconds > LONGEST_SECONDS:
        raise MediaError(f"{seconds:,.1f} seconds are over the limit of {LONGEST_SECONDS:g}")
