"""What is told about the churn of one board: frozen rows, kept as one document per board.

`report` builds them, `store` keeps them and `queries` returns them. Days are floats. `None` means
"not known" or "does not apply", never zero: an unreached median is `None` with `at_least_days`.
Nothing here imports more than the standard library.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Interval = tuple[float, float | None]
"""95 %, days; the upper end is `None` where the curve never says."""
Claim = Literal["below", "inside", "above", "unknown"]
Cause = Literal["displaced", "withdrawn"]

CLAIM_DAYS = 30.0
"""The half-life that the field repeats for a place in the top five."""


@dataclass(frozen=True)
class Estimate:
    """A number of days with its interval."""

    days: float | None
    interval: Interval | None = None
    at_least_days: float | None = None
    """Set when `days` is unreached: a lower bound. For Kaplan-Meier as published it is the longest
    time seen; elsewhere the lower end of the interval, or what the number of exits allows."""
    reason: str | None = None
    """Why there is no number, in one sentence."""


@dataclass(frozen=True)
class Published:
    """Spells counted with names and dates as they stand on the boards."""

    spells: int
    """Unbroken stays, also those that were running on the first board."""
    exits: int
    entered: int
    """Spells whose beginning was seen; Kaplan-Meier is over these."""
    entered_exits: int
    kaplan_meier: Estimate
    """Median over `entered`, right-censored at the last board; log-log interval."""
    exponential: Estimate
    """ln 2 x model-days / exits over all spells; exact Poisson interval of the exits."""


@dataclass(frozen=True)
class IntervalCensored:
    """The same spells, an entry or exit known only to lie between two distinct boards."""

    turnbull: Estimate
    weibull: Estimate


@dataclass(frozen=True)
class HalfLife:
    """The headline: median stay of a model that enters the top k, measurement noise taken out."""

    estimate: Estimate
    method: str
    """`frozen strengths` or `drifting strengths`, told too where exits are too few for a number;
    `none` where no history could be drawn."""
    draws: int
    exits: float | None
    """Mean number of exits in a draw."""
    missing_exits: int
    """How many more exits are needed before a number is given; 0 where it is not for their lack
    that there is none."""


@dataclass(frozen=True)
class Noise:
    """The noise meter: how much of the published churn is measurement."""

    reentries: int
    """Comings back into the top k of a model whose version did not change."""
    exits: int
    tied_exits: int | None
    """Exits in which the leaver's published interval overlapped the new number k's."""
    tied_exits_share: float | None
    """`None` where no interval is published or nothing left."""
    chi2_per_df: float | None
    """Scatter of ratings around models that stay, in published variances: 1 is noise as told,
    more is drift or intervals too narrow, less is errors shared between boards."""
    error: float | None
    """Median standard error of a rating, in points."""
    error_source: Literal["published intervals", "residuals"] | None
    autocorrelation: float | None
    """Share of the error's variance that later boards keep (votes that add up), 0 to 1."""
    drift_per_month: float | None
    """Standard deviation that a strength gains in 30 days, in points; 0 = none was found."""
    drift_p: float | None
    """p-value of strengths that stay."""


@dataclass(frozen=True)
class CauseShare:
    """Cumulative incidence (Aalen-Johansen) of one way to leave."""

    cause: Cause
    within_30: float | None
    within_90: float | None
    """Share of entrants that left so within that many days; `None` beyond what was seen."""


@dataclass(frozen=True)
class Window:
    """Half-life within one stretch of the history: exponential, from the exits in it."""

    begins: datetime
    ends: datetime
    exits: float
    estimate: Estimate
    provisional: bool
    """The stretch reaches the last board: what is running there is still being decided."""


@dataclass(frozen=True)
class Change:
    """Did the rate of exits change once? Largest likelihood ratio over all dates."""

    at: datetime | None
    """The likeliest date."""
    before_days: float | None
    after_days: float | None
    """Exponential half-life before and after it; `None` without exits."""
    p_value: float | None
    """Of no change, by simulation; median over the draws."""


@dataclass(frozen=True)
class CurvePoint:
    """One point of a survival curve."""

    days: float
    share: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class AtRisk:
    """One model in the top k of the last board."""

    model: str
    organization: str | None
    rank: int
    p_top: float | None
    """P(its strength is among the best k now)."""
    p_leaves_30: float | None
    """P(it is outside the top k thirty days after the last board, given releases as before)."""


@dataclass(frozen=True)
class SpellRow:
    """One spell as bridged: aliases applied, gaps of a week closed."""

    model: str
    organization: str | None
    entered_at: datetime
    entry_seen: bool
    until: datetime
    days: float
    ended: bool
    cause: Cause | None
    tied: bool | None
    """The exit was between overlapping intervals; `None` = running, or no intervals."""


@dataclass(frozen=True)
class FindingRow:
    """One finding of the checks."""

    check: str
    count: int
    detail: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChurnReport:
    """Everything that can be said of how the top k of one board turns over."""

    source: str
    arena: str
    top: int
    simulated: bool
    begins: datetime
    ends: datetime
    snapshots: int
    distinct_boards: int
    by_score: bool
    aliases: tuple[str, ...]
    """Names that were taken as one model, each `old -> new (reason)`, in the bridged and the
    noise-corrected figures."""
    as_published: Published
    bridged: Published
    interval_censored: IntervalCensored
    half_life: HalfLife
    replaced_half_time: Estimate
    """Time until half of the top k of a date has gone."""
    replaced_in_30_days: Estimate
    """A share, not days: how much of the top k of a date has gone 30 days later."""
    replaced_by: Literal["noise taken out", "as published"]
    """How membership was read in the two rows above."""
    claim_30_days: Claim
    """Where the claimed 30 days lie with respect to the interval of `replaced_half_time`."""
    noise: Noise
    causes: tuple[CauseShare, ...]
    windows: tuple[Window, ...]
    change: Change | None
    curve_published: tuple[CurvePoint, ...]
    """Kaplan-Meier over spells as published."""
    curve: tuple[CurvePoint, ...]
    """With the noise taken out, with its 95 % band; empty without a headline."""
    at_risk: tuple[AtRisk, ...]
    spells: tuple[SpellRow, ...]
    findings: tuple[FindingRow, ...]
