"""Optical flow: where everything in a frame goes until the next one."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flow = NDArray[np.float32]

SIDE = 256
"""Length of the shorter side in whose pixels flow is told, whatever the size of the clip."""


def flow(frames: NDArray[np.uint8]) -> Flow:
    """Dense flow between neighbouring frames, by Farnebäck's polynomial expansion (OpenCV).

    Args:
        frames: frames x height x width x 3 uint8, RGB.

    Returns:
        (frames - 1) x h x w x 2 float32: rightwards and downwards, in pixels of a picture whose
        shorter side is `SIDE`. Clips with a longer shorter side are made smaller first; h and w
        are those of what was compared.
    """
    import cv2
    import numpy as np

    cv2.setNumThreads(1)  # in several, sums are made in another order
    height, width = frames.shape[1:3]
    shorter = min(height, width)
    scale = min(1.0, SIDE / shorter)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))

    def small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        grey: Any = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        made: Any = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        return made

    grey = [small(frame) for frame in frames]
    found = np.empty((len(grey) - 1, size[1], size[0], 2), dtype=np.float32)
    start = np.zeros((size[1], size[0], 2), dtype=np.float32)
    for number, (one, other) in enumerate(pairwise(grey)):
        found[number] = cv2.calcOpticalFlowFarneback(one, other, start, 0.5, 3, 15, 3, 5, 1.2, 0)
    return found * np.float32(SIDE / min(size))
