"""Camera motion: how fast the scene as a whole goes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="camera_motion",
    version="1",
    title="Camera motion (pixels of 256, per 1/8 s)",
    modality="video",
    measures="motion",
    higher_is_better=False,
    low=0.0,
    high=None,
    needs=("fps", "flow"),
    in_rating=False,
    source="churnboard: mean length of the flow that a plane and a moving camera explain",
)
FPS = 8.0
"""Frames per second at which it is told, as `dynamic_degree_flow` tells what is left."""


def build() -> Metric:
    """Mean length of the camera's flow (`_camera`), over all pixels and pairs of frames.

    `update(fps, flow)` takes the flow of one clip (`evals.clips.optical_flow.flow`). In pixels of a
    picture whose shorter side is 256, per eighth of a second. It is there so that what
    `dynamic_degree_flow` leaves out is not hidden; less is no merit, and it never votes. Of clips
    of noise it means nothing.

    >>> import numpy as np
    >>> metric = build()
    >>> metric.update(fps=8.0, flow=np.full((3, 32, 32, 2), (3, 4), np.float32))
    >>> round(float(metric.compute()), 3)
    5.0
    """

    def score(fps: float, flow: NDArray[np.float32]) -> float:
        import numpy as np

        from evals.metrics._camera import camera

        moving = camera(flow)
        speeds = [
            float(np.linalg.norm(moving.over(pair, *flow.shape[1:3]), axis=-1).mean())
            for pair in range(len(flow))
        ]
        return sum(speeds) / len(speeds) * fps / FPS

    return mean_of(SPEC, score)
