"""Clips in which nothing happens: frozen, they would top whatever rewards that little changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.errors import ScoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Frames = NDArray[np.uint8]

SIDE = 64
"""Frames are compared with their shorter side at most this long, where fine noise averages out."""
LEVELS = 12
"""A value has changed if it has by more than this, of 255, after a 3 x 3 mean."""
SHARE = 0.001
"""A frame can be told from another if more than this share of its values has changed."""
PER_FRAME = 1 / 8
"""Changes per frame below which a clip is static: the 2 in 16 that VBench asks for."""


def changes(frames: Frames) -> int:
    """How often a clip shows something that can be told from what it showed before.

    Args:
        frames: frames x height x width x 3 uint8.

    Each frame is compared with the last one that could be told apart, not with its neighbour: what
    moves slowly adds up, and noise does not.
    """
    import cv2
    import numpy as np

    small = [_small(frame) for frame in frames]
    count, kept = 0, small[0]
    for frame in small[1:]:
        changed = np.count_nonzero(cv2.absdiff(frame, kept) > LEVELS)
        if changed > SHARE * frame.size:
            count, kept = count + 1, frame
    return count


def refuse_static(frames: Frames) -> None:
    """Refuse a clip in which nothing moves, whatever its prompt asks for.

    At least one change is wanted, and one for every eight frames. A clip that should stand still,
    and does, has no score either: how little it changes cannot tell it from one that failed to
    move. `motion_accuracy` honours standing still where the prompt's facts ask for it.

    Raises:
        ScoreError: it is static, or has one frame only.
    """
    if len(frames) < 2:
        raise ScoreError("static: a clip of one frame has no motion")
    count, wanted = changes(frames), max(1, round(len(frames) * PER_FRAME))
    if count < wanted:
        raise ScoreError(
            f"static: {len(frames)} frames show {count} changes, and {wanted} are motion"
        )


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = frame.shape[:2]
    scale = min(1.0, SIDE / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    less = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return cast("NDArray[np.uint8]", cv2.blur(less, (3, 3)))
