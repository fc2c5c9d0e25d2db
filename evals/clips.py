"""Clips: checked, encoded, stored by content, decoded within limits.

What a model returned is checked before it is encoded. What is read back is checked from its headers
before a frame is decoded, because a small file can hold a clip that fills the memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.types import Media

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """Pictures in a row, and how fast they follow each other."""

    frames: Frames
    """frames × height × width × 3 uint8, RGB; at least 2."""
    fps: float


def to_clip(pixels: NDArray[Any], fps: float | None) -> Clip:
    """What a model returned, as a clip; MediaError says what it is not."""
    raise NotImplementedError


def decode(data: bytes) -> Clip:
    """A clip file's frames; MediaError for what is too large, empty, damaged or no clip."""
    raise NotImplementedError


def store(clip: Clip, run_folder: Path) -> Media:
    """Write the clip under `media/` of a run by its content."""
    raise NotImplementedError
