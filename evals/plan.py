"""What is to be done: models × prompts × seeds of an epoch, less what is recorded (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from evals import pricing
from evals.pricing import Cost, Hardware
from evals.types import Model, Result, Run, Suite, Trial


@dataclass(frozen=True)
class Preview:
    """What the missing trials of one model will take, so far as that is known."""

    model: str
    trials: int
    seconds: float | None
    """Trials × the model's median recorded latency; None if it was never run."""
    cost: Cost


def trials(
    models: Sequence[Model],
    suite: Suite,
    seeds: Iterable[int],
    epoch: int,
    first_prompts: int | None = None,
) -> tuple[Trial, ...]:
    """Every trial of an epoch, model by model so that each model is loaded once.

    Within a model the order is prompt by prompt, all seeds of one before the next: a run that is
    stopped has whole prompts, which is what comparisons are made of.

    Args:
        models: with their revisions.
        suite: its prompts in order.
        seeds: distinct.
        epoch: 1 and up.
        first_prompts: only so many, from the first; None for all.
    """
    order = tuple(seeds)
    version = suite.version
    prompts = suite.prompts if first_prompts is None else suite.prompts[:first_prompts]
    return tuple(
        Trial(model.id, model.revision, suite.id, version, prompt.id, seed, epoch)
        for model in models
        for prompt in prompts
        for seed in order
    )


def is_done(result: Result) -> bool:
    """Whether a trial needs no other try: there is media, or the model itself failed.

    A failure of the infrastructure and a skipped trial are missing data.
    """
    generation = result.generation
    failure = generation.failure
    return generation.status == "ok" or (
        generation.status == "failed" and failure is not None and failure.blame == "model"
    )


def settled(results: Iterable[Result]) -> dict[str, Result]:
    """The result that counts for each trial key: the first that is done, else the last try."""
    kept: dict[str, Result] = {}
    for result in results:
        earlier = kept.get(result.trial.key)
        if earlier is None or not is_done(earlier):
            kept[result.trial.key] = result
    return kept


def missing(trials: Iterable[Trial], done: Mapping[str, Result]) -> tuple[Trial, ...]:
    """The trials still to do, in their order; `done` is by trial key (see `settled`)."""
    return tuple(trial for trial in trials if trial.key not in done or not is_done(done[trial.key]))


def current_epoch(runs: Iterable[Run], suite_id: str) -> int:
    """The latest epoch in which the suite was run, or 1 before the first run."""
    return max((run.epoch for run in runs if run.suite.id == suite_id), default=1)


def median_latencies(results: Iterable[Result]) -> dict[str, float]:
    """Model revision -> median seconds of its recorded calls."""
    seen: dict[str, list[float]] = {}
    for result in results:
        latency = result.generation.latency_s
        if latency is not None:
            seen.setdefault(result.trial.model_revision, []).append(latency)
    return {revision: median(latencies) for revision, latencies in seen.items()}


def preview(
    models: Sequence[Model],
    missing: Collection[Trial],
    latencies: Mapping[str, float],
    hardware: Mapping[str, Hardware],
    day: date,
) -> tuple[Preview, ...]:
    """Trials, seconds and dollars ahead, per model; those without missing trials included.

    Args:
        models: in the order of the answer.
        missing: trials to do.
        latencies: model revision -> seconds per trial, where known.
        hardware: prices by id.
        day: whose prices count.
    """
    counts: dict[str, int] = {}
    for trial in missing:
        counts[trial.model_id] = counts.get(trial.model_id, 0) + 1
    rows: list[Preview] = []
    for model in models:
        count = counts.get(model.id, 0)
        latency = latencies.get(model.revision)
        seconds = None if latency is None else count * latency
        if model.price is not None:
            cost = Cost(None, f"{model.price} is by the second of clip, known once there is one")
        else:
            price = hardware.get(model.hardware) if model.hardware else None
            cost = pricing.cost(seconds, price, day, None)
        rows.append(Preview(model.id, count, seconds, cost))
    return tuple(rows)
