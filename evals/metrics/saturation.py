"""A technical check: how colourful is the picture?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="saturation",
    version="1",
    title="Saturation (colourfulness)",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=0.0,
    high=None,
    needs=("pixels",),
    in_rating=False,
    source="Hasler and Süsstrunk 2003, Measuring colourfulness in natural images,"
    " doi:10.1117/12.477378",
)


def build() -> Metric:
    """Spread + 0.3 · mean size of the opponent colours red−green and yellow−blue.

    In levels of 0 to 255: 0 is grey, the authors' viewers called 33 moderately, 59 quite and 109
    extremely colourful. Few want the most colourful picture: read it as a description, and see
    that raising the saturation raises it. `update(pixels)` takes height x width x 3 uint8.

    >>> import numpy as np
    >>> metric = build()
    >>> metric.update(pixels=np.full((4, 4, 3), (255, 0, 0), np.uint8))
    >>> round(float(metric.compute()), 2)
    85.53
    """
    import numpy as np

    def score(pixels: NDArray[np.uint8]) -> float:
        red, green, blue = np.moveaxis(pixels.astype(np.float64), -1, 0)
        opponents = np.stack([red - green, (red + green) / 2 - blue]).reshape(2, -1)
        spread = np.hypot(*opponents.std(axis=1))
        size = np.hypot(*opponents.mean(axis=1))
        return float(spread + 0.3 * size)

    return mean_of(SPEC, score)
