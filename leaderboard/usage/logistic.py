"""Does a share through time follow a logistic curve? Fitted only where counts support it (pure).

The curve is `share(t) = L / (1 + exp(-k (t - t0)))`, `0 < L < 1`, `k > 0`, by maximum likelihood of
counts that scatter more than binomial ones (quasi-likelihood, McCullagh & Nelder 1989): the
deviance is scaled by Pearson's dispersion times `(1 + r) / (1 - r)` where neighbouring residuals go
together, r their correlation, and never by less than 1.

It is supported where all of this holds; else the first that does not is the reason:

1. there are `FEWEST_POINTS` dates with counts, and `FEWEST_CALLS` counted in all;
2. the share rises as a wandering one would not: with the sign of every step tossed, a change as
   large comes about at most 1 time in 20 (exact for a random walk without drift);
3. the curve is better than no change (F test, 1 %), and better than a straight line by `MARGIN` of
   QAICc, which charges it for its third parameter (Burnham & Anderson 2002);
4. the dates show its bend from both sides: it is below `EARLY` of its level on the first and above
   `LATE` of it on the last;
5. residuals larger than binomial ones do not go together with their neighbours as they would 1
   time in 100 by chance (von Neumann 1941).

Intervals are those of the profile of the scaled deviance, by the F distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from scipy import optimize
from scipy.special import expit, fdtrc, fdtri, logit, ndtr, xlogy

from leaderboard.changes.sign_flips import p_value
from leaderboard.ratings.bradley_terry import Floats

FEWEST_POINTS = 8
FEWEST_CALLS = 100
CHANCE = 0.05
STRIDES = 10
RARE = 0.01
MARGIN = 8.0
EARLY, LATE = 0.4, 0.6
HALF = 0.5
_PARAMETERS = 3
_STEPS = 14
"""Halvings of a bracket: its end is then known to 1/16000 of it."""
_FARTHEST = 8.0
"""Lengths of the series from its estimate: an interval that reaches farther is open."""
_TINY = 1e-9


@dataclass(frozen=True)
class Curve:
    """A logistic curve in days from the first date, with 95 % intervals."""

    level: float
    """Share at which it levels off, L."""
    level_low: float
    level_high: float
    rate: float
    """k, per day."""
    middle: float
    """t0: when it has made half of its way."""
    half: float | None
    """When it reaches 50 %; `None` = it levels off below."""
    half_low: float | None
    half_high: float | None
    """`None` = open: it may never be reached."""
    dispersion: float
    """By how much the counts scatter more than binomial ones, neighbours included."""

    def at(self, days: float) -> float:
        """The share on that day."""
        return float(self.level * expit(self.rate * (days - self.middle)))


@dataclass(frozen=True)
class _Data:
    x: Floats
    """(n,) dates, 0 = the first, 1 = the last."""
    hits: Floats
    of: Floats

    def residuals(self, share: Floats) -> Floats:
        """(n,) signed roots of what each date adds to the deviance."""
        p = np.clip(share, _TINY, 1 - _TINY)
        miss = self.of - self.hits
        twice = xlogy(self.hits, self.hits / (self.of * p))
        twice = twice + xlogy(miss, miss / (self.of * (1 - p)))
        return np.sign(self.hits / self.of - p) * np.sqrt(np.maximum(2 * twice, 0))

    def pearson(self, share: Floats) -> Floats:
        """(n,) residuals in their binomial standard deviations."""
        p = np.clip(share, _TINY, 1 - _TINY)
        return (self.hits - self.of * p) / np.sqrt(self.of * p * (1 - p))


def logistic(days: Sequence[float], hits: Sequence[int], of: Sequence[int]) -> Curve | str:
    """The curve that a share follows, or why the counts support none.

    Args:
        days: dates in order, no two alike, in days from any day.
        hits: counts of what is asked about, one per date.
        of: counts of all, each above 0 and no smaller than its hits.
    """
    if len(days) < FEWEST_POINTS:
        return f"{len(days)} dates with counts; a curve needs {FEWEST_POINTS}"
    if sum(of) < FEWEST_CALLS:
        return f"{sum(of)} counted in all; a curve needs {FEWEST_CALLS}"
    first, length = days[0], days[-1] - days[0]
    data = _Data(
        (np.array(days, dtype=np.float64) - first) / length,
        np.array(hits, dtype=np.float64),
        np.array(of, dtype=np.float64),
    )
    drift, wandering = drifts(hits, of)
    if drift <= 0 or wandering > CHANCE:
        return "the share does not rise more than a wandering one would"
    point, deviance = _best(data)
    scale = _dispersion(data, _share(point, data.x))
    reason = _unsupported(data, point, deviance, scale)
    if reason is not None:
        return reason
    return _told(data, point, deviance, scale, length)


def drifts(hits: Sequence[int], of: Sequence[int]) -> tuple[float, float]:
    """The sum of a share's steps, and P(one as far from 0 | the sign of each is a coin toss).

    At most `STRIDES` steps from date to date, evenly spread: more of them would add the scatter of
    their counts and no rise. A step counts by how well it is known: between few counts it is
    chance.
    """
    some = np.unique(np.round(np.linspace(0, len(of) - 1, STRIDES + 1)).astype(np.intp))
    n = np.array(of, dtype=np.float64)[some]
    weights = np.sqrt(n[1:] * n[:-1] / (n[1:] + n[:-1]))
    steps = weights * np.diff(np.array(hits)[some] / n)
    return float(steps.sum()), p_value([float(one) for one in steps])


def _unsupported(data: _Data, point: Floats, deviance: float, scale: float) -> str | None:
    """Which rule of 3 to 5 the curve breaks."""
    free = len(data.x) - _PARAMETERS
    flat = float((data.residuals(np.full_like(data.x, data.hits.sum() / data.of.sum())) ** 2).sum())
    ratio = (flat - deviance) / (_PARAMETERS - 1) / scale
    if float(fdtrc(_PARAMETERS - 1, free, max(ratio, 0))) > RARE:
        return "the curve is not clearly better than no change"
    gain = _qaicc(_line(data), 2, len(data.x), scale) - _qaicc(deviance, 3, len(data.x), scale)
    if gain < MARGIN:
        return "the curve is not clearly better than a straight line"
    level = float(expit(point[0]))
    ends = _share(point, data.x[[0, -1]]) / level
    if ends[0] > EARLY:
        return "only the end of a curve is seen, not where it began"
    if ends[1] < LATE:
        return "only the beginning of a curve is seen: where it levels off cannot be told"
    rest = data.pearson(_share(point, data.x))
    if float((rest**2).mean()) > 1 and _together(rest) < RARE:
        return "what the curve leaves over goes together from date to date: it is another shape"
    return None


def _told(data: _Data, point: Floats, deviance: float, scale: float, length: float) -> Curve:
    limit = deviance + scale * float(fdtri(1, len(data.x) - _PARAMETERS, 0.95))
    level = float(expit(point[0]))

    def of_level(a: float) -> float:
        return _least(data, lambda free: _share(np.array([a, *free]), data.x), point[1:])

    low = _edge(of_level, float(point[0]), -0.25, limit, 12)
    high = _edge(of_level, float(point[0]), 0.25, limit, 12)
    half = half_low = half_high = None
    if level > HALF + _TINY:
        # L = (1 + w) / 2 with w in (0, 1), and t0 = t50 + ln(w) / k.
        half = float(point[2] - np.log(2 * level - 1) / np.exp(point[1]))

        def of_half(when: float) -> float:
            start = np.array([logit(min(max(2 * level - 1, 0.01), 0.99)), point[1]])
            return _least(data, lambda free: _through_half(free, when, data.x), start)

        half_low = _edge(of_half, half, -0.02, limit, _FARTHEST)
        half_high = _edge(of_half, half, 0.02, limit, _FARTHEST)
    return Curve(
        level,
        0.0 if low is None else float(expit(low)),
        1.0 if high is None else float(expit(high)),
        float(np.exp(point[1])) / length,
        float(point[2]) * length,
        None if half is None else half * length,
        None if half_low is None else half_low * length,
        None if half_high is None else half_high * length,
        scale,
    )


def _best(data: _Data) -> tuple[Floats, float]:
    """The likeliest curve and its deviance, from several starts: there are local optima."""
    top = float(np.clip((data.hits / data.of).max() * 1.05, 0.01, 0.98))
    starts = [
        np.array([logit(top), np.log(rate), middle])
        for rate in (5.0, 15.0)
        for middle in (0.25, 0.5, 0.75)
    ]
    found = [_fit(data, lambda free: _share(free, data.x), start) for start in starts]
    return min(found, key=lambda one: one[1])


def _share(point: Floats, x: Floats) -> Floats:
    a, b, c = np.clip(point, [-12, -3, -3], [12, 6, 4])
    return cast(Floats, expit(a) * expit(np.exp(b) * (x - c)))


def _through_half(free: Floats, when: float, x: Floats) -> Floats:
    a, b = np.clip(free, [-12, -3], [12, 6])
    above, rate = expit(a), np.exp(b)
    return cast(Floats, (1 + above) / 2 * expit(rate * (x - when) - np.log(above)))


def _fit(data: _Data, share: Callable[[Floats], Floats], start: Floats) -> tuple[Floats, float]:
    def residuals(free: Floats) -> Floats:
        return data.residuals(share(free))

    # scipy publishes no types; nothing of it leaves this function.
    found = cast(Any, optimize).least_squares(residuals, start, method="lm", max_nfev=200)
    return np.asarray(found.x, dtype=np.float64), float(2 * found.cost)


def _least(data: _Data, share: Callable[[Floats], Floats], start: Floats) -> float:
    return _fit(data, share, start)[1]


def _line(data: _Data) -> float:
    """Deviance of the likeliest straight line."""
    start = np.polyfit(data.x, data.hits / data.of, 1)[::-1]
    return _least(data, lambda free: free[0] + free[1] * data.x, start)


def _edge(
    deviance: Callable[[float], float], point: float, step: float, limit: float, farthest: float
) -> float | None:
    """Where the profile passes the limit on one side of its least; `None` = nowhere near."""
    inner, outer = point, point + step
    while deviance(outer) < limit:
        inner, outer = outer, point + 2 * (outer - point)
        if abs(outer - point) > farthest:
            return None
    for _ in range(_STEPS):
        middle = (inner + outer) / 2
        inner, outer = (middle, outer) if deviance(middle) < limit else (inner, middle)
    return (inner + outer) / 2


def _dispersion(data: _Data, share: Floats) -> float:
    residuals = data.pearson(share)
    scale = float((residuals**2).sum()) / (len(data.x) - _PARAMETERS)
    square = max(float((residuals**2).sum()), _TINY)
    together = min(max(float((residuals[1:] * residuals[:-1]).sum()) / square, 0.0), 0.9)
    return max(1.0, scale * (1 + together) / (1 - together))


def _qaicc(deviance: float, parameters: int, count: int, scale: float) -> float:
    # The dispersion is one more parameter.
    k = parameters + 1
    return deviance / scale + 2 * k + 2 * k * (k + 1) / max(count - k - 1, 1)


def _together(residuals: Floats) -> float:
    """P(neighbours differ as little | independent residuals), by von Neumann's ratio (1941)."""
    count = len(residuals)
    spread = float(((residuals - residuals.mean()) ** 2).sum())
    if spread <= 0:
        return 1.0
    ratio = float((np.diff(residuals) ** 2).sum()) / spread
    return float(ndtr((ratio - 2) / np.sqrt(4 * (count - 2) / (count**2 - 1))))
