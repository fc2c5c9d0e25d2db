"""Optical flow: where everything in a frame goes until another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flow = NDArray[np.float32]
    Grey = NDArray[np.uint8]

SIDE = 256
"""Length of the shorter side in whose pixels flow is told, whatever the size of the clip."""
MOST = 240
"""Pairs of frames looked at of one clip, so that long ones cost no more: ten seconds at 24."""
WINDOW = 15
"""Of pixels over which flow is averaged, and over which it is checked."""
LEFT = 0.7
"""Of a difference, the share that may remain where flow explains it."""


def flow(frames: NDArray[np.uint8]) -> Flow:
    """Dense flow between neighbouring frames.

    Args:
        frames: frames x height x width x 3 uint8, RGB; of any size, at least two.

    Returns:
        pairs x h x w x 2 float32: rightwards and downwards, in pixels of a picture whose shorter
        side is `SIDE`. Clips with a longer shorter side are made smaller first; h and w are those
        of what was compared. Which pairs of frames: those of `grey_pairs`, in step.
    """
    import numpy as np

    return np.stack(
        [
            between(one, other) * np.float32(SIDE / min(one.shape))
            for one, other in grey_pairs(frames)
        ]
    )


def grey_pairs(frames: NDArray[np.uint8]) -> Iterator[tuple[Grey, Grey]]:
    """Neighbouring frames as flow sees them: all pairs, or `MOST` evenly spread of a longer clip.

    >>> import numpy as np
    >>> len(list(grey_pairs(np.zeros((300, 2, 2, 3), np.uint8))))
    240
    """
    last, seen = -1, None
    for first in spread(len(frames) - 1):
        one = seen if seen is not None and first == last else small(frames[first])
        last, seen = first + 1, small(frames[first + 1])
        yield one, seen


def spread(count: int, most: int = MOST) -> list[int]:
    """Numbers below `count`: all, or `most` of them evenly spread.

    >>> spread(3, most=4), spread(9, most=3)
    ([0, 1, 2], [1, 4, 7])
    """
    kept = min(count, most)
    return [(2 * place + 1) * count // (2 * kept) for place in range(kept)]


def small(frame: NDArray[np.uint8]) -> Grey:
    """A frame (height x width x 3, RGB) as flow sees it: grey, shorter side at most `SIDE`."""
    import cv2

    _one_thread()
    height, width = frame.shape[:2]
    scale = min(1.0, SIDE / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cast("Grey", cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    return cast("Grey", cv2.resize(grey, size, interpolation=cv2.INTER_AREA))


def between(one: Grey, other: Grey) -> Flow:
    """Dense flow from one grey picture to another, by Farnebäck's polynomial expansion (OpenCV).

    Returns h x w x 2 float32, rightwards and downwards, in pixels of these pictures.
    """
    import cv2
    import numpy as np

    _one_thread()
    start = np.zeros((*one.shape, 2), dtype=np.float32)
    found: Any = cv2.calcOpticalFlowFarneback(one, other, start, 0.5, 3, WINDOW, 2, 5, 1.2, 0)
    return found


def carried(picture: NDArray[np.uint8], flow: Flow) -> NDArray[np.uint8]:
    """What lies where the flow leads to, put where it starts from; bilinear, edges repeated.

    Args:
        picture: height x width, or with channels.
        flow: height x width x 2, in its pixels.
    """
    import cv2
    import numpy as np

    _one_thread()
    down, along = np.indices(flow.shape[:2], dtype=np.float32)
    found: Any = cv2.remap(
        picture,
        along + flow[..., 0],
        down + flow[..., 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return found


def explained(one: Grey, other: Grey, flow: Flow) -> NDArray[np.bool_]:
    """Where the flow between two grey pictures accounts for their difference.

    There, around a pixel (a window of `WINDOW` pixels), following the flow leaves at most `LEFT` of
    the mean difference, or a single level. Of noise, of what appears from nowhere and of what
    another thing uncovers flow explains little, however long it is.

    Args:
        one: h x w uint8.
        other: the same.
        flow: h x w x 2, from `one` to `other`, in their pixels.
    """
    import cv2

    def around(picture: Grey) -> Any:
        return cv2.blur(cv2.absdiff(one, picture).astype("float32"), (WINDOW, WINDOW))

    return around(carried(other, flow)) <= LEFT * around(other) + 1


def _one_thread() -> None:
    """Keep OpenCV on one thread, in the whole process and for good.

    So bits cannot depend on how its sums are shared out, and scoring stays on the threads that it
    was given. The number is the process's: to put it back would change it under another thread.
    """
    import cv2

    cv2.setNumThreads(1)
