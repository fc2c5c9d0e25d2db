"""What a reader is told of usage: frozen rows, as in `leaderboard.answers`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from leaderboard.pick_answers import Role


@dataclass(frozen=True)
class Share:
    """Somebody's part of the calls of one stretch of time. All of a stretch sum to 1."""

    begins: date
    name: str
    calls: int
    share: float


@dataclass(frozen=True)
class PickTraffic:
    """What the model that holds a role got within the window."""

    domain: str
    role: Role
    model: str
    alias_calls: int
    """Calls of the role's alias that it answered."""
    alias_share: float | None
    """Of all calls of that alias; `None` where it had none."""
    task_calls: int
    """Calls for the task that it answered, whatever they asked for."""
    task_share: float | None
    """Of all calls for the task."""
    failure_rate: float | None
    """In production; `None` where too little is known. So are the next two."""
    latency_p50_s: float | None
    latency_p95_s: float | None


@dataclass(frozen=True)
class ModelUsage:
    """One model in production, within the window."""

    model: str
    calls: int
    share: float
    """Of all calls for the task."""
    judged: int
    """Calls whose outcome is known; of a call string that several models share, theirs together."""
    failed: int
    failure_rate: float | None
    failure_low: float | None
    failure_high: float | None
    """95 %, by Wilson."""
    timed: int
    """Calls whose latency is known: its own, logged one by one, that succeeded."""
    latency_p50_s: float | None
    latency_p95_s: float | None
    usd_per_call: float | None
    """Mean of the bills that are known."""
    reason: str | None
    """Why a rate or a latency is not known and decides nothing."""


@dataclass(frozen=True)
class RankPoint:
    """A model's place on the board at a date."""

    at: datetime
    model: str
    rank: int


@dataclass(frozen=True)
class Lag:
    """How long until traffic followed."""

    what: Literal["switch", "rise"]
    """A pick changed hands, or a model reached its best rank."""
    model: str
    domain: str | None
    role: Role | None
    """Of a switch."""
    rank: int | None
    """Of a rise."""
    at: datetime
    days: int | None
    """Whole days, 0 = on the same day; `None` = not seen."""
    watched: int | None
    """Days on which it was watched for and did not come; `None` where it came, or nothing can be
    told."""
    before: float | None
    after: float | None
    """Share before, and at the end."""
    reason: str | None
    """Why there are no days."""


@dataclass(frozen=True)
class Typical:
    """The middle of some lags, those that have not ended included."""

    lags: int
    ended: int
    above: float | None
    """Days: the median lies above this ..."""
    up_to: float | None
    """... and not above this; both `None` = more than half have not ended, or there are none."""
    low: float | None = None
    """95 % interval of the median, in days; `None` = too few lags for one."""
    high: float | None = None
    """`None` with a `low`: open, because too many have not ended."""


@dataclass(frozen=True)
class UsageReport:
    """Usage of one task, in the names of one board."""

    task: str
    source: str
    simulated: bool
    begins: date
    ends: date
    calls: int
    """For the task, since the log begins; traditional work is not among them."""
    window_days: int
    picks: tuple[PickTraffic, ...]
    models: tuple[ModelUsage, ...]
    """Of the board, by falling traffic."""
    unmatched: tuple[Share, ...]
    """Of the window's calls those of no model of the board, or of which it cannot be told whose;
    in the router's words."""
    weeks: tuple[Share, ...]
    """By model, seven days each, the last ending with the log."""
    classes: tuple[Share, ...]
    """The same by class, traditional work included."""
    ranks: tuple[RankPoint, ...]
    switches: tuple[Lag, ...]
    rises: tuple[Lag, ...]
    typical_switch: Typical
    typical_rise: Typical
