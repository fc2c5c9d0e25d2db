"""eval --due -> refresh -> export, once in every slot of a schedule.

::

    lock        one cycle at a time; a second one ends with 75
    slots       which slot is it, was it done, was it begun, which were missed
    evaluate    what is past its date, the most doubtful first, in a new epoch, within limits
    refresh     where there is anything new, or what was published is old
    export      always: it writes only what is not there yet
    notify      where picks have changed

Every step is written down in `cycles.jsonl` when it has ended, so a cycle that was killed goes on
from there, and one that is asked for twice does nothing the second time. Nothing heavy is imported
before there is something to do.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evals.budget import Limits
from evals.due import Evaluate
from evals.errors import BusyError, ChurnboardError, InputError, NotFoundError, StoreError
from evals.home import shown
from leaderboard.cycles import inputs, revalidate, slots
from leaderboard.cycles import log as cycle_log
from leaderboard.cycles.due import DueWork, Job
from leaderboard.cycles.revalidate import Evaluated
from leaderboard.errors import CycleError

if TYPE_CHECKING:
    from evals.run import Progress
    from leaderboard.refresh import Refreshed

T = TypeVar("T")
REFRESH_AFTER = timedelta(days=7)
"""With nothing new, an edition is made anew after so long: its odds were told from its day."""
NO_LIMITS = Limits()


@dataclass(frozen=True)
class Wishes:
    """How cycles are to be run."""

    every: timedelta
    limits: Limits = NO_LIMITS
    notify: str | None = None
    """An http(s) address, or a file to append to."""
    trusted: tuple[str, ...] = ()
    """Hosts at private addresses that may be told."""


@dataclass(frozen=True)
class Cycled:
    """What a cycle did."""

    slot: slots.Slot
    ran: bool
    """False: the slot was done before."""
    continued: bool = False
    missed: slots.Missed | None = None
    due: DueWork = field(default_factory=DueWork)
    evaluated: tuple[Evaluated, ...] = ()
    edition: str | None = None
    """Published by this cycle."""
    recommendations: Path | None = None
    changes: int = 0
    """Picks that changed hands and were told of."""
    notes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """What could not be done; the slot stays open, and the last good export is there."""


@dataclass
class _Book:
    """The log of one slot, as it goes on."""

    home: Path
    slot: slots.Slot
    clock: Callable[[], datetime]
    entries: tuple[cycle_log.Entry, ...]
    notes: list[str] = field(default_factory=list[str])
    failed: list[str] = field(default_factory=list[str])

    def write(self, event: cycle_log.Event, facts: Mapping[str, Any] | None = None) -> None:
        """Note that a step has ended."""
        entry = cycle_log.Entry(self.clock(), event, self.slot.start, facts or {})
        cycle_log.append(self.home, entry)
        self.entries = (*self.entries, entry)

    def of(self, event: cycle_log.Event) -> cycle_log.Entry | None:
        """The newest such entry of this slot."""
        own = [one for one in self.entries if one.slot == self.slot.start]
        return cycle_log.newest(own, event)

    def has(self, event: cycle_log.Event) -> bool:
        """Whether a step of this slot has ended before."""
        return self.of(event) is not None

    def attempt(self, work: Callable[[], T]) -> T | None:
        """Do it; what fails is noted. A busy home and a wrong file end the cycle."""
        try:
            return work()
        except (BusyError, InputError):
            raise
        except ChurnboardError as error:
            self.failed.append(str(error))
            return None


def cycle(
    home: Path,
    wishes: Wishes,
    clock: Callable[[], datetime],
    evaluate: Evaluate | None = None,
    tell: Callable[[str], None] = lambda step: None,
    progress: Callable[[Progress], None] = lambda step: None,
) -> Cycled:
    """Do what the slot of the present time still lacks.

    Args:
        home: whose models, records and editions.
        wishes: interval, limits, whom to tell.
        clock: the present time, aware of its zone.
        evaluate: `evals.run.evaluate` where it is left out.
        tell: told of every step.
        progress: told of every step of an evaluation.

    Raises:
        BusyError: another cycle, run or refresh is at work; the slot stays open.
        InputError: a file or an option is wrong; likewise.
        CycleError: the log cannot be read or written.
    """
    if wishes.notify is not None:
        from leaderboard.cycles import notify

        notify.check_target(wishes.notify)
    with _only_one(home):
        entries = cycle_log.read_log(home)
        turn = slots.turn(cycle_log.past_of(entries), clock(), wishes.every)
        book = _Book(home, turn.slot, clock, entries, list(turn.notes))
        if not turn.run:
            return Cycled(turn.slot, False, notes=turn.notes)
        if turn.missed is not None:
            missed = {"first": turn.missed.first, "count": turn.missed.count}
            at = cycle_log.Entry(clock(), "missed", turn.missed.last, missed)
            cycle_log.append(home, at)
        book.write("begun", {"every": slots.every_text(wishes.every), "log": _logged(home)})
        tell("looking for what is due")
        due, fresh = _find_due(book)
        evaluated = _evaluate(book, due, wishes, evaluate, progress)
        tell("evaluated")
        refreshed, found = _refresh(book, fresh or bool(due.jobs), tell)
        tell("refreshed")
        path = _export(book) if refreshed is None else refreshed.recommendations
        told = 0 if book.failed and path is None else _notify(book, wishes)
        tell("told")
        if book.failed:
            book.write("failed", {"why": book.failed})
        else:
            book.write("done", {"inputs": found})
        return Cycled(
            slot=turn.slot,
            ran=True,
            continued=turn.continued,
            missed=turn.missed,
            due=due,
            evaluated=evaluated,
            edition=refreshed.edition.stem if refreshed else None,
            recommendations=path,
            changes=told,
            notes=tuple(book.notes),
            failed=tuple(book.failed),
        )


@contextlib.contextmanager
def _only_one(home: Path) -> Generator[None]:
    """Hold the lock of cycles; the operating system frees it when the process dies."""
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        held = FileLock(home / ".cycle.lock", timeout=0)
        held.acquire()
    except Timeout as error:
        raise BusyError(f"{shown(home)}: another cycle is at work; it does this slot") from error
    except OSError as error:
        raise CycleError(f"{shown(home)}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        held.release()


def _find_due(book: _Book) -> tuple[DueWork, bool]:
    """What to evaluate, and whether a refresh is needed to know any better."""
    if book.has("evaluated"):
        return DueWork(), True
    planned = book.of("due")
    if planned is not None:
        # As it was begun, whatever an edition has seen of it since: nothing is made twice.
        return DueWork(jobs=tuple(_job(job) for job in planned.facts["jobs"])), True
    try:
        # What would pass its date before the next slot is checked in this one.
        work = revalidate.find_due(book.home, book.slot.end)
    except (NotFoundError, StoreError):
        # No edition yet, or one of another version: there will be one in a moment.
        return DueWork(), True
    book.notes.extend(f"due and not evaluated: {why}" for why in work.cannot)
    if work.jobs:
        book.write("due", {"jobs": [asdict(job) for job in work.jobs]})
    return work, False


def _job(facts: Mapping[str, Any]) -> Job:
    """A job as the log has it."""
    models, domains = tuple(facts["models"]), tuple(facts["domains"])
    return Job(facts["suite"], facts["epoch"], models, domains)


def _evaluate(
    book: _Book,
    work: DueWork,
    wishes: Wishes,
    evaluate: Evaluate | None,
    progress: Callable[[Progress], None],
) -> tuple[Evaluated, ...]:
    done = revalidate.evaluate_due(
        book.home, work, wishes.limits, book.clock, evaluate, progress=progress
    )
    for one in done:
        book.notes.extend(one.notes)
        book.notes.extend(one.left_out_words)
    book.failed.extend(f"{one.suite}: {one.failed}" for one in done if one.failed is not None)
    if work.jobs and not book.failed:
        book.write("evaluated")
    return done


def _refresh(
    book: _Book, needed: bool, tell: Callable[[str], None]
) -> tuple[Refreshed | None, str | None]:
    """Refresh where there is a reason to; also a word for all that the edition is made from."""
    home, at = book.home, book.clock()
    before = inputs.inputs(home)
    now = inputs.digest(before, home, at.date())
    last = cycle_log.newest(book.entries, "done")
    same = last is not None and last.facts.get("inputs") == now
    if same and not needed and not _old(home, at, book.slot.every):
        return None, now
    from leaderboard.refresh import refresh

    refreshed = book.attempt(lambda: refresh(home, book.clock(), tell=tell))
    if refreshed is None:
        return None, None
    book.notes.extend(refreshed.notes)
    book.write("refreshed", {"edition": refreshed.edition.stem})
    return refreshed, inputs.digest(inputs.after_refresh(before, home), home, at.date())


def _old(home: Path, at: datetime, every: timedelta) -> bool:
    """Whether what is published is missing, old, or expires before the slot after next."""
    from leaderboard.edition import edition_path
    from leaderboard.export import recommendations_path

    try:
        edition_path(home)
        told: Any = json.loads(recommendations_path(home).read_text(encoding="utf-8"))
        made = datetime.fromisoformat(told["generated_at"])
        expires = told.get("expires_at")
        ends = None if expires is None else datetime.fromisoformat(expires)
    except (NotFoundError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return True
    ending = ends is not None and ends <= at + 2 * every
    return ending or made > at or at - made >= REFRESH_AFTER


def _export(book: _Book) -> Path | None:
    """Bring the file up to the current edition; None where that cannot be done."""
    from leaderboard.edition import open_edition
    from leaderboard.export import export

    def write() -> Path:
        with open_edition(book.home) as edition:
            return export(edition, book.clock())

    try:
        return book.attempt(write)
    except NotFoundError:  # the first refresh failed
        return None


def _logged(home: Path) -> int:
    """How long the log of picks is."""
    from leaderboard.pick_log import read_log

    return len(read_log(home))


def _notify(book: _Book, wishes: Wishes) -> int:
    """Tell of picks that changed since it was last told; how many. Failing fails nothing."""
    if wishes.notify is None:
        return 0
    from leaderboard.cycles import notify
    from leaderboard.edition import edition_path
    from leaderboard.pick_log import read_log

    through = cycle_log.newest(book.entries, "notified")
    begun = next(one for one in book.entries if one.event == "begun")
    since = int(begun.facts.get("log", 0) if through is None else through.facts["through"])
    log = read_log(book.home)
    changed = notify.changes(log[since:])
    if not changed:
        return 0
    name = edition_path(book.home).stem
    problem = notify.tell(
        wishes.notify, notify.message(changed, book.clock(), name), wishes.trusted
    )
    if problem is not None:
        book.notes.append(
            f"--notify {notify.name_of(wishes.notify)}: not told of {len(changed)} changes"
            f" ({problem}); the next cycle tries again"
        )
        return 0
    book.write("notified", {"through": len(log)})
    return len(changed)
