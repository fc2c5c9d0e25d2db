"""Plan → generate → score → record: the only composer of `evals`.

Every generation is recorded as it is made; scores follow in batches. What a crash left unscored is
scored by the next run, from the kept media.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from evals import (
    backlog,
    generate,
    headers,
    record,
    revision,
    score,
    stored,
)
from evals.account import Account
from evals.budget import LeftOut, by_model
from evals.errors import LoadError
from evals.executors import Ended, Executor, Job, Loaded, Loading, Local, Noted, Stage
from evals.generate import Attempt, Made, Studio, Timing
from evals.judging import Bench
from evals.needs import Shown
from evals.pricing import Entry
from evals.record import RecordWriter
from evals.record_types import CanaryResult, RunRecord, ScoreLine
from evals.request import (
    Prepared,
    PreparedRescore,
    Request,
    RescoreRequest,
    prepare,
    prepare_rescore,
)
from evals.start_frames import StartFrames
from evals.types import Model, Result, Trial

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Progress:
    """One step of a run, for whoever draws it."""

    done: int
    """Trials ended so far."""
    planned: int
    model: str
    event: str
    """`loading`, `loaded`, `noted`, `judging`, or the status of the trial that ended: `ok`,
    `failed`, `skipped`."""
    detail: str = ""
    """Device of a loaded model, what is to be known, or why a trial did not end well."""


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
    caught_up: int = 0
    """Generations of earlier runs that were scored."""
    left_out: tuple[LeftOut, ...] = ()
    """Trials that the limits left out beforehand; those refused on the way are `skipped`."""

    @property
    def went_anywhere(self) -> bool:
        """Whether a trial ended well, or none was to be done: a clock wants to know."""
        return self.planned == 0 or self.counts.get("ok", 0) > 0


def evaluate(
    home: Path,
    request: Request,
    data: Path | None = None,
    progress: Callable[[Progress], None] = lambda step: None,
    clock: Clock = lambda: datetime.now(UTC),
    executor: Executor | None = None,
    timer: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Do what the request's epoch still lacks, and record it.

    Killed at any moment and called again, it ends with every planned trial exactly once. With
    nothing to do it returns at once and creates nothing.

    Raises:
        BusyError: another run holds the home.
        InputError, RecordError: as `prepare`.
        LoadError: a judge cannot be loaded (a model that cannot is recorded as failed).
    """
    prepared = prepare(home, request, clock(), data)
    if prepared.idle:
        return _outcome(prepared, prepared.last_run, {})
    with record.lock(home):
        for folder in record.folders(home):
            record.recover(folder)
        # Planned again under the lock: another run may have ended in between.
        notes = prepared.notes
        prepared = replace(prepare(home, request, clock(), data), notes=notes)
        if prepared.idle:
            return _outcome(prepared, prepared.last_run, {})
        scorer = score.open_scorer(prepared.instruments, home)
        bench = Bench(home, prepared.suite, scorer, request.batch)
        with record.create(home, headers.of_eval(prepared, scorer, clock())) as writer:
            book = _Book(writer)
            counts = _execute(prepared, bench, book, progress, clock, executor or Local(), timer)
            progress(Progress(sum(counts.values()), len(prepared.planned), "", "judging"))
            caught_up = sum(book.keep(lines) for lines in bench.works(prepared.unscored))
            for lines in _of_all(bench, record.read_all(home)):
                book.keep(lines)
            writer.finish(clock())
            return _outcome(prepared, writer.folder, counts, book.unscored, caught_up)


@dataclass(frozen=True)
class Rescored:
    """What rescoring one suite did."""

    suite: str
    run_folder: Path | None
    """Its record; None if everything was up to date."""
    generations: int
    """Generations with media."""
    scored: int
    """Of these, how many got new scores."""
    encoded: int
    """Pictures that judges had to look at."""
    unscored: int
    notes: tuple[str, ...]


def rescore(
    home: Path,
    request: RescoreRequest,
    data: Path | None = None,
    progress: Callable[[Progress], None] = lambda step: None,
    clock: Clock = lambda: datetime.now(UTC),
) -> tuple[Rescored, ...]:
    """Score kept media with today's judges and metrics; nothing is generated.

    Scores are made where there are none, where the judge, the metric or the environment is another
    one than today's, and where the last try failed. Old scores stay in their records.

    Raises:
        BusyError: another run holds the home.
        InputError, RecordError: as `prepare_rescore`.
        LoadError: a judge cannot be loaded.
    """
    with record.lock(home):
        for folder in record.folders(home):
            record.recover(folder)
        return tuple(
            _rescore(home, prepared, request, progress, clock)
            for prepared in prepare_rescore(home, request, data)
        )


