"""Sheet score: how well clip and caption agree, by one embedding of the clip's contact sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="sheet_score",
    version="1",
    title="CLIPScore of the contact sheet",
    modality="video",
    measures="motion",
    higher_is_better=True,
    low=0.0,
    high=100.0,
    needs=("sheet_embedding", "text_embedding"),
    judge="reference-motion",
    source="churnboard: CLIPScore (doi:10.18653/v1/2021.emnlp-main.595) of a grid of frames",
)


def build() -> Metric:
    """100 · max(cosine, 0), in [0, 100], of the embeddings of a clip's sheet and of its caption.

    `update(sheet_embedding, text_embedding)` takes float tensors (width,). Unlike a mean over
    frames it is not blind to their order: a judge that was taught sheets tells what moves, and
    which way. One that never saw a sheet may not; the judge's name says which it is.

    >>> import torch
    >>> metric = build()
    >>> metric.update(
    ...     sheet_embedding=torch.tensor([1.0, 0.0]), text_embedding=torch.tensor([3.0, 4.0])
    ... )
    >>> round(float(metric.compute()), 4)
    60.0
    """
    from evals.metrics._vectors import cosine

    def score(sheet_embedding: Tensor, text_embedding: Tensor) -> Tensor:
        return 100 * cosine(sheet_embedding, text_embedding).clamp(min=0)

    return mean_of(SPEC, score)
