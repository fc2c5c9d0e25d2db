"""A metric that is the mean of one number per picture, from the function that gives the number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric


def mean_of(spec: MetricSpec, score: Callable[..., float | Tensor]) -> Metric:
    """A metric whose `update` takes what `spec` needs of one picture, and hands it to `score`.

    `compute` gives the mean over the pictures as a float64 scalar, and raises ValueError where
    there was none.
    """
    import torch
    from torchmetrics import Metric

    class MeanOf(Metric):
        is_differentiable = False
        higher_is_better = spec.higher_is_better
        full_state_update = False
        total: Tensor
        count: Tensor

        def __init__(self) -> None:
            super().__init__()
            self.add_state("total", torch.tensor(0.0, dtype=torch.float64), dist_reduce_fx="sum")
            self.add_state("count", torch.tensor(0), dist_reduce_fx="sum")

        def update(self, **needs: Any) -> None:
            self.total += score(**needs)
            self.count += 1

        def compute(self) -> Tensor:
            if not self.count:
                raise ValueError(f"{spec.name} of no picture is not defined")
            return self.total / self.count

    return MeanOf()
