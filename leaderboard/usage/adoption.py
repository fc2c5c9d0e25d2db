"""How long until traffic follows: a pick that changed hands, or a model that rose on its board
(pure).

A switch is followed on the first day on which the new model answers more than half of its role's
calls. A rise is the date on which a model first reached its best rank, among the leading five and
from a worse one or from nowhere. It is followed on the first day on which the model's share has
made half of the way from what it was before to what it is at the end, a day's share being that of
the week around it: so a step is dated at the step, and a steady climb at its middle.

Nothing is dated where too little is known, and nothing where the share did not surely grow: the
intervals of both ends must not touch, and five points are the least. Days are whole UTC days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from math import comb

from leaderboard.churn.turnbull import turnbull
from leaderboard.pick_answers import LogEntry
from leaderboard.snapshots import Snapshot
from leaderboard.usage.answers import Lag, RankPoint, Typical
from leaderboard.usage.rates import wilson
from leaderboard.usage.traffic import Flow, made, total, within

TOP = 5
FEWEST_A_DAY = 10
"""Calls of a role on a day from which its majority is read."""
FEWEST = 100
"""Calls at either end from which a growth is told."""
LEAST_GROWTH = 0.05
ALPHA = 0.05
END = timedelta(days=14)
"""Length of either end: before a rise, and at the end of the log."""
AROUND = timedelta(days=3)
ONE = timedelta(days=1)


def switch_lags(every: Sequence[Flow], log: Iterable[LogEntry]) -> tuple[Lag, ...]:
    """For each switch how long until the new model had more than half of its role's calls.

    Args:
        every: of one task, in the names of one board.
        log: of its picks, in order of time.

    A switch is watched until the next one of its role, or until the log of calls ends.
    """
    turns = [entry for entry in log if entry.action in ("switched", "chosen", "dropped")]
    found: list[Lag] = []
    for number, entry in enumerate(turns):
        if entry.action != "switched" or entry.model is None:
            continue
        later = (t for t in turns[number + 1 :] if (t.role, t.domain) == (entry.role, entry.domain))
        after = next(later, None)
        found.append(_followed(every, entry, None if after is None else after.at.date()))
    return tuple(found)


def rise_lags(every: Sequence[Flow], boards: Sequence[Snapshot]) -> tuple[Lag, ...]:
    """For each model's rise how long until its share of the task's calls had made half the way.

    Args:
        every: of one task, in the names of its board.
        boards: that board through time, the oldest first.
    """
    return tuple(_caught_up(every, rise) for rise in rises(boards))


def rises(boards: Sequence[Snapshot]) -> tuple[RankPoint, ...]:
    """When each model first stood at its best rank, where it rose to it; by time.

    Who stands there on the first board did not rise to it as far as anybody can see.
    """
    best: dict[str, RankPoint] = {}
    for board in boards:
        for entry in board.entries:
            before = best.get(entry.model)
            if entry.rank is not None and (before is None or entry.rank < before.rank):
                best[entry.model] = RankPoint(board.published_at, entry.model, entry.rank)
    found = [one for one in best.values() if one.rank <= TOP and one.at > boards[0].published_at]
    return tuple(sorted(found, key=lambda one: (one.at, one.rank, one.model)))


def typical(lags: Iterable[Lag]) -> Typical:
    """The median of those that can be told, those not ended counting as longer than watched."""
    told = [lag for lag in lags if lag.days is not None or lag.watched is not None]
    ended = [lag for lag in told if lag.days is not None]
    if not ended:
        return Typical(len(told), 0, None, None)
    span = median_interval(told)
    bounds: list[tuple[float, float | None]] = [
        (float(lag.days), float(lag.days + 1)) if lag.days is not None else (lag.watched or 0, None)
        for lag in told
    ]
    low, high = turnbull(bounds).median
    if high == float("inf"):
        return Typical(len(told), len(ended), None, None, *span)
    return Typical(len(told), len(ended), low, high, *span)


def median_interval(lags: Sequence[Lag]) -> tuple[float | None, float | None]:
    """A 95 % interval of the median lag, from the ranks alone: it assumes no distribution.

    Of so many independent lags the number below the median is binomial, so that two order
    statistics enclose it. One that has not ended counts at the lower end as what it was watched,
    and at the upper end as endless. Fewer than six lags have no such interval.
    """
    count = len(lags)
    below, reach = 0.0, 0
    while (below := below + comb(count, reach) / 2**count) <= ALPHA / 2:
        reach += 1
    if not reach:
        return None, None
    least = sorted(float(lag.days if lag.days is not None else lag.watched or 0) for lag in lags)
    most = sorted(float("inf") if lag.days is None else lag.days + 1.0 for lag in lags)
    high = most[count - reach]
    return least[reach - 1], None if high == float("inf") else high


def _followed(every: Sequence[Flow], entry: LogEntry, next_turn: date | None) -> Lag:
    begins = entry.at.date()
    lag = Lag(
        *("switch", entry.model or "", entry.domain, entry.role, None, entry.at),
        *(None, None, None, None, None),
    )
    own = [f for f in made(every) if (f.role, f.domain) == (entry.role, entry.domain)]
    if not own:
        return replace(lag, reason="no call of its alias is logged")
    last = max(flow.day for flow in every)
    if next_turn is not None:
        last = min(last, next_turn)
    before = within(own, begins - AROUND * 2 - ONE, begins - ONE)
    lag = replace(lag, before=_share(before, lag.model))
    after = [flow for flow in own if begins <= flow.day <= last]
    days = sorted({flow.day for flow in after})
    seen = [day for day in days if total(within(after, day, day)) >= FEWEST_A_DAY]
    if not seen:
        return replace(lag, reason=f"no day after it has {FEWEST_A_DAY} calls of its alias")
    lag = replace(lag, after=_share(within(after, seen[-1], seen[-1]), lag.model))
    for day in seen:
        if (_share(within(after, day, day), lag.model) or 0.0) > 0.5:
            return replace(lag, days=(day - begins).days)
    end = "the next switch" if next_turn is not None and last == next_turn else "the end of the log"
    watched = (seen[-1] - begins).days + 1
    return replace(lag, watched=watched, reason=f"not by {end}")


def _caught_up(every: Sequence[Flow], rise: RankPoint) -> Lag:
    day = rise.at.date()
    lag = Lag(
        *("rise", rise.model, None, None, rise.rank, rise.at),
        *(None, None, None, None, None),
    )
    own = made(every)
    if not own:
        return replace(lag, reason="no call is logged")
    first, last = min(flow.day for flow in own), max(flow.day for flow in own)
    if first > day - END:
        return replace(lag, reason=f"the log begins less than {END.days} days before it")
    if last < day + 2 * END:
        return replace(lag, reason=f"the log ends less than {2 * END.days} days after it")
    before, after = within(own, day - END, day - ONE), within(own, last - END + ONE, last)
    if min(total(before), total(after)) < FEWEST:
        return replace(lag, reason=f"fewer than {FEWEST} calls before it, or at the end")
    start, end = _share(before, rise.model) or 0.0, _share(after, rise.model) or 0.0
    lag = replace(lag, before=start, after=end)
    highest = wilson(_calls(before, rise.model), total(before))[1]
    lowest = wilson(_calls(after, rise.model), total(after))[0]
    if end - start < LEAST_GROWTH or lowest <= highest:
        return replace(lag, watched=(last - day).days + 1, reason="its share has not surely grown")
    half = (start + end) / 2
    for number in range((last - day).days + 1):
        here = day + number * ONE
        around = within(own, here - AROUND, here + AROUND)
        if around and (_share(around, rise.model) or 0.0) >= half:
            return replace(lag, days=number)
    return replace(lag, watched=(last - day).days + 1, reason="not by the end of the log")


def _calls(every: Iterable[Flow], model: str) -> int:
    return total(flow for flow in every if flow.model == model)


def _share(every: Sequence[Flow], model: str) -> float | None:
    whole = total(every)
    return _calls(every, model) / whole if whole else None
