"""What a reader is told of shares through time: frozen rows, as in `leaderboard.answers`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

CLAIM = "AI in creative work is an unstoppable technological shift."
ShiftAnswer = Literal[
    "holds so far", "holds only in part", "does not hold", "not decided", "no data"
]


@dataclass(frozen=True)
class SharePoint:
    """A share at one date."""

    day: date
    hits: int
    of: int
    low: float
    high: float
    """95 %, by Wilson, as if counts were independent."""
    rank: int | None
    """Place on the newest board until then; `None` = on none that is known."""

    @property
    def share(self) -> float:
        """Part of all that was counted."""
        return self.hits / self.of


@dataclass(frozen=True)
class Adopted:
    """A logistic curve of a share, with 95 % intervals."""

    level: float
    """Share at which it levels off."""
    level_low: float
    level_high: float
    rate_per_year: float
    """k of the curve."""
    middle: date
    """When it has made half of its way."""
    half: date | None
    """When it reaches 50 %; `None` = it levels off below."""
    half_low: date | None
    half_high: date | None
    """`None` = open: it may never be reached."""
    dispersion: float
    """By how much the counts scatter more than independent ones."""


@dataclass(frozen=True)
class Trend:
    """One share through time."""

    what: Literal["class", "model"]
    name: str
    points: tuple[SharePoint, ...]
    change: float | None
    """From the first date to the last along a straight line; `None` = too few dates."""
    change_low: float | None
    change_high: float | None
    fit: Adopted | None
    reason: str | None
    """Why no curve is supported."""


@dataclass(frozen=True)
class AdoptionReport:
    """One series of counts."""

    series: str
    origin: Literal["counts", "log"]
    """Counts that were imported, or what routers logged by the week."""
    trends: tuple[Trend, ...]
    """AI's share among all work first, where it is known; then models by falling counts."""
    answer: ShiftAnswer
    why: str
    notes: tuple[str, ...]
    """What could have counted and did not."""
