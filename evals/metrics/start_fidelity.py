"""Start fidelity: does a clip begin with the picture it was to begin with?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.errors import ScoreError
from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

    Picture = NDArray[np.uint8]
    Plane = NDArray[np.float64]

# 95th percentile of its change under JPEG 95 and shifts by one pixel (`evals.tie_band`), over first
# frames of 60 renders of the calibration world.
TIE_BAND = 0.04
WINDOW, SIGMA = 11, 1.5
"""Pixels and deviation of the Gaussian over which SSIM looks."""
SMALLEST = 6
"""Pixels a side: the window reaches 5 over the edge, by reflection."""
SPEC = MetricSpec(
    name="start_fidelity",
    version="1",
    title="Start fidelity (SSIM of the first frame)",
    modality="video",
    measures="quality",
    higher_is_better=True,
    low=-1.0,
    high=1.0,
    needs=("frames", "start"),
    tie_band=TIE_BAND,
    source="churnboard: SSIM (doi:10.1109/TIP.2003.819861) of first frame and start frame",
)


def build() -> Metric:
    """SSIM of a clip's first frame with its start frame, in [-1, 1]; 1 where they are equal.

    `update(frames, start)` takes one clip, frames x height x width x 3 uint8, each side at least 6
    pixels, and the picture, height x width x 3 uint8, which is made as large as the clip (Pillow,
    bicubic) if it is not. Says nothing of what follows: a frozen clip gains nothing by it over one
    that moves.

    >>> import numpy as np
    >>> clip = np.full((2, 8, 8, 3), 255, np.uint8)
    >>> metric = build()
    >>> metric.update(frames=clip, start=np.zeros((8, 8, 3), np.uint8))
    >>> round(float(metric.compute()), 4)  # luminance alone: c1 / (255² + c1)
    0.0001
    """

    def score(frames: Picture, start: Picture) -> float:
        return ssim(frames[0], as_large(start, *frames.shape[1:3]))

    return mean_of(SPEC, score)


def ssim(one: Picture, other: Picture) -> float:
    """Mean structural similarity of two pictures of one size, over pixels and channels.

    That of torchmetrics to the last few bits, by separate passes along rows and columns, which
    takes a thirtieth of the time.
    """
    import cv2
    import numpy as np

    if min(one.shape[:2]) < SMALLEST:
        raise ScoreError(f"SSIM needs {SMALLEST} x {SMALLEST} pixels or more")
    a, b = one.astype(np.float64), other.astype(np.float64)

    def around(values: Plane) -> Plane:
        return cast("Plane", cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA))

    mean_a, mean_b = around(a), around(b)
    spread = around(a * a) + around(b * b) - mean_a**2 - mean_b**2
    common = around(a * b) - mean_a * mean_b
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * mean_a * mean_b + light) * (2 * common + contrast)
    likeness /= (mean_a**2 + mean_b**2 + light) * (spread + contrast)
    return float(likeness.mean())


def as_large(picture: Picture, height: int, width: int) -> Picture:
    """The picture in another size, the whole of it; itself if it has that size."""
    import numpy as np
    from PIL import Image

    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(picture)
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC))
