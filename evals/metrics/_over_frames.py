"""A metric of pictures, applied to every frame of a clip: its mean over the frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, cast

from evals.types import MetricSpec

if TYPE_CHECKING:
    from torch import Tensor
    from torchmetrics import Metric

PREFIX = "frame_"
PER_FRAME = {"pixels": "frames", "image_embedding": "frame_embeddings"}
"""What a metric needs of a picture -> where it comes from for each frame of a clip."""
SHARED = frozenset({"text_embedding", "antonym_embeddings", "logit_scale", "head"})
"""Needs that are the same for every frame."""


class _OfPictures(Protocol):
    SPEC: MetricSpec

    def build(self) -> Metric: ...


@dataclass(frozen=True)
class OverFrames:
    """What the module of the lifted metric would be."""

    of_pictures: _OfPictures
    SPEC: MetricSpec
    TEMPLATE: str

    def build(self) -> Metric:
        """The mean over the frames, if the metric's `compute` is the mean over its updates."""
        return _lifted(self.SPEC, self.of_pictures.build())


def lift(module: Any) -> OverFrames | None:
    """The metric over frames; None where it is not the mean of one number per picture.

    A metric of sets, of pairs, and one that wants a caption's facts, which may change within a
    clip, are not lifted.
    """
    spec: MetricSpec = module.SPEC
    needs = set(spec.needs)
    if (
        spec.modality != "image"
        or spec.level != "generation"
        or not needs & set(PER_FRAME)
        or needs - set(PER_FRAME) - SHARED
    ):
        return None
    lifted = replace(
        spec,
        name=PREFIX + spec.name,
        title=f"{spec.title}, mean over frames",
        modality="video",
        needs=tuple(PER_FRAME.get(need, need) for need in spec.needs),
    )
    return OverFrames(module, lifted, getattr(module, "TEMPLATE", "{}"))


def _lifted(spec: MetricSpec, metric: Metric) -> Metric:
    from torchmetrics import Metric

    per_frame = {PER_FRAME[need]: need for need in PER_FRAME if PER_FRAME[need] in spec.needs}

    class MeanOverFrames(Metric):
        is_differentiable = False
        higher_is_better = spec.higher_is_better
        full_state_update = False

        def __init__(self) -> None:
            super().__init__()
            self.of_pictures = metric

        def update(self, **needs: Any) -> None:
            shared = {name: value for name, value in needs.items() if name not in per_frame}
            rows = zip(*(needs[name] for name in per_frame), strict=True)
            for row in rows:
                self.of_pictures.update(**shared, **dict(zip(per_frame.values(), row, strict=True)))

        def compute(self) -> Tensor:
            return cast("Tensor", self.of_pictures.compute())

        def reset(self) -> None:
            super().reset()
            self.of_pictures.reset()

    return MeanOverFrames()
