"""When the first of a chain's steps is stale (pure).

Each distinct pick is taken to hold its place for an exponential time with the half-life of its
board, so that it leaves at the rate ln 2 / half-life. Independent picks add their rates: the median
time until the first leaves is ln 2 / (sum of rates), 30 / 14 = 2.14 days for fourteen at thirty.
Steps whose models are one model on one board are one.

Picks of one vendor may fall together, with one release. How far they do, nobody has measured, so
both ends are told: independent, and as much together as their rates allow (the fastest of a
vendor's falls take the slower ones with them, so that only the fastest rate counts). In between
lies Marshall and Olkin's shared shock (A multivariate exponential distribution, 1967; from memory,
not re-read): a share s of each rate is common, and a vendor counts s x the fastest + (1 - s) x the
sum. Every pick's own half-life is the same at every s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from evals.names import fold
from leaderboard.workflows.answers import Joint, Life

ODDS_DAYS = 30.0
NORMAL_95 = 1.959963984540054


def joint(lives: Sequence[Life], shared: float = 0.0) -> Joint:
    """Until at least one pick has left the top of its board.

    Args:
        lives: distinct picks; those without a half-life are counted and left out.
        shared: share of a vendor's rates that is common, 0 (the default: nothing is assumed to
            be) to 1.

    Raises:
        ValueError: a share outside 0 to 1.
    """
    if not 0 <= shared <= 1:
        raise ValueError(f"the shared part of hazards is {shared:g}; it is from 0 to 1")
    known = [one for one in lives if one.days is not None and one.days > 0]
    rates = [_rate(one) for one in known]
    # Sources write one vendor in several ways.
    vendors = [fold(one.vendor) if one.vendor else f"\0{n}" for n, one in enumerate(known)]
    low, high = _interval(known)
    return Joint(
        days=_days(sum(rates)),
        low=low,
        high=high,
        shared_days=_days(_together(rates, vendors, 1.0)),
        assumed_share=shared,
        assumed_days=_days(_together(rates, vendors, shared)),
        odds_days=_by_odds(lives),
        known=len(known),
        picks=len(lives),
        first=_first(lives),
    )


def with_shares(lives: Iterable[Life]) -> tuple[Life, ...]:
    """The picks with the odds that each is the first to go, the likeliest first."""
    every = tuple(lives)
    total = sum(_rate(one) for one in every if one.days)
    told = (replace(one, share=_rate(one) / total if one.days else None) for one in every)
    return tuple(sorted(told, key=lambda one: (-(one.share or 0.0), one.steps)))


def _rate(one: Life) -> float:
    return math.log(2) / one.days if one.days else 0.0


def _days(rate: float) -> float | None:
    return math.log(2) / rate if rate > 0 else None


def _together(rates: Sequence[float], vendors: Sequence[str], shared: float) -> float:
    groups: dict[str, list[float]] = {}
    for rate, vendor in zip(rates, vendors, strict=True):
        groups.setdefault(vendor, []).append(rate)
    return sum(shared * max(one) + (1 - shared) * sum(one) for one in groups.values())


def _by_odds(lives: Sequence[Life]) -> float | None:
    """Median by the odds that each pick is still made thirty days on, where all have them."""
    odds = [one.p_30 for one in lives]
    told = [p for p in odds if p is not None and 0 < p < 1]
    if not told or len(told) < len(odds):
        return None
    return _days(sum(-math.log(p) / ODDS_DAYS for p in told))


def _first(lives: Sequence[Life]) -> tuple[str, ...]:
    """The steps of the pick that goes first; where no half-life is known, of the earliest date."""
    known = [one for one in lives if one.days]
    if known:
        return min(known, key=lambda one: (one.days or math.inf, one.steps)).steps
    dated = [one for one in lives if one.revalidate_by is not None]
    return min(dated, key=lambda one: (one.revalidate_by, one.steps)).steps if dated else ()


def _interval(known: Sequence[Life]) -> tuple[float | None, float | None]:
    """95 % of the joint median, from the ends of the half-lives' own intervals.

    The ends of a sum of rates lie as far from it as the root of the squared distances of the ends
    of each (Zou and Donner's recovery of variances, MOVER, 2008; from memory, not re-read). Picks
    of one board share its half-life, and so its error: their distances add up first. The rate of
    an estimated median is too high on average, by exp(s^2 / 2) where its logarithm scatters by s;
    that is taken out of the middle, as in a sum it does not average away.
    """
    total = 0.0
    boards: dict[tuple[object, ...], tuple[float, float]] = {}
    for one in known:
        if not one.days or not one.low or one.low <= 0:
            return None, None
        fast = math.log(2) / one.low
        slow = 0.0 if one.high is None else math.log(2) / one.high
        scatter = math.log(fast / slow) / (2 * NORMAL_95) if slow > 0 else 0.0
        rate = max(_rate(one) * math.exp(-(scatter**2) / 2), slow)
        board = (one.source, one.task, one.days, one.low, one.high)
        below, above = boards.get(board, (0.0, 0.0))
        boards[board] = (below + rate - slow, above + fast - rate)
        total += rate
    if not boards:
        return None, None
    slowest = total - math.hypot(*(below for below, _ in boards.values()))
    fastest = total + math.hypot(*(above for _, above in boards.values()))
    # Rates that all may be next to nothing leave the upper end open.
    return _days(fastest), (_days(slowest) if slowest > 1e-9 * total else None)
