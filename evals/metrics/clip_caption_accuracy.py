"""Clip caption accuracy: the share of a caption's words that the clip honours.

Both of what is shown and of what it does; `motion_accuracy` is of the latter alone.

Ground truth of the calibration world, read by `evals.calibration.clip_readback`. It audits ratings
and never feeds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="clip_caption_accuracy",
    version="1",
    title="Clip caption accuracy",
    modality="video",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames", "facts"),
    in_rating=False,
    source="evals.calibration.clip_readback",
)


def build() -> Metric:
    """Words read back correctly / words of the caption, in [0, 1].

    `update(frames, facts)` takes one clip (frames x 64 x 64 x 3 uint8, at least 8 frames) and its
    caption's words by attribute. A word that cannot be read counts as not honoured. Raises
    ValueError for a clip that readback cannot take, for no words, and for an attribute that it does
    not know.
    """
    from evals.calibration import clip_readback

    def honoured(frames: NDArray[np.uint8], facts: Mapping[str, str]) -> float:
        return clip_readback.accuracy(frames, facts)

    return mean_of(SPEC, honoured)
