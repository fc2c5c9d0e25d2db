"""What metrics need of generations: pixels, embeddings and words, made once for all metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evals import metrics
from evals.encoders import Encoder
from evals.errors import ScoreError
from evals.instruments import Instrument
from evals.judges import Judge
from evals.types import MetricSpec, Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """A generation to be scored."""

    prompt: Prompt
    seed: int
    media_sha256: str
    """Of its media, under which embeddings are kept; empty: they are not."""
    pixels: Callable[[], Picture]
    """Gives height x width x 3 uint8 RGB; raises MediaError. Asked only if some metric needs it."""


class Needs:
    """What metrics need of some generations, made once for all metrics that want it."""

    def __init__(
        self,
        loaded: Mapping[str, Encoder],
        shown: Sequence[Shown],
        asked: Sequence[Instrument],
    ) -> None:
        self.shown = shown
        self._encoders = loaded
        self._pictures: dict[int, Picture] = {}
        self._embeddings: dict[str, list[Tensor | ScoreError]] = {}
        for name in sorted({i.judge.id for i in asked if i.judge and _embeds(i.spec)}):
            pairs = [
                (item.media_sha256, lambda place=place: self._picture(place))
                for place, item in enumerate(shown)
            ]
            self._embeddings[name] = loaded[name].images(pairs)

    def of(self, instrument: Instrument, place: int, real: bool = False) -> dict[str, Any]:
        """Keyword arguments of the metric's `update` for one generation.

        Raises:
            ScoreError: one of them does not exist.
        """
        return {need: self._need(need, instrument, place, real) for need in instrument.spec.needs}

    def _need(self, need: str, instrument: Instrument, place: int, real: bool) -> Any:
        prompt = self.shown[place].prompt
        if need == "pixels":
            return self._picture(place)
        if need == "prompt":
            return prompt.id
        if need == "real":
            return real
        if need == "facts":
            if not prompt.facts:
                raise ScoreError(f"prompt {prompt.id} states no facts")
            return prompt.facts
        if need == "target":
            raise ScoreError(f"prompt {prompt.id} has no target picture")
        judge = cast("Judge", instrument.judge)
        return self._from_judge(need, self._encoders[judge.id], instrument, place)

    def _from_judge(self, need: str, encoder: Encoder, instrument: Instrument, place: int) -> Any:
        if need == "image_embedding":
            embedding = self._embeddings[encoder.judge.id][place]
            if isinstance(embedding, ScoreError):
                raise embedding
            return embedding
        name = instrument.spec.name.partition("@")[0]
        if need == "text_embedding":
            return encoder.text(metrics.template(name).format(self.shown[place].prompt.text))
        if need == "antonym_embeddings":
            import torch

            return torch.stack([encoder.text(text) for text in encoder.judge.antonyms])
        if need == "head":
            return encoder.head(name)
        return {"logit_scale": encoder.network.logit_scale, "distance": encoder.distance}[need]

    def _picture(self, place: int) -> Picture:
        if place not in self._pictures:
            self._pictures[place] = self.shown[place].pixels()
        return self._pictures[place]


def _embeds(spec: MetricSpec) -> bool:
    return "image_embedding" in spec.needs
