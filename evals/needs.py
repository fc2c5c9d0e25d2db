"""What metrics need of generations: pixels, embeddings and words, made once for all metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evals import metrics
from evals.clips import contact_sheet, optical_flow
from evals.encoders import Encoder, Stack
from evals.errors import ScoreError
from evals.instruments import Instrument
from evals.judges.pins import Judge
from evals.types import Prompt, digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from evals.clips.optical_flow import Flow

    Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Shown:
    """A generation to be scored: a picture, or a clip where `fps` is set."""

    prompt: Prompt
    seed: int
    media_sha256: str
    """Of its media, under which embeddings are kept; empty: they are not."""
    pixels: Callable[[], Pixels]
    """Gives height x width x 3 uint8 RGB, or frames x height x width x 3 of a clip; raises
    MediaError. Asked only if some metric needs it."""
    fps: float | None = None
    """Frames per second of a clip."""
    frames: int = 1
    """Of a clip."""
    size: int = 0
    """Bytes of its pixels, decoded; 0 where that is not known."""
    start: Callable[[], Pixels] | None = None
    """Gives the picture that the clip was to begin with."""
    target: Callable[[], Pixels] | None = None
    """Gives the picture that was wanted."""


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
        self._pixels: dict[int, Pixels] = {}
        self._flows: dict[int, Flow] = {}
        self._embeddings: dict[tuple[str, str], list[Tensor | ScoreError]] = {}
        stacks = {
            "image_embedding": self._picture,
            "frame_embeddings": self._clip,
            "sheet_embedding": self._sheet,
        }
        for judge in sorted({item.judge.id for item in asked if item.judge}):
            needs = [n for n in stacks if any(n in i.spec.needs for i in asked if _on(i, judge))]
            wanted = [stacks[need](place) for need in needs for place in range(len(shown))]
            # All in one go: what fills a micro-batch up is thrown away.
            made = loaded[judge].stacks(wanted) if wanted else []
            for number, need in enumerate(needs):
                begin = number * len(shown)
                self._embeddings[need, judge] = made[begin : begin + len(shown)]

    def of(self, instrument: Instrument, place: int, real: bool = False) -> dict[str, Any]:
        """Keyword arguments of the metric's `update` for one generation.

        Raises:
            ScoreError: one of them does not exist.
        """
        return {need: self._need(need, instrument, place, real) for need in instrument.spec.needs}

    def _need(self, need: str, instrument: Instrument, place: int, real: bool) -> Any:
        made = self._of_media(need, place)
        if made is not None:
            return made
        prompt = self.shown[place].prompt
        if need == "prompt":
            return prompt.id
        if need == "real":
            return real
        if need == "facts":
            if not prompt.facts:
                raise ScoreError(f"prompt {prompt.id} states no facts")
            return prompt.facts
        judge = cast("Judge", instrument.judge)
        return self._from_judge(need, self._encoders[judge.id], instrument, place)

    def _of_media(self, need: str, place: int) -> Any:
        """What follows from the media alone; None for anything else."""
        item = self.shown[place]
        if need in ("pixels", "frames"):
            return self._read(place)
        if need == "fps":
            return item.fps
        if need == "flow":
            if place not in self._flows:
                self._flows[place] = optical_flow.flow(self._read(place))
            return self._flows[place]
        if need == "start":
            if item.start is None:
                raise ScoreError(f"prompt {item.prompt.id} has no start frame")
            return item.start()
        if need == "target":
            if item.target is None:
                raise ScoreError(f"prompt {item.prompt.id} has no target picture")
            return item.target()
        return None

    def _from_judge(self, need: str, encoder: Encoder, instrument: Instrument, place: int) -> Any:
        if (need, encoder.judge.id) in self._embeddings:
            embeddings = self._embeddings[need, encoder.judge.id][place]
            if isinstance(embeddings, ScoreError):
                raise embeddings
            return embeddings if need == "frame_embeddings" else embeddings[0]
        name = instrument.spec.name
        if need == "text_embedding":
            return encoder.text(metrics.template(name).format(self.shown[place].prompt.text))
        if need == "antonym_embeddings":
            import torch

            return torch.stack([encoder.text(text) for text in encoder.judge.antonyms])
        if need == "head":
            return encoder.head(metrics.of_picture(name))
        return {"logit_scale": encoder.network.logit_scale, "distance": encoder.distance}[need]

    def _read(self, place: int) -> Pixels:
        if place not in self._pixels:
            self._pixels[place] = self.shown[place].pixels()
        return self._pixels[place]

    def _picture(self, place: int) -> Stack:
        return Stack(self.shown[place].media_sha256, 1, lambda: [self._read(place)])

    def _clip(self, place: int) -> Stack:
        item = self.shown[place]
        return Stack(item.media_sha256, item.frames, lambda: self._read(place))

    def _sheet(self, place: int) -> Stack:
        kept = self.shown[place].media_sha256
        name = digest([contact_sheet.EDITION, kept]) if kept else ""
        return Stack(name, 1, lambda: [contact_sheet.sheet(self._read(place))])


def _on(instrument: Instrument, judge: str) -> bool:
    return instrument.judge is not None and instrument.judge.id == judge
