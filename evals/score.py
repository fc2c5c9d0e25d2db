"""Generations → scores. A score that could not be made has a reason, and is never a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from evals import encoders, metrics, probes
from evals.encoders import Encoder
from evals.errors import ScoreError
from evals.instruments import Instrument
from evals.needs import Needs, Shown
from evals.types import Prompt, Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric

CHUNK = 64
"""Pictures, or clips, held in memory at a time, if they are small."""
CHUNK_BYTES = 256_000_000
"""Decoded bytes held in memory at a time; one clip may have more."""


@dataclass(frozen=True)
class Scorer:
    """Instruments and the judges they share, loaded."""

    instruments: tuple[Instrument, ...]
    encoders: Mapping[str, Encoder]
    _metrics: Mapping[str, Metric]

    @property
    def encoded(self) -> int:
        """Pictures that judges had to look at so far, over all judges."""
        return sum(encoder.encoded for encoder in self.encoders.values())

    @cached_property
    def of_generations(self) -> tuple[Instrument, ...]:
        """Instruments that score one generation."""
        return tuple(item for item in self.instruments if item.spec.level == "generation")

    @cached_property
    def of_models(self) -> tuple[Instrument, ...]:
        """Instruments that score all that a model made."""
        return tuple(item for item in self.instruments if item.spec.level == "model")

    def only(self, names: Collection[str]) -> Scorer:
        """The same judges with some of the instruments."""
        kept = tuple(item for item in self.instruments if item.spec.name in names)
        return Scorer(kept, self.encoders, self._metrics)

    def environment(self, instrument: Instrument) -> str:
        """Where an instrument computes, in words; empty where only arithmetic is done."""
        if instrument.judge is None:
            return ""
        return self.encoders[instrument.judge.id].environment

    def score(
        self, shown: Sequence[Shown], names: Collection[str] | None = None
    ) -> list[tuple[Score, ...]]:
        """Scores of each generation, in step; each judge looks at each picture at most once.

        Args:
            shown: in any order and number: neither moves a score.
            names: only these instruments; None for all. Instruments of level `model` are left out.

        A metric that raises costs a generation that one score.
        """
        asked = [i for i in self.of_generations if names is None or i.spec.name in names]
        scores: list[tuple[Score, ...]] = []
        for part in portions(shown):
            needs = Needs(self.encoders, part, asked)
            for place in range(len(needs.shown)):
                scores.append(tuple(self._one(item, needs, place) for item in asked))
        return scores

    def score_models(
        self,
        shown: Sequence[Shown],
        reference: Sequence[Shown] = (),
        names: Collection[str] | None = None,
    ) -> tuple[Score, ...]:
        """One score per instrument of level `model`, over all that one model made of a suite.

        Args:
            shown: its generations; they are taken prompt by prompt and seed by seed.
            reference: pictures as they should be, for metrics that compare two sets.
            names: only these instruments; None for all.
        """
        asked = [i for i in self.of_models if names is None or i.spec.name in names]
        return tuple(self._whole(item, shown, reference) for item in asked)

    def checks(self) -> dict[str, tuple[float, ...]]:
        """Metric -> its scores of `evals.probes`, computed afresh; only metrics with a judge.

        A metric of level `model` gives one number, of every second probe against the others.
        """
        before = {name: encoder.encoded for name, encoder in self.encoders.items()}
        shown = [
            Shown(
                prompt,
                0,
                "",
                lambda pixels=pixels: pixels,
                fps=probes.FPS if pixels.ndim == 4 else None,
                frames=len(pixels) if pixels.ndim == 4 else 1,
                start=lambda pixels=pixels: pixels[0] if pixels.ndim == 4 else pixels,
            )
            for prompt, pixels in self._probes()
        ]
        columns = list(zip(*self.score(shown), strict=True)) if self.of_generations else []
        columns += [(made,) for made in self.score_models(shown[::2], shown[1::2])]
        for name, encoder in self.encoders.items():
            encoder.encoded = before[name]
        found: dict[str, tuple[float, ...]] = {}
        for item, column in zip((*self.of_generations, *self.of_models), columns, strict=True):
            numbers = tuple(made.value for made in column if made.value is not None)
            if item.judge is not None and len(numbers) == len(column):
                found[item.spec.name] = numbers
        return found

    def _probes(self) -> Sequence[tuple[Prompt, NDArray[np.uint8]]]:
        """What every run scores: clips where there are metrics of clips, else pictures."""
        of_clips = any(item.spec.modality == "video" for item in self.instruments)
        return probes.clips() if of_clips else probes.probes()

    def _one(self, instrument: Instrument, needs: Needs, place: int) -> Score:
        metric = self._metrics[instrument.spec.name]

        def measured() -> float:
            metric.reset()
            metric.update(**needs.of(instrument, place))
            return float(cast("Tensor", metric.compute()))

        return self._made(instrument, measured)

    def _whole(
        self, instrument: Instrument, shown: Sequence[Shown], reference: Sequence[Shown]
    ) -> Score:
        metric = self._metrics[instrument.spec.name]
        against = "real" in instrument.spec.needs

        def measured() -> float:
            if against and not reference:
                raise ScoreError("the suite has no reference pictures (an upper anchor's)")
            metric.reset()
            for real, group in (
                ((True, reference), (False, shown)) if against else ((False, shown),)
            ):
                ordered = sorted(group, key=lambda item: (item.prompt.id, item.seed))
                for part in portions(ordered):
                    needs = Needs(self.encoders, part, [instrument])
                    for place in range(len(part)):
                        metric.update(**needs.of(instrument, place, real))
            return float(cast("Tensor", metric.compute()))

        try:
            return self._made(instrument, measured)
        finally:
            metric.reset()  # it may hold every picture of a model

    def _made(self, instrument: Instrument, measured: Callable[[], float]) -> Score:
        value: float | None = None
        reason: str | None = None
        try:
            found = measured()
            if math.isfinite(found):
                value = found
            else:
                reason = f"the metric returned {found}"
        except ScoreError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a metric may raise anything, and one that
            # cannot score a picture must not cost the picture its other scores.
            reason = f"{type(error).__name__}: {error}"[:500]
        spec, environment = instrument.spec, self.environment(instrument)
        return Score(spec.name, spec.version, value, reason, instrument.fingerprint, environment)


def portions(shown: Sequence[Shown]) -> Iterator[Sequence[Shown]]:
    """The generations in step, as many at a time as may be held in memory."""
    part: list[Shown] = []
    held = 0
    for item in shown:
        if part and (len(part) == CHUNK or held + item.size > CHUNK_BYTES):
            yield part
            part, held = [], 0
        part.append(item)
        held += item.size
    if part:
        yield part


def open_scorer(chosen: Iterable[Instrument], home: Path | None = None) -> Scorer:
    """Build the metrics and load each judge once; torch is imported here if there are any.

    Args:
        chosen: see `instruments`.
        home: where embeddings are kept; None keeps none.

    Raises:
        LoadError: a judge cannot be loaded.
    """
    ready = tuple(chosen)
    built = {item.spec.name: metrics.get(item.spec.name).build() for item in ready}
    wanted = {item.judge.id: item.judge for item in ready if item.judge is not None}
    loaded = {name: encoders.open_judge(judge, home) for name, judge in wanted.items()}
    return Scorer(ready, loaded, built)
