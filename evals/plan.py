"""What is to be done: models × prompts × seeds of an epoch, less what is recorded (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from evals import pricing
from evals.budget import Expected
from evals.pricing import Cost, Entry
from evals.types import Model, Result, Run, Suite, Trial


@dataclass(frozen=True)
class Preview:
    """What the trials of one model will take, so far as that is known."""

    model: str
    trials: int
    seconds: float | None
    """Trials × the model's median recorded latency, by how many are in flight at once; None if it
    was never run."""
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


def dearest(results: Iterable[Result]) -> dict[str, float]:
    """Model revision -> US dollars of its dearest recorded generation."""
    seen: dict[str, float] = {}
    for result in results:
        usd = result.generation.cost_usd
        if usd is not None:
            name = result.trial.model_revision
            seen[name] = max(usd, seen.get(name, usd))
    return seen


def expected(
    model: Model,
    price: Entry | None,
    results: Sequence[Result],
    day: date,
    paid: bool,
    at_once: int = 1,
) -> Expected:
    """What one call of a model will take: at most so many dollars, and its usual seconds.

    Where the price list cannot say ahead (what bills tokens, say), the dearest call so far does.

    Args:
        model: with its revision.
        price: what it is billed by.
        results: of earlier runs.
        day: whose prices count.
        paid: whether somebody else bills every call.
        at_once: calls that are in flight together.
    """
    latency = median_latencies(results).get(model.revision)
    cost = pricing.estimate_of(price, model, day, latency)
    before = dearest(results).get(model.revision)
    if cost.usd is None and before is not None:
        cost = Cost(before, f"{before:.4g} USD, the dearest so far")
    return Expected(cost.usd, latency, paid, cost.basis, at_once)


def preview(
    models: Sequence[Model], trials: Collection[Trial], expected: Mapping[str, Expected]
) -> tuple[Preview, ...]:
    """Trials, seconds and dollars ahead, per model; those without trials included.

    Args:
        models: in the order of the answer.
        trials: to do.
        expected: what one call takes, by model id.
    """
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.model_id] = counts.get(trial.model_id, 0) + 1
    rows: list[Preview] = []
    for model in models:
        count, each = counts.get(model.id, 0), expected[model.id]
        usd = None if each.usd is None else count * each.usd
        basis = each.basis if usd is None else f"{count} × {each.basis}"
        rows.append(Preview(model.id, count, each.lasts(count), Cost(usd, basis)))
    return tuple(rows)
