"""VBench's aesthetic quality: LAION's first, linear predictor, on one picture or frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="vbench_aesthetic",
    version="1",
    title="VBench aesthetic",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=None,
    high=None,
    needs=("image_embedding", "head"),
    judge="openai-clip-l14",
    source="Huang et al. 2024, VBench, arXiv:2311.17982;"
    " https://github.com/LAION-AI/aesthetic-predictor (sa_0_4_vit_l_14_linear)",
)


def build() -> Metric:
    """A tenth of the head's value of the picture's embedding at length 1: about 0 to 1.

    `update(image_embedding, head)` takes a float tensor (width,) and the head's `weight`
    (1, width) and `bias` (1,). Another head than `laion_aesthetic`: the two are not comparable.

    >>> import torch
    >>> head = {"weight": torch.tensor([[5.0, 0.0]]), "bias": torch.tensor([1.0])}
    >>> metric = build()
    >>> metric.update(image_embedding=torch.tensor([3.0, 4.0]), head=head)
    >>> round(float(metric.compute()), 4)
    0.4
    """
    from evals.metrics._vectors import unit

    def score(image_embedding: Tensor, head: Mapping[str, Tensor]) -> Tensor:
        shapes = {name: tuple(value.shape) for name, value in head.items()}
        if shapes != {"weight": (1, len(image_embedding)), "bias": (1,)}:
            raise ValueError(
                f"the head is no linear layer of {len(image_embedding)} -> 1: {shapes}"
            )
        value = head["weight"].double() @ unit(image_embedding) + head["bias"].double()
        return value[0] / 10

    return mean_of(SPEC, score)
