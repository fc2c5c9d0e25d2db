"""How alike the frames of a clip are to an encoder, as VBench measures it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric


def consistency_of(spec: MetricSpec) -> Metric:
    """Mean over t ≥ 1 of ½ [max(0, cos(f_t, f_t-1)) + max(0, cos(f_t, f_0))], in [0, 1].

    `update(frames, frame_embeddings)` takes one clip (frames x height x width x 3 uint8) and the
    embeddings of its frames (frames, width). The frames say only whether it is static: such a clip
    has no score (`_static`).
    """
    import torch

    from evals.metrics._static import refuse_static
    from evals.metrics._vectors import unit

    def score(frames: NDArray[np.uint8], frame_embeddings: Tensor) -> Tensor:
        if frame_embeddings.dim() != 2 or len(frame_embeddings) != len(frames):
            raise ValueError(
                f"{len(frames)} frames and embeddings of shape {tuple(frame_embeddings.shape)}"
            )
        refuse_static(frames)
        each = unit(frame_embeddings)
        before = (each[1:] * each[:-1]).sum(dim=-1)
        first = (each[1:] * each[:1]).sum(dim=-1)
        return torch.stack([before, first]).clamp(0, 1).mean()

    return mean_of(spec, score)
