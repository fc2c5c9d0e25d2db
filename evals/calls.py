"""Paid calls as they are written down: reserved before, handed in, settled after (pure).

A call that was reserved and never settled was cut off: it may have been paid. Its reservation
counts as spent, and it is not made again unless that costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from evals.types import Generation, Trial


@dataclass(frozen=True)
class CallLine:
    """One line of `calls.jsonl`: something that happened to a paid call."""

    trial: Trial
    event: Literal["reserved", "submitted", "settled"]
    at: datetime
    usd: float | None = None
    """US dollars. `reserved`: at most so many, `settled`: so many; None = unknown."""
    job: Mapping[str, str] | None = None
    """`submitted`: the handle under which the endpoint took the work in."""


@dataclass(frozen=True)
class Call:
    """Where a paid call stands."""

    trial: Trial
    reserved_usd: float | None
    job: Mapping[str, str] | None = None
    settled: bool = False
    usd: float | None = None

    @property
    def spent(self) -> float:
        """US dollars that count as spent: what it cost, else at most what it may have cost."""
        known = self.usd if self.settled and self.usd is not None else self.reserved_usd
        return known or 0.0

    @property
    def doubtful(self) -> bool:
        """Whether money may have been paid for it without anything to show."""
        return not self.settled or self.usd is None

    @property
    def resumable(self) -> bool:
        """Whether the endpoint holds work of it that can still be asked after."""
        return not self.settled and self.job is not None


def calls_of(lines: Iterable[CallLine]) -> tuple[Call, ...]:
    """Every call that was ever begun, in order of their beginning.

    Later lines of a trial belong to its latest call; what was never reserved is passed over.
    """
    calls: list[Call] = []
    latest: dict[str, int] = {}
    for line in lines:
        key = line.trial.key
        if line.event == "reserved":
            latest[key] = len(calls)
            calls.append(Call(line.trial, line.usd))
        elif key in latest:
            call = calls[latest[key]]
            calls[latest[key]] = (
                replace(call, job=line.job)
                if line.event == "submitted"
                else replace(call, settled=True, usd=line.usd)
            )
    return tuple(calls)


def reconciled(calls: Iterable[Call], done: Mapping[str, Generation]) -> tuple[Call, ...]:
    """Calls whose generation was recorded before a crash, settled at what that says they cost."""
    return tuple(
        replace(call, settled=True, usd=done[call.trial.key].cost_usd)
        if not call.settled and call.trial.key in done
        else call
        for call in calls
    )


def newest(calls: Iterable[Call]) -> dict[str, Call]:
    """Trial key -> its latest call."""
    return {call.trial.key: call for call in calls}
