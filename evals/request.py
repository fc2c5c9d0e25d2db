"""A request → what is to be done for it: files and records read, trials planned, nothing begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evals import metrics, plan, record, registry, revision, score
from evals.errors import InputError
from evals.home import runs_folder
from evals.names import hint
from evals.plan import Preview
from evals.registry import Registry
from evals.score import Instrument
from evals.types import Model, RunRecord, Suite, Trial


@dataclass(frozen=True)
class Request:
    """What a person asks for."""

    suite: str
    models: tuple[str, ...] = ()
    """Ids; empty for every model that names the suite in its file."""
    seeds: tuple[int, ...] = ()
    """Empty for the suite's own."""
    prompts: int | None = None
    """Only the first so many prompts."""
    epoch: int | None = None
    """None for the current one."""
    new_epoch: bool = False
    """Measure everything again, as one round after the current one."""
    metrics: tuple[str, ...] | None = None
    """Names; None for every metric of the suite's task."""


@dataclass(frozen=True)
class Prepared:
    """A request understood: what is to be done, nothing of it begun."""

    registry: Registry
    suite: Suite
    models: tuple[Model, ...]
    """With their revisions."""
    instruments: tuple[Instrument, ...]
    epoch: int
    trials: tuple[Trial, ...]
    missing: tuple[Trial, ...]
    previews: tuple[Preview, ...]
    last_run: Path | None
    """Folder of the latest record of the suite."""
    notes: tuple[str, ...]


def prepare(home: Path, request: Request, now: datetime, data: Path | None = None) -> Prepared:
    """Read registry and records, and plan. Writes nothing and imports no torch.

    Args:
        home: the user's folder.
        request: what is asked for.
        now: whose prices count in the preview.
        data: the shipped folder; None for this installation's.

    Raises:
        InputError: something named is not registered, does not fit, or the files are wrong.
        RecordError: a record cannot be read.
    """
    known = registry.load(home, data)
    suite = known.suite(request.suite)
    models = tuple(revision.pinned(known, model) for model in _chosen(known, suite, request))
    names = metrics.for_task(suite.task) if request.metrics is None else request.metrics
    instruments = score.instruments(dict.fromkeys(names), known.judges)
    records = record.read_all(home)
    epoch = _epoch(records, suite, request)
    trials = plan.trials(models, suite, _seeds(suite, request), epoch, request.prompts)
    results = record.results_of(records)
    missing = plan.missing(trials, plan.settled(results))
    latencies = plan.median_latencies(results)
    return Prepared(
        registry=known,
        suite=suite,
        models=models,
        instruments=instruments,
        epoch=epoch,
        trials=trials,
        missing=missing,
        previews=plan.preview(models, missing, latencies, known.hardware, now.date()),
        last_run=_last_run(home, records, suite),
        notes=(*known.notes, *(note for item in records for note in item.notes)),
    )


def _chosen(known: Registry, suite: Suite, request: Request) -> list[Model]:
    if not request.models:
        chosen = [model for model in known.models.values() if suite.id in model.suites]
        if not chosen:
            raise InputError(
                f'no model names the suite "{suite.id}" in its file; add it to "suites" there, or'
                " name models with --model"
            )
        return chosen
    chosen = [known.model(name) for name in dict.fromkeys(request.models)]
    for model in chosen:
        if model.task != suite.task:
            same = [other.id for other in known.models.values() if other.task == suite.task]
            raise InputError(
                f'model "{model.id}" does {model.task}, the suite "{suite.id}" is for'
                f" {suite.task}{hint(model.id, same)}"
            )
    return chosen


def _seeds(suite: Suite, request: Request) -> tuple[int, ...]:
    seeds = request.seeds or suite.seeds
    if len(set(seeds)) != len(seeds) or min(seeds) < 0:
        raise InputError(f"seeds {', '.join(map(str, seeds))}: each once, and none below 0")
    if request.prompts is not None and request.prompts < 1:
        raise InputError(f"{request.prompts} prompts; ask for at least 1")
    return seeds


def _epoch(records: Sequence[RunRecord], suite: Suite, request: Request) -> int:
    if request.epoch is not None and request.new_epoch:
        raise InputError("give --epoch or --new-epoch, not both")
    if request.epoch is not None:
        if request.epoch < 1:
            raise InputError(f"epoch {request.epoch}; epochs count from 1")
        return request.epoch
    ran = [item.run for item in records if item.run.suite.id == suite.id]
    return plan.current_epoch(ran, suite.id) + (1 if request.new_epoch and ran else 0)


def _last_run(home: Path, records: Sequence[RunRecord], suite: Suite) -> Path | None:
    names = [item.run.id for item in records if item.run.suite.id == suite.id]
    return runs_folder(home) / names[-1] if names else None
