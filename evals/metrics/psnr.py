"""PSNR: how far the pixels are from those of the picture that was wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.errors import ScoreError
from evals.metrics._pictures import as_tensors
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="psnr",
    version="1",
    title="PSNR",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=0.0,
    high=None,
    needs=("pixels", "target"),
    family="target",
    source="torchmetrics.image.PeakSignalNoiseRatio, data_range 255",
)


def build() -> Metric:
    """10 · log10(255² / mean squared error), in dB, over all pixels and channels of a picture.

    `update(pixels, target)` takes two pictures of one size, height x width x 3 uint8. Raises
    ScoreError for a picture that is its target: that ratio is infinite.

    >>> import numpy as np
    >>> metric = build()
    >>> metric.update(np.zeros((2, 2, 3), np.uint8), np.full((2, 2, 3), 51, np.uint8))
    >>> round(float(metric.compute()), 4)
    13.9794
    """
    import torch
    from torchmetrics.image import PeakSignalNoiseRatio

    class Psnr(PeakSignalNoiseRatio):
        def __init__(self) -> None:
            super().__init__(data_range=255.0, dim=(1, 2, 3))

        def update(self, pixels: NDArray[np.uint8], target: NDArray[np.uint8]) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            made, wanted = as_tensors(pixels, target)
            if torch.equal(made, wanted):
                raise ScoreError("the picture is its target: its PSNR is infinite")
            super().update(made, wanted)

    return Psnr()
