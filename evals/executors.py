"""Who calls the models: this process, one model after the other; a cluster is `evals.cluster`.

An executor is handed jobs, the trials of one model each, and yields what becomes of them. It
stores, prices and records nothing, so that whoever makes the calls the same things are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from evals import backends, generate
from evals.backends import Generator, PaidGenerator, Ticket
from evals.errors import LoadError
from evals.generate import Attempt, Timing
from evals.types import Failure, Model, Prompt, Trial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Job:
    """Trials of one model, done while it is loaded."""

    model: Model
    """Its settings name folders absolutely."""
    trials: tuple[Trial, ...]


@dataclass(frozen=True)
class Loading:
    """A model is being loaded."""

    model: str


@dataclass(frozen=True)
class Loaded:
    """A model is ready."""

    model: str
    where: str
    """Kind of device, and the machine where there are several."""


@dataclass(frozen=True)
class Noted:
    """What a person should know of and no trial ends with."""

    model: str
    what: str


@dataclass(frozen=True)
class Ended:
    """A trial came to an end: with an attempt, or because the model does not load, or refused."""

    trial: Trial
    tried: Attempt | LoadError | Failure
    """A `Failure` is the gate's word: the call was not made."""


Event = Loading | Loaded | Noted | Ended


class Gate(Protocol):
    """Who says before every call whether it may still be made, within money and time."""

    def opens(
        self, trial: Trial, generator: PaidGenerator | None = None
    ) -> Ticket | Failure | None:
        """Leave for one call: a ticket if it is paid, None if it is free; or why not."""
        ...


@dataclass(frozen=True)
class Stage:
    """What every call needs besides model and trial."""

    prompt: Callable[[Trial], Prompt]
    start: Callable[[Prompt], NDArray[np.uint8] | None]
    """The picture that a prompt begins with, if it does."""
    gate: Gate
    timing: Timing


class Executor(Protocol):
    """Does jobs."""

    def execute(self, jobs: Sequence[Job], stage: Stage) -> Iterator[Event]:
        """Every trial of every job ends exactly once, in any order."""
        ...


class Local:
    """This process: each model is loaded once per job and freed before the next.

    Models on this machine are asked for one thing at a time, endpoints for as many at once as
    their file says.
    """

    def execute(self, jobs: Sequence[Job], stage: Stage) -> Iterator[Event]:
        """Job by job."""
        for job in jobs:
            yield Loading(job.model.id)
            with ExitStack() as stack:
                try:
                    opened = backends.get(job.model.backend).open_model(job.model)
                    generator = stack.enter_context(opened)
                except LoadError as error:
                    yield from (Ended(trial, error) for trial in job.trials)
                    continue
                # Some say which device it is, and why that one.
                yield Loaded(job.model.id, getattr(generator, "placement", generator.device))
                if backends.is_paid(job.model.backend):
                    yield from _side_by_side(cast("PaidGenerator", generator), job, stage)
                else:
                    yield from _one_by_one(generator, job, stage)


def _one_by_one(generator: Generator, job: Job, stage: Stage) -> Iterator[Ended]:
    for trial in job.trials:
        leave = stage.gate.opens(trial)
        if isinstance(leave, Failure):
            yield Ended(trial, leave)
            continue
        prompt = stage.prompt(trial)
        start = stage.start(prompt)
        try:
            yield Ended(trial, generate.attempt(generator, prompt, trial.seed, stage.timing, start))
        except LoadError as error:
            yield Ended(trial, error)


def _side_by_side(generator: PaidGenerator, job: Job, stage: Stage) -> Iterator[Ended]:
    """Up to `generator.concurrency` calls at once; after a hopeless one, none is begun.

    Interrupted, it waits for the calls that are in flight: they are paid for.
    """
    waiting = deque(job.trials)
    flying: dict[Future[Attempt], Trial] = {}
    hopeless: LoadError | None = None
    with ThreadPoolExecutor(max(1, generator.concurrency), "call") as pool:
        try:
            while waiting or flying:
                while waiting and len(flying) < max(1, generator.concurrency):
                    trial = waiting.popleft()
                    leave = hopeless or stage.gate.opens(trial, generator)
                    if isinstance(leave, LoadError | Failure):
                        yield Ended(trial, leave)
                        continue
                    prompt = stage.prompt(trial)
                    call = pool.submit(
                        generate.attempt,
                        generator,
                        prompt,
                        trial.seed,
                        stage.timing,
                        stage.start(prompt),
                        leave,
                    )
                    flying[call] = trial
                for ended in _landed(flying):
                    if isinstance(ended.tried, LoadError):
                        hopeless = ended.tried
                    yield ended
        except KeyboardInterrupt:
            while flying:
                yield from _landed(flying)
            raise


def _landed(flying: dict[Future[Attempt], Trial]) -> Iterator[Ended]:
    """Wait until at least one call is back; takes those that are out of `flying`."""
    done, _ = wait(flying, return_when=FIRST_COMPLETED)
    for call in done:
        trial = flying.pop(call)
        try:
            yield Ended(trial, call.result())
        except LoadError as error:
            yield Ended(trial, error)
