"""What a run may spend and has spent: asked before every call, told after it.

Money is reserved, and that is on disk, before a paid call is made; so a crash at any moment leaves
a trace of every call that may have been paid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from evals.backends import PaidGenerator
from evals.budget import Expected, Limits
from evals.calls import Call, CallLine
from evals.executors import Ended
from evals.generate import Attempt
from evals.types import Failure, Generation, Trial

Write = Callable[[CallLine], None]


@dataclass
class Leave:
    """A ticket for one paid call: see `evals.backends.Ticket`."""

    trial: Trial
    job: Mapping[str, str] | None
    """Of an earlier try, or since this one handed its work in."""
    write: Write
    clock: Callable[[], datetime]

    @property
    def key(self) -> str:
        """The trial's own key: tried again, it is the same."""
        return self.trial.key

    def submitted(self, job: Mapping[str, str]) -> None:
        """Keep the handle on disk."""
        self.write(CallLine(self.trial, "submitted", self.clock(), job=dict(job)))
        self.job = dict(job)


@dataclass
class Account:
    """The money and time of one run; `opens` and `settle` are called from one thread."""

    limits: Limits
    expected: Mapping[str, Expected]
    """By model id."""
    calls: Mapping[str, Call]
    """Trial key -> its latest paid call of earlier runs."""
    write: Write
    """Puts a line of `calls.jsonl` on disk."""
    clock: Callable[[], datetime]
    timer: Callable[[], float]
    spent: float = 0.0
    """US dollars of the epoch so far, doubtful calls at their reservation."""
    pay_again: bool = False
    """Make calls anew that may have been paid without anything to show."""
    _reserved: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]])
    """Calls in flight, by trial key: their model, and at most how many dollars each."""
    _dearest: dict[str, float] = field(default_factory=dict[str, float])
    """Model id -> US dollars of its dearest call so far. A bill may be higher than the price list:
    from then on so much is reserved, and the calls in flight count at it."""
    _leaves: dict[str, Leave] = field(default_factory=dict[str, Leave])
    """Of paid calls in flight, by trial key."""
    _begun: float | None = None
    _shut: Failure | None = None
    """Why no further call is made: the prompts of all models are to end together."""

    def opens(self, trial: Trial, generator: PaidGenerator | None = None) -> Leave | Failure | None:
        """Leave for one call: see `evals.executors.Gate`."""
        expected = self.expected[trial.model_id]
        earlier = self.calls.get(trial.key) if generator is not None else None
        late = self._late(expected)
        if earlier is not None and earlier.resumable and late is None:
            # Paid already, and kept for a while only: no budget stands before it.
            return self._leave(trial, earlier.job)
        self._shut = self._shut or late
        if self._shut is not None:
            return self._shut
        if generator is not None and earlier is not None and earlier.doubtful:
            if generator.idempotent:
                return self._leave(trial, None)
            if not self.pay_again:
                return _doubtful(earlier)
        # A trial that is made again elsewhere, as its worker died, is not reserved twice.
        self._reserved.pop(trial.key, None)
        expected = self._learned(trial.model_id, expected)
        refusal = self._unaffordable(expected)
        if refusal is not None:
            return refusal
        self._reserved[trial.key] = (trial.model_id, expected.usd or 0.0)
        if generator is None:
            return None
        self.write(CallLine(trial, "reserved", self.clock(), usd=expected.usd))
        return self._leave(trial, None)

    def settle(self, ended: Ended, generation: Generation) -> None:
        """Note what a call that was given leave came to."""
        reserved = self._reserved.pop(ended.trial.key, None)
        leave = self._leaves.pop(ended.trial.key, None)
        if isinstance(ended.tried, Failure):
            return
        attempt = ended.tried if isinstance(ended.tried, Attempt) else None
        open_ = leave is not None and leave.job is not None and _undecided(generation)
        usd = None if open_ else generation.cost_usd
        if not open_ and (
            attempt is None or (isinstance(attempt.outcome, Failure) and not attempt.billed)
        ):
            usd = 0.0
        # A call that is made anew as the endpoint bills it once: that this try cost nothing says
        # nothing of the one that was cut off.
        open_ = open_ or (reserved is None and usd == 0.0 and leave is not None and not leave.job)
        # A resumed call has its reservation among what was spent already.
        if reserved is not None:
            self.spent += reserved[1] if usd is None else usd
        if usd is not None:
            name = ended.trial.model_id
            self._dearest[name] = max(usd, self._dearest.get(name, 0.0))
        # Work that the endpoint still holds is asked after by the next run.
        if leave is not None and not open_:
            self.write(CallLine(ended.trial, "settled", self.clock(), usd=usd))

    def _leave(self, trial: Trial, job: Mapping[str, str] | None) -> Leave:
        leave = Leave(trial, job, self.write, self.clock)
        self._leaves[trial.key] = leave
        return leave

    def _late(self, expected: Expected) -> Failure | None:
        now = self.timer()
        self._begun = now if self._begun is None else self._begun
        limit = self.limits.seconds
        if limit is None or now - self._begun + (expected.seconds or 0.0) <= limit:
            return None
        return Failure("time", f"the {limit:g} seconds of this run are over", "infrastructure")

    def _learned(self, name: str, expected: Expected) -> Expected:
        """What a call takes, as far as the calls before it have shown."""
        if expected.usd is None or expected.usd >= self._dearest.get(name, 0.0):
            return expected
        return replace(expected, usd=self._dearest[name])

    def _unaffordable(self, expected: Expected) -> Failure | None:
        limit = self.limits.usd
        if limit is None:
            return None
        if expected.paid and expected.usd is None:
            reason = f"no budget holds what has no price: {expected.basis}"
            return Failure("budget", reason, "infrastructure")
        flying = sum(
            max(usd, self._dearest.get(name, 0.0)) for name, usd in self._reserved.values()
        )
        bound = self.spent + flying + (expected.usd or 0.0)
        # Sums of prices differ from their product in the last bits. What is not known to cost
        # anything is held back once the budget is passed, and not by one that is used up to the
        # last cent, or is 0: see `evals.budget.admit`.
        if bound <= limit * (1 + 1e-12):
            return None
        reason = (
            f"the budget of {limit:g} USD: {self.spent:.4g} are spent,"
            f" and this call may cost {expected.usd or 0.0:.4g}"
        )
        self._shut = Failure("budget", reason, "infrastructure")
        return self._shut


_OVER = frozenset({"job_lost", "job_failed", "gone", "rejected", "bad_answer", "too_large"})
"""Kinds of failure after which work that was handed in comes to nothing, however often it is asked
after: it failed, or what it made is gone, or is none."""


def _undecided(generation: Generation) -> bool:
    """Whether work that was handed in may still come to something."""
    failure = generation.failure
    return failure is not None and failure.blame == "infrastructure" and failure.kind not in _OVER


def _doubtful(call: Call) -> Failure:
    at_most = "" if call.reserved_usd is None else f", at most {call.reserved_usd:.4g} USD"
    return Failure(
        "maybe_paid",
        f"an earlier call of it came to nothing and may have been paid{at_most}; `eval"
        " --pay-again` makes it anew",
        "infrastructure",
    )
