"""How long until half of the top k of a date has gone (pure).

Another question than the half-life of a place: it starts from a date, so that long stays, which
cover more dates, weigh more, and it asks for the time that is left rather than for the whole stay.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from scipy.special import stdtrit

from leaderboard.churn.answers import CLAIM_DAYS, Claim, Estimate
from leaderboard.churn.curves import Curve, average
from leaderboard.churn.headline import UNREACHED, least_days
from leaderboard.churn.membership import Stays
from leaderboard.churn.panel import Ints
from leaderboard.churn.spells import Spell
from leaderboard.snapshots import NORMAL_95

DATES = 100
"""Evenly spaced dates from which the top k is followed."""


def remaining_curve(stays: Stays, end: float, seed: int) -> Curve:
    """Share of the top k of a date that is still in it so many days later.

    Kaplan-Meier over every pair of a date and a member of its top k; a member that is still there
    at the end of the history is right-censored. The pairs of one stay go together, so the stays
    are what is resampled for the variance: each has a random exponential weight per draw (Bayesian
    bootstrap, Rubin 1981), and the draws then vary by strengths and by sampling alike. The curve
    itself is without weights: the mean of weighted ones would lean to the shorter stays.
    """
    dates = np.linspace(0.0, end, DATES, endpoint=False)
    weight = np.random.default_rng(seed).exponential(size=len(stays.draw))
    row, date = np.nonzero((stays.entered[:, None] <= dates) & (stays.until[:, None] > dates))
    remaining, ended = stays.until[row] - dates[date], stays.ended[row]
    entry = np.zeros(len(row))
    curve = average(stays.draw[row], entry, remaining, ended, stays.draws)
    if stays.draws == 1:
        return curve
    weighted = average(stays.draw[row], entry, remaining, ended, stays.draws, weight[row])
    return replace(curve, variance=weighted.variance * _few(stays, row))


def _few(stays: Stays, row: Ints) -> float:
    """By how much the variance of a bootstrap is too small, having few stays to draw from.

    It is n + 1 against n - 1 for n stays of one size, and Student's quantile stands for the normal
    one; n counts unequal stays by Kish's rule.
    """
    size = np.bincount(row, minlength=len(stays.draw)).astype(np.float64)
    total = np.bincount(stays.draw, size, stays.draws)
    squares = np.bincount(stays.draw, size**2, stays.draws)
    n = float((total**2 / np.maximum(squares, 1.0)).mean())
    freedom = max(n - 1, 1.0)
    return (n + 1) / freedom * (float(stdtrit(freedom, 0.975)) / NORMAL_95) ** 2


def repeated(spells: Sequence[Spell], start: datetime, draws: int) -> Stays:
    """The same published spells in every draw, for boards on which nothing better can be done."""
    models = sorted({spell.model for spell in spells})
    number = {model: i for i, model in enumerate(models)}
    count = len(spells)

    def day(at: datetime) -> float:
        return (at - start).total_seconds() / 86400

    entered = np.array([day(s.entered_at) if s.entry_seen else -np.inf for s in spells])
    return Stays(
        draw=np.repeat(np.arange(draws), count),
        model=np.tile(np.array([number[s.model] for s in spells], dtype=np.intp), draws),
        entered=np.tile(entered, draws),
        until=np.tile(np.array([day(s.until) for s in spells]), draws),
        ended=np.tile(np.array([s.ended for s in spells], dtype=np.bool_), draws),
        withdrawn=np.tile(np.array([s.withdrawn for s in spells], dtype=np.bool_), draws),
        draws=draws,
    )


def half_time(curve: Curve) -> Estimate:
    """Time until half of the top k of a date has gone.

    Where that was not reached, the interval is still closed below: the claim is judged by it.
    """
    median, interval = curve.median, curve.interval()
    if median is None:
        return Estimate(None, interval, None if interval is None else interval[0], UNREACHED)
    return Estimate(median, interval)


def replaced_within(curve: Curve, days: float) -> Estimate:
    """Share of the top k of a date that has gone `days` later, with its interval."""
    if curve.longest < days:
        return Estimate(None, reason=f"the history is shorter than {days:.0f} days")
    at = int(np.searchsorted(curve.days, days, side="right")) - 1
    if at < 0:
        return Estimate(0.0)
    low, high = curve.band()
    return Estimate(1 - float(curve.share[at]), (1 - float(high[at]), 1 - float(low[at])))


def unbroken(stays: Stays, days: float) -> tuple[Estimate, Estimate]:
    """The half-time, and the share that has gone after `days`, of a top that nobody left.

    There is no curve to read, but a rate of exits has an upper bound all the same.
    """
    least = least_days(stays)
    if least is None:
        nothing = Estimate(None, reason="nothing was seen of the top")
        return nothing, nothing
    most = -math.expm1(-math.log(2) * days / least)
    return Estimate(None, (least, None), least, "nobody left"), Estimate(0.0, (0.0, most))


def claim(found: Estimate, days: float = CLAIM_DAYS) -> Claim:
    """Where a claimed number of days lies with respect to an interval.

    An upper end that was not reached bounds nothing; without an interval nothing can be said.
    """
    if found.interval is None:
        return "unknown"
    low, high = found.interval
    if days < low:
        return "below"
    return "above" if high is not None and days > high else "inside"
