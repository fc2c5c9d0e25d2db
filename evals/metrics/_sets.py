"""A metric that compares the set of a model's pictures with a reference set, by embeddings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evals.errors import ScoreError
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric


def between_sets(
    spec: MetricSpec, distance: Callable[[Tensor, Tensor], Tensor], least: int
) -> Metric:
    """A metric whose `update(image_embedding, real)` collects, and whose `compute` compares.

    Args:
        spec: of the metric.
        distance: (n, width) float64 of the reference and (m, width) of the model -> a scalar.
        least: pictures that each set must have for the distance to be defined.

    `update` takes one embedding (width,); `compute` raises ScoreError where a set is too small.
    """
    import torch
    from torchmetrics import Metric

    class BetweenSets(Metric):
        is_differentiable = False
        higher_is_better = spec.higher_is_better
        full_state_update = False
        reference: list[Tensor]
        made: list[Tensor]

        def __init__(self) -> None:
            super().__init__()
            self.add_state("reference", [], dist_reduce_fx="cat")
            self.add_state("made", [], dist_reduce_fx="cat")

        def update(self, image_embedding: Tensor, real: bool) -> None:
            rows = self.reference if real else self.made
            rows.append(image_embedding.double()[None])

        def compute(self) -> Tensor:
            for rows, whose in ((self.reference, "reference"), (self.made, "the model's")):
                if len(rows) < least:
                    raise ScoreError(
                        f"{spec.name} needs {least} or more {whose} pictures, there are {len(rows)}"
                    )
            return distance(torch.cat(self.reference), torch.cat(self.made))

    return BetweenSets()
