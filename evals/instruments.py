"""Which metrics score a suite, on which judges: found and fingerprinted, torch-free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evals import metrics
from evals.errors import NotFoundError
from evals.judges import pins as judges
from evals.judges.pins import Judge
from evals.names import hint
from evals.types import MetricSpec, Suite


@dataclass(frozen=True)
class Instrument:
    """A metric ready to measure: on its judge, by the name it goes by there."""

    spec: MetricSpec
    fingerprint: str
    judge: Judge | None


def choose(
    suite: Suite, known: Mapping[str, Judge], names: Iterable[str] | None = None
) -> tuple[tuple[Instrument, ...], tuple[str, ...]]:
    """The metrics that score a suite, with their judges found and fingerprinted.

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
            bare, head = name.partition("@")[0], metrics.of_picture(name)
            strict = judges.fingerprint(judge, bare, spec.version, head)
            found.append(Instrument(spec, strict, judge))
        elif asked is not None:
            raise NotFoundError(f"metric {name} is unavailable: {reason}")
        else:
            notes.append(f"metric {name} skipped: {reason}")
    return tuple(found), tuple(notes)


def _usual(suite: Suite, served: Mapping[str, MetricSpec], known: Mapping[str, Judge]) -> list[str]:
    """Metrics of a suite that names none: all that fit what it makes and what its prompts say."""
    modality = metrics.modality(suite.task)
    lacking: set[str] = set()
    if not any(prompt.facts for prompt in suite.prompts):
        lacking.add("facts")
    if not any(prompt.start_frame for prompt in suite.prompts):
        lacking.add("start")
    if not any(prompt.target for prompt in suite.prompts):
        lacking.add("target")
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
    return judges.unavailable(known[spec.judge], metrics.of_picture(spec.name))
