"""When models came and went between two boards, drawn for many draws at once (pure).

A board shows that a model is there, not since when. Dating every arrival at the board that shows
it would lose the stays that begin and end between two boards. Instead each draw places it at a
time between the two, by three rules:

- where releases gain strength over time, a stronger model is likelier the later arrival of two
  (the density of the time given the strength is a normal one, cut to the interval);
- models that come in clusters are likelier to have come together. How often they do is read off
  the numbers of arrivals per board: their variance exceeds their mean by the size of clusters;
- a departure lies anywhere between its two boards.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from leaderboard.churn.panel import Floats, Panel
from leaderboard.churn.strengths import Trend

_FLAT = 1e6
"""Days within which releases gain less than their own spread: a trend so slow is none."""


def together(panel: Panel) -> float:
    """Estimated P(two models that appear on one board came at one time), 0 to below 1.

    With N arrivals a board, and clusters whose size is drawn anew, an arrival shares its board
    with E[N(N-1)]/E[N] others, and all but E[N] of them came with it. The time between boards is
    taken from the data; 0 with fewer than ten arrivals whose time is not known.
    """
    open_ = np.isfinite(panel.appeared[:, 0]) & (panel.appeared[:, 0] < panel.appeared[:, 1])
    first = panel.appeared[open_, 1]
    if len(first) < 10 or len(panel.days) < 10:
        return 0.0
    numbers = np.array([(first == day).sum() for day in panel.days[1:]])
    # Boards are not evenly spaced: expect arrivals in proportion to the days between them.
    expected = np.diff(panel.days) * numbers.sum() / panel.days[-1]
    others = float((numbers * (numbers - 1)).sum() / numbers.sum())
    chance = float((expected**2).sum() / expected.sum())
    return float(np.clip((others - chance) / others, 0.0, 0.98)) if others > 0 else 0.0


def draw_departures(panel: Panel, draws: int, rng: np.random.Generator) -> Floats:
    """(D, M) days at which models left; inf for those still listed."""
    low, high = panel.left[:, 0], panel.left[:, 1]
    finite = np.isfinite(high)
    width = np.where(finite, high - np.where(finite, low, 0.0), 0.0)
    drawn = np.where(finite, low, 0.0) + rng.random((draws, len(low))) * width
    return np.where(finite, drawn, np.inf)


def draw_arrivals(
    panel: Panel, strength: Floats, trend: Trend, same: float, rng: np.random.Generator
) -> Floats:
    """(D, M) days at which models came; -inf for those of the first board.

    Args:
        panel: of M models.
        strength: (D, M) drawn strengths at arrival.
        trend: how strength at release rises with time, and its spread.
        same: P(two models of one board came together), see `together`.
        rng: source of randomness.
    """
    draws = len(strength)
    low, high = panel.appeared[:, 0], panel.appeared[:, 1]
    between = np.isfinite(low) & np.isfinite(high) & (low < high)
    came = np.broadcast_to(np.where(np.isfinite(low), high, -np.inf), strength.shape).copy()
    pinned = np.isfinite(high) & (low == high)
    came[:, pinned] = high[pinned]
    if not between.any():
        return came
    chosen = np.flatnonzero(between)
    came[:, chosen] = _times(strength[:, chosen], low[chosen], high[chosen], trend, rng)
    if same > 0:
        weight = (1 - same) / same
        for day in np.unique(high[chosen]):
            _cluster(came, chosen[high[chosen] == day], weight, draws, rng)
    return came


def _times(
    strength: Floats, low: Floats, high: Floats, trend: Trend, rng: np.random.Generator
) -> Floats:
    share = rng.random(strength.shape)
    # Too flat a trend cannot tell one day of an interval from another.
    if trend.slope * _FLAT <= trend.spread:
        return low + share * (high - low)
    # Releases of a time t are normal around level + slope t; seen from the strength, so is t.
    width = trend.spread / trend.slope
    middle = (strength - trend.level) / trend.slope
    from_, to = ndtr((low - middle) / width), ndtr((high - middle) / width)
    # Far out in a tail the two are one number: there the nearer end takes it all.
    flat = to - from_ < 1e-12
    drawn = middle + width * ndtri(np.clip(from_ + share * (to - from_), 1e-300, 1 - 1e-16))
    drawn = np.where(flat, np.where(middle > high, high, low), drawn)
    return np.clip(drawn, low, high)


def _cluster(
    came: Floats, members: np.ndarray, weight: float, draws: int, rng: np.random.Generator
) -> None:
    """Let members of one board join one another, each pair with probability 1 / (1 + weight)."""
    rows = np.arange(draws)
    for n in range(1, len(members)):
        joins = rng.random(draws) < n / (n + weight)
        other = members[rng.integers(0, n, draws)]
        came[:, members[n]] = np.where(joins, came[rows, other], came[:, members[n]])
