"""Start fidelity: does a clip begin with the picture it was to begin with?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.metrics import ssim
from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric

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
    source="churnboard: SSIM (doi:10.1109/TIP.2003.819861) of first frame and start frame",
)


def build() -> Metric:
    """SSIM of a clip's first frame with its start frame, in [-1, 1]; 1 where they are equal.

    `update(frames, start)` takes one clip, frames x height x width x 3 uint8, and the picture,
    height x width x 3 uint8, which is made as large as the clip (Pillow, bicubic) if it is not.
    Says nothing of what follows: a frozen clip gains nothing by it over one that moves.
    """

    def score(frames: NDArray[np.uint8], start: NDArray[np.uint8]) -> Tensor:
        likeness = ssim.build()
        likeness.update(frames[0], as_large(start, *frames.shape[1:3]))
        return cast("Tensor", likeness.compute())

    return mean_of(SPEC, score)


def as_large(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """The picture in another size, the whole of it; itself if it has that size."""
    import numpy as np
    from PIL import Image

    if picture.shape[:2] == (height, width):
        return picture
    image = Image.fromarray(picture)
    return np.array(image.resize((width, height), Image.Resampling.BICUBIC))
