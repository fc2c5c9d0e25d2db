"""Generations → scores. A score that could not be made has a reason, and is never a number."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from evals import encoders, judges, metrics, probes
from evals.encoders import Encoder
from evals.errors import NotFoundError, ScoreError
from evals.judges import Judge
from evals.names import hint
from evals.types import MetricSpec, Prompt, Score, Suite

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric

    Picture = NDArray[np.uint8]

CHUNK = 64
"""Pictures held in memory at a time."""


@dataclass(frozen=True)
class Instrument:
    """A metric ready to measure: on its judge, by the name it goes by there."""

    spec: MetricSpec
    fingerprint: str
    judge: Judge | None


@dataclass(frozen=True)
class Shown:
    """A generation to be scored."""

    prompt: Prompt
    seed: int
    media_sha256: str
    """Of its media, under which embeddings are kept; empty: they are not."""
    picture: Callable[[], Picture]
    """Gives height x width x 3 uint8 RGB; raises MediaError. Asked only if some metric needs it."""


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
        for start in range(0, len(shown), CHUNK):
            needs = _Needs(self.encoders, shown[start : start + CHUNK], asked)
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
            Shown(prompt, 0, "", lambda picture=picture: picture)
            for prompt, picture in probes.probes()
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

    def _one(self, instrument: Instrument, needs: _Needs, place: int) -> Score:
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
                for start in range(0, len(ordered), CHUNK):
                    part = ordered[start : start + CHUNK]
                    needs = _Needs(self.encoders, part, [instrument])
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


class _Needs:
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
            self._pictures[place] = self.shown[place].picture()
        return self._pictures[place]


def _embeds(spec: MetricSpec) -> bool:
    return "image_embedding" in spec.needs


def instruments(
    suite: Suite, known: Mapping[str, Judge], names: Iterable[str] | None = None
) -> tuple[tuple[Instrument, ...], tuple[str, ...]]:
    """The metrics that score a suite, with their judges found and fingerprinted; torch-free.

    Args:
        suite: whose own metrics are taken where it names some.
        known: judges by id.
        names: metrics that a person asked for by name; None for the suite's.

    Returns the instruments by name, and a note for each metric that is skipped as its judge is
    unavailable: nothing takes its place.

    Raises:
        NotFoundError: no such metric, or a metric that was asked for is unavailable.
    """
    served = metrics.served(known)
    asked = list(dict.fromkeys(names)) if names is not None else None
    wanted = asked if asked is not None else list(suite.metrics) or _usual(suite, served, known)
    found: list[Instrument] = []
    notes: list[str] = []
    for name in sorted(wanted):
        if name not in served:
            raise NotFoundError(f'no metric is called "{name}"{hint(name, served)}')
        spec = served[name]
        reason = unavailable(spec, known)
        if reason is None:
            judge = known[spec.judge or ""] if metrics.wants_judge(spec) else None
            bare = name.partition("@")[0]
            found.append(Instrument(spec, judges.fingerprint(judge, bare, spec.version), judge))
        elif asked is not None:
            raise NotFoundError(f"metric {name} is unavailable: {reason}")
        else:
            notes.append(f"metric {name} skipped: {reason}")
    return tuple(found), tuple(notes)


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


def _usual(suite: Suite, served: Mapping[str, MetricSpec], known: Mapping[str, Judge]) -> list[str]:
    """Metrics of a suite that names none: all that fit what it makes and what its prompts say."""
    modality = metrics.modality(suite.task)
    lacking = {"target"} if any(prompt.facts for prompt in suite.prompts) else {"target", "facts"}
    return [
        name
        for name, spec in served.items()
        if spec.modality == modality
        and not lacking & set(spec.needs)
        and not (spec.judge and spec.judge in known and known[spec.judge].calibration_world)
    ]


def unavailable(spec: MetricSpec, known: Mapping[str, Judge]) -> str | None:
    """Why a metric cannot be measured here; None if it can.

    Args:
        spec: as `metrics.served` gives it.
        known: judges by id.
    """
    if not metrics.wants_judge(spec):
        return None
    if spec.judge is None:
        return "no judge serves it"
    if spec.judge not in known:
        return f'its judge "{spec.judge}" is not registered{hint(spec.judge, known)}'
    return judges.unavailable(known[spec.judge], spec.name.partition("@")[0])
