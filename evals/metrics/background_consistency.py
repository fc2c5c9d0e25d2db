"""Background consistency: how alike a clip's frames are to OpenAI CLIP ViT-B/32."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.types import MetricSpec

if TYPE_CHECKING:
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="background_consistency",
    version="1",
    title="Background consistency (VBench's is on OpenAI CLIP ViT-B/32)",
    modality="video",
    measures="quality",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("frames", "frame_embeddings"),
    in_rating=False,
    source="Huang et al. 2024, VBench, arXiv:2311.17982; static clips have no score",
)


def build() -> Metric:
    """VBench's mean cosine of every frame to the one before and to the first, in [0, 1].

    See `_consistency` for the formula and for `update`. VBench's is on OpenAI CLIP ViT-B/32, here
    `background_consistency@openai-clip-b32`; on any encoder the name carries the encoder's.

    >>> import numpy as np
    >>> import torch
    >>> frames = np.zeros((2, 4, 4, 3), np.uint8)
    >>> frames[1] = 51
    >>> metric = build()
    >>> metric.update(frames=frames, frame_embeddings=torch.tensor([[1.0, 0.0], [3.0, 4.0]]))
    >>> round(float(metric.compute()), 4)
    0.6
    """
    from evals.metrics._consistency import consistency_of

    return consistency_of(SPEC)
