"""Temporal flickering: how little neighbouring frames differ, pixel by pixel."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="temporal_flickering",
    version="1",
    title="VBench temporal flickering",
    modality="video",
    measures="motion",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames",),
    in_rating=False,
    source="Huang et al. 2024, VBench, arXiv:2311.17982; static clips have no score",
)


def build() -> Metric:
    """(255 - mean absolute difference of neighbouring frames) / 255, in [0, 1].

    `update(frames)` takes one clip, frames x height x width x 3 uint8. Whatever moves counts as
    flicker too. VBench therefore asks it of prompts for still scenes, and keeps the clips that do
    stand still; a suite that does likewise has VBench's number, up to the guard: a clip in which
    nothing at all changes has no score here (`_static`), where it would have the best.

    >>> import numpy as np
    >>> frames = np.zeros((2, 4, 4, 3), np.uint8)
    >>> frames[1] = 51
    >>> metric = build()
    >>> metric.update(frames=frames)
    >>> float(metric.compute())
    0.8
    """
    from evals.metrics._static import refuse_static

    def score(frames: NDArray[np.uint8]) -> float:
        import numpy as np

        refuse_static(frames)
        total = sum(
            int(np.abs(one.astype(np.int16) - other).sum(dtype=np.int64))
            for one, other in pairwise(frames)
        )
        return 1 - total / ((len(frames) - 1) * frames[0].size) / 255

    return mean_of(SPEC, score)
