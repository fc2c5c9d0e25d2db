"""A generation → its scores. A score that could not be made has a reason, and is never a number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evals import encoders, judges, metrics
from evals.encoders import Encoder
from evals.errors import NotFoundError, ScoreError
from evals.judges import Judge
from evals.names import hint
from evals.types import MetricSpec, Prompt, Score

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor
    from torchmetrics import Metric


@dataclass(frozen=True)
class Instrument:
    """A metric ready to measure."""

    spec: MetricSpec
    """With its judge's family and tie band."""
    fingerprint: str
    judge: Judge | None


@dataclass
class Scorer:
    """Metrics and the judges they share, loaded."""

    instruments: tuple[Instrument, ...]
    _metrics: Mapping[str, Metric]
    _encoders: Mapping[str, Encoder]

    def score(self, prompt: Prompt, picture: NDArray[np.uint8]) -> tuple[Score, ...]:
        """One score per metric, in the order of the instruments; each judge looks once.

        Args:
            prompt: what was asked.
            picture: height × width × 3 uint8 RGB, as stored.
        """
        seen: dict[tuple[str, str], Any] = {}
        return tuple(
            self._one(instrument, prompt, picture, seen) for instrument in self.instruments
        )

    def _one(
        self,
        instrument: Instrument,
        prompt: Prompt,
        picture: NDArray[np.uint8],
        seen: dict[tuple[str, str], Any],
    ) -> Score:
        spec = instrument.spec
        value: float | None = None
        reason: str | None = None
        try:
            needs = {n: self._need(n, spec, prompt, picture, seen) for n in spec.needs}
            value = _measure(self._metrics[spec.name], needs)
        except ScoreError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - a metric may raise anything, and one that
            # cannot score a picture must not cost the picture its other scores.
            reason = f"{type(error).__name__}: {error}"[:500]
        return Score(spec.name, spec.version, value, reason, instrument.fingerprint)

    def _need(
        self,
        need: str,
        spec: MetricSpec,
        prompt: Prompt,
        picture: NDArray[np.uint8],
        seen: dict[tuple[str, str], Any],
    ) -> Any:
        if need == "pixels":
            return picture
        if need == "facts":
            if not prompt.facts:
                raise ScoreError(f"prompt {prompt.id} states no facts")
            return prompt.facts
        encoder = self._encoders[spec.judge or ""]
        if need == "text_embedding":
            return encoder.text(prompt.text)
        key = (encoder.judge.id, need)
        if key not in seen:
            seen[key] = encoder.image(picture)
        return seen[key]


def instruments(names: Iterable[str], known: Mapping[str, Judge]) -> tuple[Instrument, ...]:
    """The named metrics with their judges found and fingerprinted; torch-free.

    Raises:
        NotFoundError: no such metric, or its judge is not registered.
    """
    return tuple(_instrument(name, known) for name in names)


def open_scorer(chosen: tuple[Instrument, ...]) -> Scorer:
    """Build the metrics and load each judge once; torch is imported here if there are any.

    Raises:
        LoadError: a judge cannot be loaded.
    """
    built = {item.spec.name: metrics.get(item.spec.name).build() for item in chosen}
    wanted = {item.judge.id: item.judge for item in chosen if item.judge is not None}
    loaded = {name: encoders.open_judge(judge) for name, judge in wanted.items()}
    return Scorer(chosen, built, loaded)


def _instrument(name: str, known: Mapping[str, Judge]) -> Instrument:
    spec = metrics.get(name).SPEC
    judge: Judge | None = None
    if spec.judge is not None:
        if spec.judge not in known:
            raise NotFoundError(
                f'metric {name} wants the judge "{spec.judge}", which is not registered'
                f"{hint(spec.judge, known)}"
            )
        judge = known[spec.judge]
    return Instrument(
        metrics.bound(spec, judge), judges.fingerprint(judge, name, spec.version), judge
    )


def _measure(metric: Metric, needs: Mapping[str, Any]) -> float:
    metric.reset()
    metric.update(**needs)
    value = float(cast("Tensor", metric.compute()))
    if not math.isfinite(value):
        raise ScoreError(f"the metric returned {value}")
    return value
