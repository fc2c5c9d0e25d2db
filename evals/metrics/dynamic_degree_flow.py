"""Dynamic degree: how much moves by itself, the camera's motion taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="dynamic_degree_flow",
    version="1",
    title="Dynamic degree (Farnebäck's flow less the camera's)",
    modality="video",
    measures="motion",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames", "fps", "flow"),
    in_rating=False,
    source="churnboard: VBench's threshold (arXiv:2311.17982) on other flow, graded, and less what"
    " the camera does",
)
FPS = 8.0
"""Frames per second at which VBench looks."""
THRESHOLD = 6.0
"""Pixels of flow from one such frame to the next, of a picture whose shorter side is 256."""
TOP = 0.05
"""Share of the pixels, those that move most, whose mean flow is compared with the threshold."""


def build() -> Metric:
    """Mean over pairs of frames of min(1, mean of the top 5 % of flow / 6 pixels), in [0, 1].

    `update(frames, fps, flow)` takes one clip, frames x height x width x 3 uint8, and its flow
    (`evals.clips.optical_flow.flow`). Flow between neighbours is told at 8 frames per second.

    VBench's dynamic degree is 0 or 1 for a clip: 1 if in at least round(4 n / 16) of its n frames
    RAFT's top 5 % reaches the threshold, whatever causes it, so that a camera circling a statue
    has the best there is. Here flow is Farnebäck's, the score says how near a clip comes, what the
    camera does is taken out (`_camera` says how, and what it cannot tell), and so is flow that does
    not account for how the frames differ, which is what noise has. `camera_motion` tells what was
    taken out.

    >>> import numpy as np
    >>> frames = np.zeros((2, 32, 32, 3), np.uint8)
    >>> metric = build()
    >>> metric.update(frames=frames, fps=8.0, flow=np.zeros((1, 32, 32, 2), np.float32))
    >>> float(metric.compute())
    0.0
    """

    def score(frames: NDArray[np.uint8], fps: float, flow: NDArray[np.float32]) -> float:
        found = tops(frames, flow)
        return sum(min(1.0, top * fps / FPS / THRESHOLD) for top in found) / len(found)

    return mean_of(SPEC, score)


def tops(frames: NDArray[np.uint8], flow: NDArray[np.float32]) -> list[float]:
    """Of each pair of neighbouring frames, the mean flow of the top 5 % that moves by itself."""
    import numpy as np

    from evals.clips import optical_flow
    from evals.metrics import _camera

    height, width = flow.shape[1:3]
    scale = np.float32(min(height, width) / optical_flow.SIDE)
    count = max(1, int(TOP * height * width))
    moving = _camera.camera(flow)
    found: list[float] = []
    for pair, (one, other) in enumerate(optical_flow.grey_pairs(frames)):
        own = _camera.own(flow[pair], moving.over(pair, height, width))
        own = np.where(optical_flow.explained(one, other, flow[pair] * scale), own, 0).ravel()
        found.append(float(np.partition(own, -count)[-count:].mean()))
    return found
