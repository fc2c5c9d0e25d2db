"""Counts through time -> shares, what they do, and what that says of the claim (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from leaderboard.usage.answers import RankPoint, Share, UsageReport
from leaderboard.usage.counts import Count
from leaderboard.usage.logistic import CHANCE, FEWEST_POINTS, Curve, drifts, logistic
from leaderboard.usage.rates import wilson
from leaderboard.usage.shift_answers import (
    Adopted,
    AdoptionReport,
    SharePoint,
    ShiftAnswer,
    Trend,
)

MOST_MODELS = 8
"""Models of a series whose shares are told."""
HALF = 0.5
_YEAR = 365.25
_LEVEL = 0.975
Places = Mapping[str, Sequence[RankPoint]]
"""Model, in the words of the counts -> its places in order of time."""


@dataclass(frozen=True)
class _Dated:
    day: date
    hits: int
    of: int


def adoption_reports(
    counts: Iterable[Count], usage: Iterable[UsageReport] = (), places: Places | None = None
) -> tuple[AdoptionReport, ...]:
    """One report for every series of counts, then for every log that tells classes apart.

    Args:
        counts: of any series.
        usage: what routers logged.
        places: of models on boards.
    """
    by_series: dict[str, list[Count]] = {}
    for one in counts:
        by_series.setdefault(one.series, []).append(one)
    found = [_of_counts(name, own, places or {}) for name, own in sorted(by_series.items())]
    seen: set[str] = set()
    for one in usage:
        mixed = any(share.name == "traditional" for share in one.classes)
        if mixed and one.task not in seen:
            seen.add(one.task)
            found.append(_of_log(one))
    return tuple(found)


def trend(
    what: Literal["class", "model"],
    name: str,
    dated: Sequence[tuple[date, int, int]],
    ranks: Sequence[RankPoint] = (),
) -> Trend:
    """One share through time, and the curve that it follows where it follows one.

    Args:
        what: whose share it is.
        name: of the class or model.
        dated: day, counts of it and of all, in order of time; days on which nothing was counted
            are passed over.
        ranks: its places in order of time.
    """
    rows = [_Dated(*row) for row in dated if row[2] > 0]
    points = tuple(
        SharePoint(r.day, r.hits, r.of, *wilson(r.hits, r.of), _rank(ranks, r.day)) for r in rows
    )
    days = [float((row.day - rows[0].day).days) for row in rows]
    found = logistic(days, [row.hits for row in rows], [row.of for row in rows])
    change = _change(days, [row.hits / row.of for row in rows])
    if isinstance(found, str):
        return Trend(what, name, points, *change, None, found)
    return Trend(what, name, points, *change, _dated_curve(found, rows[0].day), None)


def verdict(shares: Trend | None) -> tuple[ShiftAnswer, str]:
    """What AI's share among all work says of the claim.

    No counts can show that something cannot be stopped. What they can show is a curve that levels
    off above half, or below, or a share that does not grow.
    """
    if shares is None:
        return "no data", "no counts of AI and of traditional work side by side: import counts"
    fit = shares.fit
    if fit is not None and fit.level_low > HALF:
        when = f"{fit.half:%Y-%m-%d}" if fit.half else "an unknown day"
        return (
            "holds so far",
            f"AI's share follows a logistic curve that passes 50 % about {when} and levels off at"
            f" {_span(fit)}; what comes after these counts they do not show",
        )
    if fit is not None and fit.level_high < HALF:
        return (
            "does not hold",
            f"AI's share follows a logistic curve that levels off at {_span(fit)}, below half",
        )
    if fit is not None:
        return (
            "holds only in part",
            f"AI's share follows a logistic curve, and whether it levels off above half is open:"
            f" {_span(fit)}",
        )
    why = f"no logistic curve is supported: {shares.reason}"
    if shares.change is None or shares.change_low is None or shares.change_high is None:
        return "not decided", why
    points = shares.points
    sure = drifts([point.hits for point in points], [point.of for point in points])[1] <= CHANCE
    told = f"{100 * shares.change:+.0f} points over these dates"
    if sure and shares.change_low > 0:
        return "not decided", f"AI's share grows ({told}), and {why}"
    if sure and shares.change_high < 0:
        return "does not hold", f"AI's share falls ({told})"
    return "does not hold", f"AI's share does not surely grow ({told}); {why}"


def _of_counts(series: str, counts: Sequence[Count], places: Places) -> AdoptionReport:
    days = sorted({one.day for one in counts})
    by_class: Counter[tuple[date, str]] = Counter()
    by_model: Counter[tuple[date, str]] = Counter()
    known = {(one.day, one.kind) for one in counts}
    totals: Counter[str] = Counter()
    for one in counts:
        by_class[one.day, one.kind] += one.count
        if one.kind == "ai" and one.model is not None:
            by_model[one.day, one.model] += one.count
            totals[one.model] += one.count
    both = [day for day in days if {(day, "ai"), (day, "traditional")} <= known]
    notes: list[str] = []
    trends: list[Trend] = []
    if both:
        rows = [(day, by_class[day, "ai"], _all(by_class, day)) for day in both]
        trends.append(trend("class", "ai", rows))
        if len(both) < len(days):
            lacking = len(days) - len(both)
            notes.append(f"dates with counts of one class only, left out: {lacking}")
    answer, why = verdict(trends[0] if trends else None)
    named = sorted(totals, key=lambda model: (-totals[model], model))
    modelled = sorted({day for day, _ in by_model})
    if len(named) > 1:
        for model in named[:MOST_MODELS]:
            rows = [
                (day, by_model[day, model], sum(by_model[day, other] for other in named))
                for day in modelled
            ]
            trends.append(trend("model", model, rows, places.get(model, ())))
    if len(named) > MOST_MODELS:
        notes.append(f"{len(named) - MOST_MODELS} models with fewer counts are not told")
    return AdoptionReport(series, "counts", tuple(trends), answer, why, tuple(notes))


def _of_log(usage: UsageReport) -> AdoptionReport:
    """Of a log every class of a week is known: what is not there was not called."""
    weeks = sorted({one.begins for one in usage.classes})
    own = trend("class", "ai", [(week, *_week(usage.classes, week)) for week in weeks])
    return AdoptionReport(usage.task, "log", (own,), *verdict(own), ())


def _week(classes: Iterable[Share], week: date) -> tuple[int, int]:
    here = [one for one in classes if one.begins == week]
    return sum(one.calls for one in here if one.name == "ai"), sum(one.calls for one in here)


def _all(by_class: Mapping[tuple[date, str], int], day: date) -> int:
    return by_class[day, "ai"] + by_class[day, "traditional"]


def _rank(ranks: Sequence[RankPoint], day: date) -> int | None:
    held = [one.rank for one in ranks if one.at.date() <= day]
    return held[-1] if held else None


def _change(
    days: Sequence[float], shares: Sequence[float]
) -> tuple[float | None, float | None, float | None]:
    """Change along the least-squares line, with a 95 % interval that allows for neighbours going
    together as they do.
    """
    count = len(days)
    if count < FEWEST_POINTS:
        return None, None, None
    x, y = np.array(days) / days[-1], np.array(shares)
    slope, start = (float(one) for one in np.polyfit(x, y, 1))
    rest = y - start - slope * x
    square = float((rest**2).sum())
    together = float((rest[1:] * rest[:-1]).sum()) / square if square > 0 else 0.0
    together = min(max(together, 0.0), 0.9)
    wide = (1 + together) / (1 - together)
    error = (square / (count - 2) * wide / float(((x - x.mean()) ** 2).sum())) ** 0.5
    reach = float(stdtrit(count - 2, _LEVEL)) * error
    return slope, slope - reach, slope + reach


def _dated_curve(found: Curve, first: date) -> Adopted:
    return Adopted(
        found.level,
        found.level_low,
        found.level_high,
        found.rate * _YEAR,
        _on(first, found.middle) or first,
        _on(first, found.half),
        _on(first, found.half_low),
        _on(first, found.half_high),
        found.dispersion,
    )


def _on(first: date, days: float | None) -> date | None:
    """The day so many days later; none beyond the calendar."""
    if days is None:
        return None
    try:
        return first + timedelta(days=round(days))
    except OverflowError:
        return None


def _span(fit: Adopted) -> str:
    return f"{fit.level:.0%} [{fit.level_low:.0%}, {fit.level_high:.0%}]"
