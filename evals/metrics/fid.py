"""FID: how far a model's pictures are from reference pictures, as two Gaussians of features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.metrics._sets import between_sets
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SPEC = MetricSpec(
    name="fid",
    version="1",
    title="FID",
    modality="image",
    measures="quality",
    higher_is_better=False,
    low=0.0,
    high=None,
    needs=("image_embedding", "real"),
    judge="inception-v3-fid",
    in_rating=False,
    source="Heusel et al. 2017, arXiv:1706.08500; torchmetrics.image.FrechetInceptionDistance",
    level="model",
)


def build() -> Metric:
    """‖μ₁−μ₂‖² + Tr(Σ₁+Σ₂−2√(Σ₁Σ₂)), covariances over n−1, by torchmetrics in float64.

    `update(image_embedding, real)` takes a float tensor (width,). Raises ScoreError where a set has
    fewer than two pictures. With fewer pictures than the width of the features the covariances are
    singular, and with few the value is biased upwards: compare only models that were scored on as
    many pictures, and nothing with the tables of papers (50,000 pictures). Rounding below 0, the
    least there is, is 0.

    >>> import torch
    >>> metric = build()
    >>> for number in (0.0, 2.0):
    ...     metric.update(torch.tensor([number]), real=True)
    ...     metric.update(torch.tensor([number + 3]), real=False)
    >>> round(float(metric.compute()), 4)
    9.0
    """
    import torch
    from torchmetrics.image.fid import FrechetInceptionDistance

    def distance(reference: Tensor, made: Tensor) -> Tensor:
        class Features(torch.nn.Identity):
            """The rows are features already; torchmetrics asks how wide they are."""

            num_features = reference.shape[1]

        fid = FrechetInceptionDistance(feature=Features())
        fid.update(reference, real=True)
        fid.update(made, real=False)
        return fid.compute().clamp(min=0)

    return between_sets(SPEC, distance, least=2)
