"""A technical check: is there fine detail at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.errors import ScoreError
from evals.metrics._mean import mean_of
from evals.metrics._pictures import luma
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="sharpness",
    version="1",
    title="Sharpness",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=0.0,
    high=1020.0**2,
    needs=("pixels",),
    in_rating=False,
    source="Variance of the Laplacian: Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548",
)


def build() -> Metric:
    """Variance of the Laplacian of luma (0 to 255), over all pixels but those of the border.

    The Laplacian is the sum of the four neighbours less four times the pixel. Blur lowers it, and
    noise raises it: it finds blurred pictures, and says nothing about which of two sharp ones is
    better. Depends on the size in pixels: compare pictures of one size. `update(pixels)` takes
    height x width x 3 uint8.

    >>> import numpy as np
    >>> board = np.indices((4, 4)).sum(axis=0) % 2 * 255
    >>> metric = build()
    >>> metric.update(pixels=np.stack([board] * 3, axis=-1).astype(np.uint8))
    >>> round(float(metric.compute()))
    1040400
    """

    def score(pixels: NDArray[np.uint8]) -> float:
        grey = luma(pixels)
        if min(grey.shape) < 3:
            raise ScoreError(f"a picture of {grey.shape[1]} x {grey.shape[0]} is all border")
        around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        return float((around - 4 * grey[1:-1, 1:-1]).var())

    return mean_of(SPEC, score)
