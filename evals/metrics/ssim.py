"""SSIM: how like the structure is to that of the picture that was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.errors import ScoreError
from evals.metrics._pictures import as_tensors
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SMALLEST = 6
"""Pixels a side: the window (11 pixels, sigma 1.5) reaches 5 over the edge, by reflection."""
SPEC = MetricSpec(
    name="ssim",
    version="1",
    title="SSIM",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=-1.0,
    high=1.0,
    needs=("pixels", "target"),
    family="target",
    source="Wang et al. 2004, doi:10.1109/TIP.2003.819861;"
    " torchmetrics.image.StructuralSimilarityIndexMeasure, data_range 255",
)


def build() -> Metric:
    """Mean structural similarity over all pixels and channels, in [-1, 1]; 1 for equal pictures.

    `update(pixels, target)` takes two pictures of one size, height x width x 3 uint8, each side at
    least 6 pixels.

    >>> import numpy as np
    >>> metric = build()
    >>> metric.update(np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8))
    >>> round(float(metric.compute()), 4)  # luminance alone: c1 / (255² + c1)
    0.0001
    """
    import torch
    from torchmetrics.image import StructuralSimilarityIndexMeasure

    class Ssim(StructuralSimilarityIndexMeasure):
        def __init__(self) -> None:
            super().__init__(data_range=255.0)
            self.set_dtype(torch.float64)

        def update(self, pixels: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            if min(pixels.shape[:2]) < SMALLEST:
                raise ScoreError(f"SSIM needs {SMALLEST} x {SMALLEST} pixels or more")
            super().update(*as_tensors(pixels, target))

    return Ssim()
