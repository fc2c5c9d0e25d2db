"""Caption accuracy: the share of a caption's words that the picture exactly honours.

Ground truth of the calibration world, read by `evals.calibration.readback`. It audits ratings and
never feeds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="caption_accuracy",
    version="1",
    title="Caption accuracy",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("pixels", "facts"),
    in_rating=False,
    source="evals.calibration.readback",
)


def build() -> Metric:
    """Words read back correctly / words of the caption, in [0, 1].

    `update(pixels, facts)` takes one picture (height × width × 3 uint8) and its caption's words by
    attribute. A word that cannot be read counts as not honoured. Raises ValueError for a picture
    that readback cannot take or an attribute that it does not know.
    """
    import torch
    from torch import Tensor
    from torchmetrics import Metric

    from evals.calibration import readback

    class CaptionAccuracy(Metric):
        is_differentiable = False
        higher_is_better = SPEC.higher_is_better
        full_state_update = False
        honoured: Tensor
        words: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.add_state("honoured", torch.tensor(0), dist_reduce_fx="sum")
            self.add_state("words", torch.tensor(0), dist_reduce_fx="sum")

        def update(self, pixels: NDArray[np.uint8], facts: Mapping[str, str]) -> None:
            seen = readback.read(pixels)
            unknown = sorted(set(facts) - set(seen))
            if unknown:
                raise ValueError(f"readback knows no attribute {unknown[0]!r}")
            self.honoured += sum(seen[attribute] == word for attribute, word in facts.items())
            self.words += len(facts)

        def compute(self) -> Tensor:
            return self.honoured.double() / self.words

    return CaptionAccuracy()
