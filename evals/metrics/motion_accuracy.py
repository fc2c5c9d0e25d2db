"""Motion accuracy: the share of a caption's words for motion and speed that the clip honours.

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
    name="motion_accuracy",
    version="1",
    title="Motion accuracy",
    modality="video",
    measures="motion",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames", "facts"),
    in_rating=False,
    source="evals.calibration.clip_readback",
)
WORDS = ("motion", "speed")


def build() -> Metric:
    """Words for motion and speed read back correctly / those of the caption, in [0, 1].

    `update(frames, facts)` takes one clip (frames x 64 x 64 x 3 uint8, at least 8 frames) and its
    caption's words by attribute, of which the others are left out. What stands still has one such
    word, every other motion two. A word that cannot be read counts as not honoured. Raises
    ValueError for a clip that readback cannot take, and for facts that say nothing of motion.
    """
    from evals.calibration import clip_readback

    def honoured(frames: NDArray[np.uint8], facts: Mapping[str, str]) -> float:
        words = {name: facts[name] for name in WORDS if name in facts}
        if not words:
            raise ValueError("the facts of the prompt say nothing of motion or speed")
        return clip_readback.accuracy(frames, words)

    return mean_of(SPEC, honoured)
