"""LAION's aesthetic predictor v2: how much people like a picture, from its CLIP embedding alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.metrics._mean import mean_of
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

LAYERS = (0, 2, 4, 6, 7)
"""Places of the linear layers in the published `layers`; dropout has the others, and there is no
activation between them."""
SPEC = MetricSpec(
    name="laion_aesthetic",
    version="1",
    title="LAION aesthetic v2",
    modality="image",
    measures="quality",
    higher_is_better=True,
    low=None,
    high=None,
    needs=("image_embedding", "head"),
    judge="openai-clip-l14",
    source="https://github.com/christophschuhmann/improved-aesthetic-predictor"
    " (sac+logos+ava1-l14-linearMSE)",
)


def affine(head: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """The one affine map that linear layers in a row are: weight (width,) and bias (), float64.

    Args:
        head: `layers.<place>.weight` (out, in) and `layers.<place>.bias` (out,) of the five layers.

    Raises:
        ValueError: other layers than the published ones, or layers that do not fit each other.
    """
    import torch

    wanted = {f"layers.{place}.{part}" for place in LAYERS for part in ("weight", "bias")}
    if set(head) != wanted:
        odd = sorted(set(head) ^ wanted)
        raise ValueError(f"the head is not LAION's: {odd[0]} is missing or unknown")
    weight = torch.ones(1, 1, dtype=torch.float64)
    bias = torch.zeros(1, dtype=torch.float64)
    for place in reversed(LAYERS):
        layer, shift = head[f"layers.{place}.weight"], head[f"layers.{place}.bias"]
        if len(layer) != weight.shape[1] or shift.shape != layer.shape[:1]:
            raise ValueError(f"the head's layers.{place} does not fit the layer after it")
        bias = bias + weight @ shift.double()
        weight = weight @ layer.double()
    return weight[0], bias[0]


def build() -> Metric:
    """The head's value of the picture's embedding at length 1: about 1 (worst) to 10 (best).

    `update(image_embedding, head)` takes a float tensor (width,) and the head's weights by name.

    >>> import torch
    >>> head = {f"layers.{place}.bias": torch.ones(1) for place in LAYERS}
    >>> head |= {f"layers.{place}.weight": torch.ones(1, 1) for place in LAYERS}
    >>> head["layers.0.weight"] = torch.tensor([[5.0, 0.0]])
    >>> metric = build()
    >>> metric.update(image_embedding=torch.tensor([3.0, 4.0]), head=head)
    >>> round(float(metric.compute()), 4)
    8.0
    """
    from evals.metrics._vectors import unit

    def score(image_embedding: Tensor, head: Mapping[str, Tensor]) -> Tensor:
        weight, bias = affine(head)
        if weight.shape != image_embedding.shape:
            raise ValueError(f"the head takes {len(weight)} numbers, not {len(image_embedding)}")
        return unit(image_embedding) @ weight + bias

    return mean_of(SPEC, score)
