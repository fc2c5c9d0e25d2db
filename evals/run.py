"""Plan → generate → score → record: the only composer of `evals`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from evals import backends, generate, machine, record, revision, score
from evals.errors import LoadError
from evals.generate import Studio
from evals.record import RecordWriter
from evals.request import Prepared, Request, prepare
from evals.score import Scorer
from evals.types import Model, Prompt, Result, Run, Score, Trial, digest

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Progress:
    """One step of a run, for whoever draws it."""

    done: int
    """Trials ended so far."""
    planned: int
    model: str
    event: str
    """`loading`, `loaded`, or the status of the trial that ended: `ok`, `failed`, `skipped`."""
    detail: str = ""
    """Device of a loaded model, or why a trial did not end well."""


@dataclass(frozen=True)
class Outcome:
    """What a run did."""

    run_folder: Path | None
    """Its record, or that of the run which had done it all; None if nothing was ever planned."""
    epoch: int
    planned: int
    """Trials this run executed."""
    already: int
    """Trials of the request that were recorded before."""
    counts: Mapping[str, int]
    """Trials by status."""
    unscored: int
    """Scores that could not be made."""
    notes: tuple[str, ...]


def evaluate(
    home: Path,
    request: Request,
    data: Path | None = None,
    progress: Callable[[Progress], None] = lambda step: None,
    clock: Clock = lambda: datetime.now(UTC),
) -> Outcome:
    """Do what the request's epoch still lacks, one model after the other, and record it.

    Killed at any moment and called again, it ends with every planned trial exactly once. With
    nothing to do it returns at once and creates nothing.

    Raises:
        BusyError: another run holds the home.
        InputError, RecordError: as `prepare`.
        LoadError: a judge cannot be loaded (a model that cannot is recorded as failed).
    """
    prepared = prepare(home, request, clock(), data)
    if not prepared.missing:
        return _outcome(prepared, prepared.last_run, {}, 0)
    with record.lock(home):
        for folder in record.folders(home):
            record.recover(folder)
        # Planned again under the lock: another run may have ended in between.
        notes = prepared.notes
        prepared = replace(prepare(home, request, clock(), data), notes=notes)
        if not prepared.missing:
            return _outcome(prepared, prepared.last_run, {}, 0)
        scorer = score.open_scorer(prepared.instruments)
        with record.create(home, _header(prepared, clock())) as writer:
            counts, unscored = _execute(prepared, scorer, writer, progress, clock)
            writer.finish(clock())
            return _outcome(prepared, writer.folder, counts, unscored)


def _execute(
    prepared: Prepared,
    scorer: Scorer,
    writer: RecordWriter,
    progress: Callable[[Progress], None],
    clock: Clock,
) -> tuple[dict[str, int], int]:
    """Run every missing trial; counts by status, and the number of scores that were not made."""
    studio = Studio(writer.folder, clock)
    models = {model.id: model for model in prepared.models}
    counts: dict[str, int] = {}
    done = unscored = 0
    for model_id, group in groupby(prepared.missing, key=lambda trial: trial.model_id):
        model = models[model_id]
        tell = _teller(progress, len(prepared.missing), model_id)
        tell(done, "loading", "")
        for result in _results_of_model(prepared, model, tuple(group), scorer, studio, tell, done):
            writer.append(result)
            status = result.generation.status
            done += 1
            counts[status] = counts.get(status, 0) + 1
            unscored += sum(item.value is None for item in result.scores)
            failure = result.generation.failure
            tell(done, status, failure.message if failure else "")
    return counts, unscored


def _results_of_model(
    prepared: Prepared,
    model: Model,
    trials: Sequence[Trial],
    scorer: Scorer,
    studio: Studio,
    tell: Callable[[int, str, str], None],
    done: int,
) -> Iterator[Result]:
    """Load the model once and make its results; if it does not load, say so for each trial."""
    prompts = {prompt.id: prompt for prompt in prepared.suite.prompts}
    price = prepared.registry.hardware.get(model.hardware) if model.hardware else None
    located = revision.located(prepared.registry, model)
    with ExitStack() as stack:
        try:
            opened = backends.get(model.backend).open_model(located)
            generator = stack.enter_context(opened)
        except LoadError as error:
            for trial in trials:
                yield Result(trial, generate.not_loaded(studio.clock(), error))
            return
        tell(done, "loaded", generator.device)
        for trial in trials:
            prompt = prompts[trial.prompt_id]
            made = generate.generate(generator, prompt, trial.seed, price, studio)
            yield Result(trial, made.generation, _scores(scorer, prompt, made))


def _scores(scorer: Scorer, prompt: Prompt, made: generate.Made) -> tuple[Score, ...]:
    """Scores of the picture; none at all without one, as the failure says why."""
    return () if made.picture is None else scorer.score(prompt, made.picture)


def _teller(
    progress: Callable[[Progress], None], planned: int, model: str
) -> Callable[[int, str, str], None]:
    return lambda done, event, detail: progress(Progress(done, planned, model, event, detail))


def _header(prepared: Prepared, started_at: datetime) -> Run:
    used = {trial.model_id for trial in prepared.missing}
    keys = [trial.key for trial in prepared.missing]
    return Run(
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{digest([started_at.isoformat(), keys])[:6]}",
        started_at=started_at,
        finished_at=None,
        epoch=prepared.epoch,
        suite=prepared.suite,
        models=tuple(model for model in prepared.models if model.id in used),
        metrics=tuple(item.spec for item in prepared.instruments),
        planned=len(prepared.missing),
        machine=machine.describe(),
        versions=machine.versions(),
        fingerprint=machine.environment(),
    )


def _outcome(
    prepared: Prepared, folder: Path | None, counts: Mapping[str, int], unscored: int
) -> Outcome:
    planned = sum(counts.values())
    return Outcome(
        run_folder=folder,
        epoch=prepared.epoch,
        planned=planned,
        already=len(prepared.trials) - len(prepared.missing),
        counts=counts,
        unscored=unscored,
        notes=prepared.notes,
    )
