"""Half-life through time, and whether it has changed (pure).

Within a short stretch there are too few exits for a survival curve, so a stretch is described by
its rate: ln 2 x days spent in the top / exits. Its half-life is exponential, and is not the
headline of that stretch.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from scipy.special import xlogy

from leaderboard.churn.answers import Change, Estimate, Window
from leaderboard.churn.membership import Stays
from leaderboard.churn.panel import Floats
from leaderboard.churn.published import poisson_interval
from leaderboard.snapshots import NORMAL_95

WIDTH = 180.0
"""Days of a stretch, or half of a history shorter than a year."""
STEPS = 6
"""Stretches begin a sixth of their width after one another."""
FEWEST = 4.0
"""Exits below which a change is not looked for."""
SIMULATIONS = 999
_EDGE = 0.05
"""Share of the time spent, at either end, within which a change is not looked for."""


def windows(stays: Stays, start: datetime, end: float) -> tuple[Window, ...]:
    """Half-lives of overlapping stretches; those that reach the last board are provisional.

    The interval is the exact Poisson one of the mean number of exits, widened on the log scale by
    the variance of the rate between the draws.
    """
    width = min(WIDTH, end / 2)
    if width <= 0:
        return ()
    # From the last board backwards, so that the newest stretch is a whole one.
    lasts = np.arange(end, width - 1e-9, -width / STEPS)[::-1]
    return tuple(_window(stays, start, float(last - width), float(last), end) for last in lasts)


def _window(stays: Stays, start: datetime, low: float, high: float, end: float) -> Window:
    exposure, count = _exposure(stays, low, high), _exits(stays, low, high)
    mean = float(count.mean())
    days = float(exposure.mean())
    if mean < 0.5:
        least = np.log(2) * days / poisson_interval(0)[1]
        estimate = Estimate(None, at_least_days=float(least), reason="hardly an exit")
    else:
        middle = float(np.log(2) * days / mean)
        fewest, most = poisson_interval(mean)
        between = float(np.log((count + 0.5) / np.maximum(exposure, 1e-9)).std())
        low_log = -np.hypot(np.log(most / mean), NORMAL_95 * between)
        high_log = np.hypot(np.log(mean / fewest), NORMAL_95 * between)
        # Less than one exit bounds nothing above.
        upper = middle * float(np.exp(high_log)) if mean >= 1 else None
        estimate = Estimate(middle, (middle * float(np.exp(low_log)), upper))
    return Window(
        start + timedelta(days=low),
        start + timedelta(days=high),
        mean,
        estimate,
        provisional=high >= end - 1e-9,
    )


def change(stays: Stays, start: datetime, end: float, seed: int) -> Change | None:
    """Test one change of the rate of exits: the largest likelihood ratio over all dates.

    Given their number, exits of a constant rate fall evenly over the days spent in the top. Their
    places under that rule are simulated, the same for all draws; the p-value is the median of the
    draws'. `None` with fewer than `FEWEST` exits.
    """
    counts = np.bincount(stays.draw[stays.ended], minlength=stays.draws)
    number = round(float(counts.mean()))
    if number < FEWEST:
        return None
    rng = np.random.default_rng(seed)
    null = _ratio(np.sort(rng.random((SIMULATIONS, number)), axis=1))[0]
    places: list[float] = []
    values: list[float] = []
    clock = np.linspace(0.0, end, 400)
    for draw in range(stays.draws):
        mine = stays.draw == draw
        ended = stays.until[mine & stays.ended]
        if len(ended) < 2:
            continue
        entered = np.maximum(stays.entered[mine], 0.0)
        held = np.clip(clock[:, None] - entered, 0.0, stays.until[mine] - entered)
        spent: Floats = held.sum(axis=1) / held[-1].sum()
        at: Floats = np.interp(np.sort(ended), clock, spent)
        ratio, place = _ratio(at[None, :])
        values.extend(ratio.tolist())
        places.extend(np.interp(place, spent, clock).tolist())
    if not values:
        return None
    p = (1 + (null[None, :] >= np.array(values)[:, None]).sum(axis=1)) / (SIMULATIONS + 1)
    at_day = float(np.median(places))
    before, after = (_rate_days(stays, low, high) for low, high in ((0.0, at_day), (at_day, end)))
    return Change(start + timedelta(days=at_day), before, after, float(np.median(p)))


def _ratio(places: Floats) -> tuple[Floats, Floats]:
    """Largest likelihood ratio of two rates against one, (S,), and where, (S,).

    `places` (S, N) are sorted shares of the time spent. Between two exits the ratio is convex in
    the date, so that it is largest just after an exit, just before one, or at an end. Changes
    within a twentieth of either end are not looked for: there one exit makes a rate.
    """
    n = places.shape[1]
    ends: Floats = np.tile([_EDGE, 1 - _EDGE], (len(places), 1))
    at: Floats = np.concatenate([places, places, ends], axis=1)
    upto: Floats = np.tile(np.arange(1.0, n + 1), (len(places), 1))
    below: Floats = (places[:, :, None] <= ends[:, None, :]).sum(axis=1).astype(np.float64)
    before: Floats = np.concatenate([upto, upto - 1, below], axis=1)
    possible = (at >= _EDGE) & (at <= 1 - _EDGE)
    at = np.clip(at, _EDGE, 1 - _EDGE)
    likelihood: Floats = xlogy(before, before / n / at) + xlogy(
        n - before, (n - before) / n / (1 - at)
    )
    likelihood = np.where(possible, likelihood, 0.0)
    best = likelihood.argmax(axis=1)
    rows = np.arange(len(places))
    return likelihood[rows, best], at[rows, best]


def _exposure(stays: Stays, low: float, high: float) -> Floats:
    """(D,) days that places of the top were held between two days."""
    held = np.minimum(stays.until, high) - np.maximum(stays.entered, low)
    return np.bincount(stays.draw, np.maximum(held, 0.0), stays.draws).astype(np.float64)


def _exits(stays: Stays, low: float, high: float) -> Floats:
    """(D,) stays that ended after `low` and not after `high`."""
    ended = stays.ended & (stays.until > low) & (stays.until <= high)
    return np.bincount(stays.draw[ended], minlength=stays.draws).astype(np.float64)


def _rate_days(stays: Stays, low: float, high: float) -> float | None:
    count = float(_exits(stays, low, high).mean())
    return float(np.log(2) * _exposure(stays, low, high).mean() / count) if count else None
