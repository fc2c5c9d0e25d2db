"""LPIPS diversity: how different the pictures are that a model makes of one prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from evals.errors import ScoreError
from evals.types import MetricSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric

    Picture = NDArray[np.uint8]

SPEC = MetricSpec(
    name="lpips_diversity",
    version="1",
    title="LPIPS diversity",
    modality="image",
    measures="diversity",
    higher_is_better=True,
    low=0.0,
    high=None,
    needs=("pixels", "prompt", "distance"),
    judge="lpips-alex",
    in_rating=False,
    source="Zhang et al. 2018, arXiv:1801.03924; between seeds as in Zhu et al. 2017,"
    " arXiv:1711.11586",
    level="model",
)


def build() -> Metric:
    """Mean distance between all pairs of one prompt's pictures, then the mean over prompts.

    `update(pixels, prompt, distance)` takes one picture (height x width x 3 uint8), the id of its
    prompt and what measures two pictures; pictures come prompt by prompt, as only those of one
    prompt are held. A prompt with one picture has no pairs and does not count. Raises ScoreError
    where no prompt has two, and ValueError for a prompt that comes back.

    >>> import numpy as np
    >>> metric = build()
    >>> for prompt, level in (("a", 10), ("a", 20), ("a", 40), ("b", 0), ("b", 1), ("c", 5)):
    ...     metric.update(
    ...         np.full((2, 2, 3), level, np.uint8),
    ...         prompt,
    ...         distance=lambda one, other: float(abs(one.mean() - other.mean())),
    ...     )
    >>> round(float(metric.compute()), 4)  # "a": 10, 30, 20; "b": 1
    10.5
    """
    import torch
    from torchmetrics import Metric

    class LpipsDiversity(Metric):
        is_differentiable = False
        higher_is_better = SPEC.higher_is_better
        full_state_update = False

        def __init__(self) -> None:
            super().__init__()
            self.held: list[Picture] = []
            self.pairs: dict[str, list[float]] = {}

        def update(
            self, pixels: Picture, prompt: str, distance: Callable[[Picture, Picture], float]
        ) -> None:
            if prompt not in self.pairs:
                self.held, self.pairs[prompt] = [], []
            elif prompt != next(reversed(self.pairs)):
                raise ValueError(f"prompt {prompt} comes back after others: hand over by prompt")
            self.pairs[prompt] += [distance(earlier, pixels) for earlier in self.held]
            self.held.append(pixels)

        def compute(self) -> Tensor:
            means = [sum(pairs) / len(pairs) for pairs in self.pairs.values() if pairs]
            if not means:
                raise ScoreError("LPIPS diversity needs two or more pictures of some prompt")
            return torch.tensor(means, dtype=torch.float64).mean()

        def reset(self) -> None:
            super().reset()
            self.held, self.pairs = [], {}

    return LpipsDiversity()
