"""Calls counted by day: what everything about usage is reckoned from (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from leaderboard.usage.calls import Kind


@dataclass(frozen=True)
class Day:
    """The calls of one UTC day that share alias, model, task and class."""

    day: date
    alias: str | None
    model: str
    """In the router's words."""
    task: str | None
    kind: Kind
    calls: int
    judged: int
    """Of them those whose outcome is known."""
    failed: int
    cost_usd: float | None
    """Of those whose cost is known; `None` = of none."""
    priced: int
    """How many those are."""
    latencies: tuple[float, ...] = ()
    """Seconds, sorted, of the calls logged one by one that succeeded: a mean over several calls is
    no latency, and a failure may end at once or by a time-out."""
