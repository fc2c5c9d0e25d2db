"""Human Preference Score: a CLIP that was trained on people's choices between pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="hps",
    version="1",
    title="Human Preference Score",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=-1.0,
    high=1.0,
    needs=("image_embedding", "text_embedding"),
    judge="hpsv2.1",
    source="Wu et al. 2023, Human Preference Score v2, arXiv:2306.09341",
)


def build() -> Metric:
    """Cosine of picture and prompt, in [-1, 1], without the learnt logit scale.

    Published tables show 100 times as much. Only scores of one prompt and one version of the judge
    (2.0 or 2.1) are comparable. `update` takes two float tensors (width,).

    >>> import torch
    >>> metric = build()
    >>> metric.update(
    ...     image_embedding=torch.tensor([1.0, 0.0]), text_embedding=torch.tensor([3.0, 4.0])
    ... )
    >>> round(float(metric.compute()), 4)
    0.6
    """
    from evals.metrics._vectors import cosine

    def score(image_embedding: Tensor, text_embedding: Tensor) -> Tensor:
        return cosine(image_embedding, text_embedding)

    return mean_of(SPEC, score)
