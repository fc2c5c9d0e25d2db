"""CLIP-IQA: does a CLIP find that a picture is a good one, rather than a bad one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SCALE = 100.0
SPEC = MetricSpec(
    name="clip_iqa",
    version="1",
    title="CLIP-IQA",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("image_embedding", "antonym_embeddings"),
    source="Wang et al. 2023, Exploring CLIP for assessing the look and feel of images,"
    " arXiv:2207.12396",
)


def build() -> Metric:
    """Softmax of 100 · cosines over a good and a bad description: probability of the good one.

    `update(image_embedding, antonym_embeddings)` takes float tensors (width,) and (2, width). The
    published metric is of one ResNet-50 without positional embedding; on any other encoder it is
    another metric, so that it always goes by its encoder's name too.

    >>> import torch
    >>> metric = build()
    >>> metric.update(
    ...     image_embedding=torch.tensor([1.0, 0.0]),
    ...     antonym_embeddings=torch.tensor([[0.28, 0.96], [0.27, 0.96286]]),
    ... )
    >>> round(float(metric.compute()), 3)
    0.731
    """
    from evals.metrics._vectors import unit

    def score(image_embedding: Tensor, antonym_embeddings: Tensor) -> Tensor:
        if antonym_embeddings.shape != (2, *image_embedding.shape):
            raise ValueError(
                f"embeddings differ: {tuple(image_embedding.shape)} and"
                f" {tuple(antonym_embeddings.shape)}"
            )
        cosines = unit(antonym_embeddings) @ unit(image_embedding)
        return (SCALE * cosines).softmax(dim=0)[0]

    return mean_of(SPEC, score)
