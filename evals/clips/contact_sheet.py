"""A clip as one picture: a grid of its frames, so that a model of pictures sees motion.

Nine frames by default, in reading order, evenly spaced from the first to the last. What
happens between two of them is not seen: of sixteen frames, never two neighbours are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

ROWS = COLUMNS = 3
EDITION = "contact sheet 3x3, 1"
"""Changes whenever a clip would give another sheet; embeddings of sheets are kept under it."""


def shown(frames: int, cells: int = ROWS * COLUMNS) -> list[int]:
    """Numbers (0-based) of the frames on a sheet, in order.

    Cell i shows frame i · (frames - 1) / (cells - 1), rounded half up. Where there are fewer frames
    than cells, some are shown more than once, still in order.

    Raises:
        ValueError: there is no frame, or less than two cells.

    >>> shown(16)
    [0, 2, 4, 6, 8, 9, 11, 13, 15]
    >>> shown(2, cells=4)
    [0, 0, 1, 1]
    """
    if frames < 1 or cells < 2:
        raise ValueError(f"a contact sheet of {frames} frames in {cells} cells shows no motion")
    gaps = cells - 1
    return [(2 * cell * (frames - 1) + gaps) // (2 * gaps) for cell in range(cells)]


def sheet(frames: Pixels, rows: int = ROWS, columns: int = COLUMNS) -> Pixels:
    """The contact sheet of a clip.

    Args:
        frames: frames x height x width x 3 uint8, RGB; one frame or more.
        rows: of the grid.
        columns: of the grid.

    Returns (rows · height) x (columns · width) x 3 uint8, without margins.

    Raises:
        ValueError: the array is no clip.
    """
    if frames.ndim != 4 or frames.dtype != "uint8":
        raise ValueError(
            f"a clip is frames x height x width x 3 uint8, not {frames.dtype} {frames.shape}"
        )
    count, height, width, channels = frames.shape
    cells = frames[shown(count, rows * columns)].reshape(rows, columns, height, width, channels)
    return cells.swapaxes(1, 2).reshape(rows * height, columns * width, channels)
