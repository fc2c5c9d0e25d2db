"""KID: how far a model's pictures are from reference pictures, without assuming Gaussians."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from evals.metrics._sets import between_sets
from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

SUBSETS = 100
SUBSET_SIZE = 1000
SEED = 0
SPEC = MetricSpec(
    name="kid",
    version="1",
    title="KID",
    modality="image",
    measures="quality",
    higher_is_better=False,
    low=None,
    high=None,
    needs=("image_embedding", "real"),
    judge="inception-v3-fid",
    in_rating=False,
    source="Bińkowski et al. 2018, arXiv:1801.01401; torchmetrics.image.KernelInceptionDistance",
    level="model",
)


def build() -> Metric:
    """Unbiased squared MMD under the kernel (xᵀy/width + 1)³, a mean over 100 subsets of 1000.

    By torchmetrics in float64; subsets are as large as the smaller set where that has fewer than
    1000 pictures. Being unbiased it may be below 0. The subsets are drawn with a seed of its own:
    the same pictures in the same order give the same value, and the global random state is left
    alone. `update(image_embedding, real)` takes a float tensor (width,). Raises ScoreError where a
    set has fewer than two pictures.

    >>> import torch
    >>> metric = build()
    >>> for number in (-1.0, 1.0):
    ...     metric.update(torch.tensor([number]), real=True)
    ...     metric.update(torch.tensor([number + 1]), real=False)
    >>> round(float(metric.compute()), 4)  # (0 + 1) - 2 · (1 + 1 - 1 + 27) / 4
    -13.0
    """
    import torch
    from torchmetrics.image.kid import KernelInceptionDistance

    def distance(reference: Tensor, made: Tensor) -> Tensor:
        size = min(SUBSET_SIZE, len(reference), len(made))
        whole = len(reference) == len(made) == size  # every subset would be the same one
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Metric `Kernel Inception Distance` will save all")
            kid = KernelInceptionDistance(
                feature=torch.nn.Identity(), subsets=1 if whole else SUBSETS, subset_size=size
            )
        kid.update(reference, real=True)
        kid.update(made, real=False)
        with torch.random.fork_rng(devices=[]):
            # `torch.manual_seed` would seed the accelerators too, which nobody forked.
            torch.set_rng_state(torch.Generator().manual_seed(SEED).get_state())
            mean, _ = kid.compute()
        return mean

    return between_sets(SPEC, distance, least=2)
