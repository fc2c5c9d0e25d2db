"""CLIPScore as its authors scale it, with the words that they put before a caption."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

TEMPLATE = "A photo depicts {}"
WEIGHT = 2.5
"""The authors' factor: on their captions it spreads the scores over about 0 to 1."""
SPEC = MetricSpec(
    name="clip_score_hessel",
    version="1",
    title="CLIPScore (Hessel)",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=WEIGHT,
    needs=("image_embedding", "text_embedding"),
    source="Hessel et al. 2021, CLIPScore, doi:10.18653/v1/2021.emnlp-main.595, section 3",
)


def build() -> Metric:
    """2.5 · max(cosine, 0), in [0, 2.5], of picture and "A photo depicts {caption}".

    `update` takes two float tensors (width,). Not comparable with `clip_score`, which has another
    factor and no prefix.

    >>> import torch
    >>> metric = build()
    >>> metric.update(
    ...     image_embedding=torch.tensor([1.0, 0.0]), text_embedding=torch.tensor([3.0, 4.0])
    ... )
    >>> round(float(metric.compute()), 4)
    1.5
    """
    from evals.metrics._vectors import cosine

    def score(image_embedding: Tensor, text_embedding: Tensor) -> Tensor:
        return WEIGHT * cosine(image_embedding, text_embedding).clamp(min=0)

    return mean_of(SPEC, score)