def _rescore(
    home: Path,
    prepared: PreparedRescore,
    request: RescoreRequest,
    progress: Callable[[Progress], None],
    clock: Clock,
) -> Rescored:
    scorer = score.open_scorer(prepared.instruments, home)
    bench = Bench(home, prepared.suite, scorer, request.batch, request.everything)
    works = backlog.lacking(
        prepared.generations,
        backlog.newest_scores(prepared.records),
        [item.spec.name for item in scorer.of_generations],
        bench.stale,
    )
    progress(Progress(0, 0, prepared.suite.id, "judging"))
    made = chain(bench.works(works), _of_all(bench, prepared.records))
    first = next(made, None)
    folder, unscored = None, 0
    if first is not None:
        with record.create(home, headers.of_rescore(prepared, scorer, clock())) as writer:
            book = _Book(writer)
            for lines in chain([first], made):
                book.keep(lines)
            writer.finish(clock())
            folder, unscored = writer.folder, book.unscored
    scored = {item.trial.key for work in works for item in work.generations}
    return Rescored(
        suite=prepared.suite.id,
        run_folder=folder,
        generations=len(prepared.generations),
        scored=len(scored),
        encoded=scorer.encoded,
        unscored=unscored,
        notes=prepared.notes,
    )


def _of_all(bench: Bench, records: Sequence[RunRecord]) -> Iterator[Sequence[ScoreLine]]:
    """What needs all that was made of a suite: scores of whole models, and canaries."""
    suite = bench.suite
    generations = backlog.kept(records, suite.id, suite.version)
    return chain(bench.models(generations, records), bench.canaries(generations, records))


@dataclass
class _Book:
    """Where lines of scores go, and how many scores could not be made."""

    writer: RecordWriter
    unscored: int = 0

    def keep(self, lines: Sequence[ScoreLine]) -> int:
        """Write some lines; returns how many."""
        if lines:
            self.writer.append_scores(lines)
        for line in lines:
            if not isinstance(line, CanaryResult):
                self.unscored += sum(item.value is None for item in line.scores)
        return len(lines)


def _execute(
    prepared: Prepared,
    bench: Bench,
    book: _Book,
    progress: Callable[[Progress], None],
    clock: Clock,
    executor: Executor,
    timer: Callable[[], float],
) -> dict[str, int]:
    """Run every missing trial and score what is made; counts by status."""
    studio = Studio(book.writer.folder, prepared.suite.task)
    starts = StartFrames(prepared.registry.suite_folder(prepared.suite), book.writer.folder)
    prompts = {prompt.id: prompt for prompt in prepared.suite.prompts}
    models = {model.id: model for model in prepared.models}
    prices = {model.id: prepared.registry.price_of(model) for model in prepared.models}
    account = Account(
        prepared.limits,
        prepared.expected,
        prepared.calls,
        book.writer.append_call,
        clock,
        timer,
        prepared.spent,
        prepared.pay_again,
    )
    stage = Stage(lambda trial: prompts[trial.prompt_id], starts.of, account, Timing(clock))
    names = [item.spec.name for item in prepared.instruments]
    waiting: list[tuple[Trial, Shown]] = []
    counts: dict[str, int] = {}
    done = 0
    for event in executor.execute(_jobs(prepared, models), stage):
        if isinstance(event, Noted):
            progress(Progress(done, len(prepared.planned), event.model, "noted", event.what))
            continue
        if isinstance(event, Loading | Loaded):
            if isinstance(event, Loading):
                book.keep(bench.generations(waiting, names))
                waiting = []
            what = ("loading", "") if isinstance(event, Loading) else ("loaded", event.where)
            progress(Progress(done, len(prepared.planned), event.model, *what))
            continue
        trial = event.trial
        made = _made(event, prices[trial.model_id], studio, clock)
        generation = made.generation
        book.writer.append(Result(trial, generation))
        account.settle(event, generation)
        if generation.media is not None:
            prompt = prompts[trial.prompt_id]
            shown = stored.shown(
                prompt, trial.seed, generation.media, studio.run_folder, made.picture
            )
            waiting.append((trial, shown))
        if len(waiting) >= bench.batch:
            book.keep(bench.generations(waiting, names))
            waiting = []
        done += 1
        counts[generation.status] = counts.get(generation.status, 0) + 1
        why = generation.failure.message if generation.failure else ""
        progress(Progress(done, len(prepared.planned), trial.model_id, generation.status, why))
    book.keep(bench.generations(waiting, names))
    return counts


def _jobs(prepared: Prepared, models: Mapping[str, Model]) -> list[Job]:
    """The planned trials, in their order, by model."""
    return [
        Job(revision.located(prepared.registry, models[name]), trials)
        for name, trials in by_model(prepared.planned)
    ]


def _made(ended: Ended, price: Entry | None, studio: Studio, clock: Clock) -> Made:
    """The generation that a trial ended with."""
    if isinstance(ended.tried, Attempt):
        return generate.keep(ended.tried, price, studio)
    if isinstance(ended.tried, LoadError):
        return Made(generate.not_loaded(clock(), ended.tried), None)
    return Made(generate.not_called(clock(), ended.tried), None)


def _outcome(
    prepared: Prepared,
    folder: Path | None,
    counts: Mapping[str, int],
    unscored: int = 0,
    caught_up: int = 0,
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
        caught_up=caught_up,
        left_out=prepared.left_out,
    )
