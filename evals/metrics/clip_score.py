"""CLIPScore: how well picture and caption agree, by the angle between their embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.types import MetricSpec

if TYPE_CHECKING:
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="clip_score",
    version="1",
    title="CLIPScore",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=100.0,
    needs=("image_embedding", "text_embedding"),
    judge="reference",
    source="Hessel et al. 2021, doi:10.18653/v1/2021.emnlp-main.595; scaled as in torchmetrics",
)


def build() -> Metric:
    """100 · max(mean cosine, 0), in [0, 100], over embeddings of one width.

    `update(image_embedding, text_embedding)` takes float tensors (width,) or (n, width).

    >>> import torch
    >>> metric = build()
    >>> metric.update(torch.tensor([1.0, 0.0]), torch.tensor([3.0, 4.0]))
    >>> round(float(metric.compute()), 4)
    60.0
    """
    import torch
    from torch import Tensor
    from torchmetrics import Metric

    class ClipScore(Metric):
        is_differentiable = False
        higher_is_better = SPEC.higher_is_better
        full_state_update = False
        total: Tensor
        count: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
            self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

        def update(self, image_embedding: Tensor, text_embedding: Tensor) -> None:
            image = cast("Tensor", torch.atleast_2d(image_embedding))
            text = cast("Tensor", torch.atleast_2d(text_embedding))
            if image.shape != text.shape:
                raise ValueError(f"embeddings differ: {image.shape} and {text.shape}")
            cosines = torch.cosine_similarity(image.double(), text.double(), dim=-1)
            self.total += cosines.sum()
            self.count += len(cosines)

        def compute(self) -> Tensor:
            return 100 * torch.clamp(self.total / self.count, min=0)

    return ClipScore()
