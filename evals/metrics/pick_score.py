"""PickScore: a CLIP that was trained on users' choices between pictures of one prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="pick_score",
    version="1",
    title="PickScore",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=None,
    high=None,
    needs=("image_embedding", "text_embedding", "logit_scale"),
    judge="pickscore-v1",
    source="Kirstain et al. 2023, Pick-a-Pic, arXiv:2305.01569",
)


def build() -> Metric:
    """The judge's logit scale (100 in the published weights) · cosine of picture and prompt.

    The difference of two pictures' scores is the log odds that people pick the first. `update`
    takes two float tensors (width,) and the scale, already exponentiated.

    >>> import torch
    >>> metric = build()
    >>> metric.update(
    ...     image_embedding=torch.tensor([1.0, 0.0]),
    ...     text_embedding=torch.tensor([3.0, 4.0]),
    ...     logit_scale=100.0,
    ... )
    >>> round(float(metric.compute()), 4)
    60.0
    """
    from evals.metrics._vectors import cosine

    def score(image_embedding: Tensor, text_embedding: Tensor, logit_scale: float) -> Tensor:
        return logit_scale * cosine(image_embedding, text_embedding)

    return mean_of(SPEC, score)
