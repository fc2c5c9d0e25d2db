"""`eval --due`: what the current edition says is due, evaluated within limits.

Each suite is measured in a new epoch, so that a model changed under its name is seen. An epoch
that was begun and that no edition has seen is gone on with instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from evals.budget import LeftOut, Limits
from evals.due import Evaluate
from evals.errors import BusyError, ChurnboardError
from leaderboard.cycles.due import DueWork, Job, due_work, next_epoch

if TYPE_CHECKING:
    from evals.request import Request
    from evals.run import Outcome, Progress

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Evaluated:
    """What became of one job."""

    suite: str
    epoch: int
    models: tuple[str, ...]
    domains: tuple[str, ...]
    generations: int
    """Made now."""
    already: int
    """Of the job, recorded before."""
    run_folder: Path | None
    left_out: tuple[LeftOut, ...]
    failed: str | None = None
    """Why the job could not be done."""
    notes: tuple[str, ...] = ()

    @property
    def left_out_words(self) -> tuple[str, ...]:
        """What the limits left out, a line for each model."""
        return tuple(
            f"left out: {row.trials} trials of {row.model}: {row.reason}" for row in self.left_out
        )


def find_due(home: Path, at: datetime) -> DueWork:
    """What is past its date at `at`, by the current edition. Reads; imports no torch.

    Raises:
        NotFoundError: there is no edition yet.
        StoreError: the edition is of another version.
        RegistryError, RecordError: a file or a record is wrong.
    """
    from leaderboard import queries
    from leaderboard.picks.due import due

    with queries.open_edition(home) as edition:
        picks = queries.picks(edition)
        found = due(picks.decisions, at)
        if not found:
            return DueWork()
        suites = {one.task: one.suite_id for one in picks.picks if one.suite_id is not None}
        published = _newest([(run.suite, run.epoch) for run in queries.runs(edition)])
    from evals import record, registry

    headers = [record.read_header(folder) for folder in record.folders(home)]
    recorded = _newest([(run.suite.id, run.epoch) for run in headers])
    known = registry.load(home)
    chosen = [known.suites[name] for name in suites.values() if name in known.suites]
    return due_work(
        found,
        suites,
        {one.id: next_epoch(published.get(one.id, 0), recorded.get(one.id, 0)) for one in chosen},
        {one.id: {m.id for m in known.models.values() if m.task == one.task} for one in chosen},
    )


def evaluate_due(
    home: Path,
    work: DueWork,
    limits: Limits,
    clock: Clock,
    evaluate: Evaluate | None = None,
    progress: Callable[[Progress], None] = lambda step: None,
    timer: Callable[[], float] = time.monotonic,
) -> tuple[Evaluated, ...]:
    """Do the jobs in their order; one that fails does not keep the others from being done.

    Args:
        home: where they are recorded.
        work: of `find_due`.
        limits: for all jobs together; what a job's epoch has cost before counts.
        clock: the time that records get.
        evaluate: `evals.run.evaluate` where it is left out.
        progress: told of every step.
        timer: monotonic seconds.

    Raises:
        BusyError: another run holds the home.
    """
    if not work.jobs:
        return ()
    from evals import run

    do = evaluate or run.evaluate
    begun = timer()
    spent: dict[tuple[str, int], float] = {}
    done: list[Evaluated] = []
    for job in work.jobs:
        others = sum(usd for epoch, usd in spent.items() if epoch != (job.suite, job.epoch))
        request = _request(job, _left(limits, others, timer() - begun))
        try:
            outcome = do(home, request, progress=progress, clock=clock)
            if limits.usd is not None:
                spent[job.suite, job.epoch] = _spent(home, request, clock)
        except BusyError:
            raise
        except ChurnboardError as error:
            done.append(_evaluated(job, None, str(error)))
            continue
        done.append(_evaluated(job, outcome, None))
    return tuple(done)


def _request(job: Job, limits: Limits) -> Request:
    from evals.request import Request

    return Request(suite=job.suite, models=job.models, epoch=job.epoch, limits=limits)


def _left(limits: Limits, usd: float, seconds: float) -> Limits:
    return Limits(
        None if limits.usd is None else max(0.0, limits.usd - usd),
        None if limits.seconds is None else max(0.0, limits.seconds - seconds),
    )


def _spent(home: Path, request: Request, clock: Clock) -> float:
    """US dollars that the epoch has cost, all of its models together."""
    from evals.request import prepare

    return prepare(home, request, clock()).spent


def _evaluated(job: Job, outcome: Outcome | None, failed: str | None) -> Evaluated:
    return Evaluated(
        suite=job.suite,
        epoch=job.epoch,
        models=job.models,
        domains=job.domains,
        generations=outcome.planned if outcome else 0,
        already=outcome.already if outcome else 0,
        run_folder=outcome.run_folder if outcome else None,
        left_out=outcome.left_out if outcome else (),
        failed=failed,
        notes=outcome.notes if outcome else (),
    )


def _newest(epochs: list[tuple[str, int]]) -> dict[str, int]:
    """Suite -> its latest epoch."""
    found: dict[str, int] = {}
    for suite, epoch in epochs:
        found[suite] = max(epoch, found.get(suite, 0))
    return found
