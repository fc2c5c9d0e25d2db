"""Half-lives of spells as they stand on the boards: Kaplan-Meier, exponential, interval-censored.

No noise is taken out here. Which of these figures somebody means when they quote "the half-life"
makes a difference of weeks, so each is a row of its own. The fits are lifelines', but for
Turnbull's.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

from scipy.stats import chi2

from leaderboard.churn.answers import CurvePoint, Estimate, IntervalCensored, Published
from leaderboard.churn.spells import Spell
from leaderboard.churn.turnbull import turnbull
from leaderboard.snapshots import NORMAL_95

FEWEST = 3
"""Exits below which the interval-censored fits are not attempted."""


def published(found: Sequence[Spell]) -> Published:
    """Counts and both half-lives of some spells.

    Kaplan-Meier is over the spells whose entry was seen; the exponential half-life over all, since
    a constant rate of exits needs no ages.
    """
    seen = [spell for spell in found if spell.entry_seen]
    return Published(
        spells=len(found),
        exits=sum(spell.ended for spell in found),
        entered=len(seen),
        entered_exits=sum(spell.ended for spell in seen),
        kaplan_meier=kaplan_meier(seen),
        exponential=exponential(
            sum(spell.days for spell in found), sum(spell.ended for spell in found)
        ),
    )


def kaplan_meier(seen: Sequence[Spell]) -> Estimate:
    """Median of the spells, right-censored at the last board, with the log-log interval."""
    if not seen:
        return Estimate(None, reason="nothing entered the top after the first board")
    fitter = _fitted(seen)
    median = _half(fitter.survival_function_)
    if median is None:
        longest = max(spell.days for spell in seen)
        return Estimate(None, at_least_days=longest or None, reason=_UNREACHED)
    band: Any = fitter.confidence_interval_
    low, high = (_half(band[[column]]) for column in band.columns)
    return Estimate(median, (low if low is not None else 0.0, high))


def curve(found: Sequence[Spell]) -> tuple[CurvePoint, ...]:
    """The Kaplan-Meier curve of the spells whose entry was seen, from (0, 1) on."""
    seen = [spell for spell in found if spell.entry_seen]
    if not seen:
        return ()
    fitter = _fitted(seen)
    shares: Any = fitter.survival_function_.iloc[:, 0]
    band: Any = fitter.confidence_interval_
    return tuple(
        CurvePoint(float(days), float(share), _number(low), _number(high))
        for days, share, low, high in zip(
            shares.index, shares, band.iloc[:, 0], band.iloc[:, 1], strict=True
        )
    )


def exponential(days: float, exits: int) -> Estimate:
    """Days in the top x ln 2 / exits, with the exact 95 % Poisson interval of the exits.

    >>> found = exponential(780.0, 12)
    >>> round(found.days, 1), [round(end, 1) for end in found.interval]
    (45.1, [25.8, 87.2])
    """
    fewest, most = poisson_interval(exits)
    if exits == 0:
        least = math.log(2) * days / most if days else None
        return Estimate(None, at_least_days=least, reason="no exit was seen")
    return Estimate(
        math.log(2) * days / exits, (math.log(2) * days / most, math.log(2) * days / fewest)
    )


def poisson_interval(count: float) -> tuple[float, float]:
    """Exact 95 % interval of the mean of a Poisson count (Garwood 1936).

    Its gamma quantiles are defined for the mean of several counts, too: smooth between whole ones.
    """
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def interval_censored(found: Sequence[Spell]) -> IntervalCensored:
    """The spells whose entry was seen, each known only to have lasted between two lengths.

    Turnbull (1976) assumes nothing about the law of the lengths; Weibull is its smooth companion.
    Meant for spells between *distinct* boards: a repeated board says nothing new.
    """
    bounds = [spell.bounds for spell in found if spell.entry_seen]
    exits = sum(high is not None for _, high in bounds)
    if exits < FEWEST:
        missing = Estimate(None, reason=f"{FEWEST - exits} more exits are needed")
        return IntervalCensored(missing, missing)
    return IntervalCensored(_turnbull(bounds), _weibull(bounds))


_UNREACHED = "the curve stays above one half as far as it goes"


def _turnbull(bounds: Sequence[tuple[float, float | None]]) -> Estimate:
    # Between two lengths that nobody can tell apart the curve may lie anywhere: the middle stands
    # for both. No interval is known.
    least, most = turnbull(bounds).median
    if not math.isfinite(most):
        return Estimate(None, at_least_days=least, reason=_UNREACHED)
    return Estimate((least + most) / 2)


def _weibull(bounds: Sequence[tuple[float, float | None]]) -> Estimate:
    from lifelines import WeibullFitter
    from lifelines.exceptions import ApproximationWarning, ConvergenceError

    fitter: Any = WeibullFitter()
    low = [least for least, _ in bounds]
    high = [math.inf if most is None else most for _, most in bounds]
    try:
        with warnings.catch_warnings():
            # Lengths that are all alike have no shape: the fit runs off and says so in a warning.
            warnings.simplefilter("error", ApproximationWarning)
            fitter.fit_interval_censoring(low, high)
    except (ApproximationWarning, ConvergenceError, ValueError):
        return Estimate(None, reason="the Weibull fit did not converge")
    half = math.log(math.log(2))
    scale, shape = float(fitter.lambda_), float(fitter.rho_)
    # log median = log scale + log(log 2) / shape; its variance by the delta method.
    slope = (1 / scale, -half / shape**2)
    spread: Any = fitter.variance_matrix_.to_numpy()
    variance = float(
        slope[0] ** 2 * spread[0, 0]
        + 2 * slope[0] * slope[1] * spread[0, 1]
        + slope[1] ** 2 * spread[1, 1]
    )
    median = scale * math.exp(half / shape)
    if not math.isfinite(variance) or variance < 0:
        return Estimate(median)
    factor = math.exp(NORMAL_95 * variance**0.5)
    return Estimate(median, (median / factor, median * factor))


def _fitted(seen: Sequence[Spell]) -> Any:
    # Imported here: it brings pandas and matplotlib's parts, and only `refresh` computes this.
    from lifelines import KaplanMeierFitter

    fitter: Any = KaplanMeierFitter()
    fitter.fit([spell.days for spell in seen], event_observed=[spell.ended for spell in seen])
    return fitter


def _half(curve: Any) -> float | None:
    """The first time at which a curve (one column over time) is at most one half, if it ever is.

    Rounded first: one half multiplied together from fractions may come out as 0.5000000000000001.
    """
    left: Any = curve.iloc[:, 0].round(9)
    reached: Any = left.index[left <= 0.5]
    return float(reached[0]) if len(reached) else None


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
