"""Vendi score: how many really different pictures a model made."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.errors import ScoreError
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="vendi",
    version="1",
    title="Vendi score",
    modality="image",
    measures="diversity",
    higher_is_better=True,
    low=1.0,
    high=None,
    needs=("image_embedding",),
    judge="openai-clip-l14",
    in_rating=False,
    source="Friedman and Dieng 2023, The Vendi Score, arXiv:2210.02410",
    level="model",
)


def build() -> Metric:
    """exp(−Σ λ ln λ) over the eigenvalues λ of K/n, K the cosines of n embeddings; in [1, n].

    1 where all are alike, n where all are at right angles: an effective number of pictures, which
    is compared only where models made as many. `update(image_embedding)` takes a float tensor
    (width,). Raises ScoreError for fewer than two pictures: one has no diversity.

    >>> import torch
    >>> metric = build()
    >>> for row in torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]):
    ...     metric.update(row)
    >>> round(float(metric.compute()), 4)  # λ = 2/3, 1/3
    1.8899
    """
    import torch
    from torchmetrics import Metric

    from evals.metrics._vectors import unit

    class Vendi(Metric):
        is_differentiable = False
        higher_is_better = SPEC.higher_is_better
        full_state_update = False
        rows: list[Tensor]

        def __init__(self) -> None:
            super().__init__()
            self.add_state("rows", [], dist_reduce_fx="cat")

        def update(self, image_embedding: Tensor) -> None:
            self.rows.append(image_embedding.double()[None])

        def compute(self) -> Tensor:
            count = len(self.rows)
            if count < 2:
                raise ScoreError(f"the Vendi score needs two or more pictures, there are {count}")
            # Squared singular values of the rows are the eigenvalues that are not 0, whichever of
            # pictures and width are more.
            values = cast("Tensor", torch.linalg.svdvals(unit(torch.cat(self.rows))))
            entropies = cast("Tensor", torch.special.entr(values.square() / count))
            return entropies.sum().exp().clamp(1, count)

    return Vendi()
