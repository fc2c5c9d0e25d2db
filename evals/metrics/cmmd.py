"""CMMD: how far a model's pictures are from reference pictures, by CLIP embeddings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evals.metrics._sets import between_sets
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SIGMA = 10.0
SCALE = 1000.0
SPEC = MetricSpec(
    name="cmmd",
    version="1",
    title="CMMD",
    modality="image",
    measures="quality",
    higher_is_better=False,
    low=0.0,
    high=2 * SCALE * -math.expm1(-2 / SIGMA**2),
    needs=("image_embedding", "real"),
    judge="openai-clip-l14-336",
    in_rating=False,
    source="Jayasumana et al. 2024, Rethinking FID, arXiv:2401.09603",
    level="model",
)


def build() -> Metric:
    """1000 · biased squared MMD of embeddings at length 1, kernel exp(−d²/200); 0 to 39.6027.

    Biased: the pairs of a picture with itself count, as in the authors' program, so that it is
    never below 0 and defined for one picture a set. For small distances it is about ten times the
    squared distance of the means. `update(image_embedding, real)` takes a float tensor (width,).
    Raises ScoreError where a set is empty.

    >>> import torch
    >>> metric = build()
    >>> metric.update(torch.tensor([1.0, 0.0]), real=True)
    >>> metric.update(torch.tensor([0.0, 1.0]), real=False)
    >>> round(float(metric.compute()), 4)
    19.9003
    """
    import torch

    from evals.metrics._vectors import unit

    def distance(reference: Tensor, made: Tensor) -> Tensor:
        x, y = unit(reference), unit(made)

        def kernel(one: Tensor, other: Tensor) -> Tensor:
            # Mean of the kernel less 1: the ones cancel, and small distances keep their digits.
            return torch.expm1((one @ other.T - 1) / SIGMA**2).mean()

        return SCALE * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y)).clamp(min=0)

    return between_sets(SPEC, distance, least=1)
