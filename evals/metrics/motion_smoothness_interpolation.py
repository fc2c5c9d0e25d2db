"""Motion smoothness: how well every second frame follows from its neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.errors import ScoreError
from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

    from evals.clips.optical_flow import Flow

    Frame = NDArray[np.uint8]

SPEC = MetricSpec(
    name="motion_smoothness_interpolation",
    version="1",
    title="Motion smoothness (interpolation along optical flow)",
    modality="video",
    measures="motion",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames",),
    in_rating=False,
    source="churnboard: VBench's protocol (arXiv:2311.17982) with frames interpolated along"
    " Farnebäck's flow as in Jiang et al. 2018, arXiv:1712.00080; static clips have no score",
)


def build() -> Metric:
    """(255 - mean absolute error of the odd frames, interpolated) / 255, in [0, 1].

    `update(frames)` takes one clip, frames x height x width x 3 uint8, at least three frames. Odd
    frames (numbers 1, 3, …, 0-based) are dropped and made again from the even ones beside them; a
    last one without a frame behind it is left out. Of a clip of more than 481 frames 240 odd ones
    are looked at, evenly spread.

    VBench interpolates with AMT-S, a trained network, and calls the result motion smoothness. Here
    each even frame is carried half the way along optical flow, linear in time, and the two are
    averaged: where something appears, is covered or moves further than flow can follow, this errs
    more than AMT. So the numbers are not VBench's, and a clip's size in pixels matters more.

    >>> import numpy as np
    >>> frames = np.zeros((3, 4, 4, 3), np.uint8)
    >>> frames[1] = 51
    >>> metric = build()
    >>> metric.update(frames=frames)
    >>> float(metric.compute())
    0.8
    """
    from evals.clips import optical_flow
    from evals.metrics._static import refuse_static

    def score(frames: NDArray[np.uint8]) -> float:
        import numpy as np

        if len(frames) < 3:
            raise ScoreError(f"a clip of {len(frames)} frames has none between two others")
        refuse_static(frames)
        errors: list[float] = []
        for place in optical_flow.spread((len(frames) - 1) // 2):
            one, truth, other = frames[2 * place : 2 * place + 3]
            errors.append(float(np.abs(middle(one, other) - truth).mean(dtype=np.float64)))
        return 1 - sum(errors) / len(errors) / 255

    return mean_of(SPEC, score)


def middle(one: Frame, other: Frame) -> NDArray[np.float32]:
    """What lies half-way in time between two frames, each height x width x 3 uint8, RGB."""
    import cv2
    import numpy as np

    from evals.clips import optical_flow

    grey = optical_flow.small(one), optical_flow.small(other)
    there, back = optical_flow.between(*grey), optical_flow.between(*grey[::-1])
    # Flow from the middle to either side, from flow between the sides: both count alike there.
    half: Flow = (there - back) / np.float32(4)
    height, width = one.shape[:2]
    if half.shape[:2] != (height, width):
        grown = np.array([width / half.shape[1], height / half.shape[0]], np.float32)
        half = cast("Flow", cv2.resize(half, (width, height))) * grown
    sides = [optical_flow.carried(frame, way) for frame, way in ((one, -half), (other, half))]
    return (sides[0].astype(np.float32) + sides[1]) / np.float32(2)
