"""The half-life with the measurement noise taken out (pure).

Strengths are drawn as whole paths, with the times at which models came and went; membership of
the top k, stays and their survival curve follow in each draw, and the draws are combined. A
model's stay therefore ends when a stronger one came or it was withdrawn, not when two ties swap.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from leaderboard.churn.answers import Estimate
from leaderboard.churn.arrivals import draw_arrivals, draw_departures, together
from leaderboard.churn.curves import Between, Curve, average
from leaderboard.churn.membership import Stays, stays
from leaderboard.churn.panel import Bools, Floats, Ints, Panel
from leaderboard.churn.published import poisson_interval
from leaderboard.churn.scatter import Scatter
from leaderboard.churn.strengths import Levels, draw_frozen, draw_paths, levels
from leaderboard.snapshots import NORMAL_95

DRAWS = 200
FEWEST_EXITS = 2.0
"""Mean exits in a draw below which no headline is given."""
UNREACHED = "the curve stays above one half as far as it goes"
_REACH = 5.0
"""A model that stays so many standard errors under the top k all its life is left out of draws."""


@dataclass(frozen=True)
class Worlds:
    """D histories that the boards leave open."""

    panel: Panel
    chosen: Ints
    """Models that could be in the top k at some time."""
    levels: Levels
    strength: Floats
    """(D, len(chosen)), or (D, len(chosen), G) on `grid`."""
    grid: Floats
    """(G,) days; empty for strengths that stay."""
    came: Floats
    """(D, len(chosen)) days; -inf = before the first board."""
    went: Floats
    stays: Stays
    """Their `model` counts within `chosen`."""
    end: float

    @property
    def last_strength(self) -> Floats:
        """(D, len(chosen)) strengths on the last board."""
        if self.strength.ndim == 2:
            return self.strength
        return self.strength[:, :, int(np.searchsorted(self.grid, self.end, side="right")) - 1]


def draw_worlds(panel: Panel, scatter: Scatter, k: int, draws: int, seed: int) -> Worlds:
    """Draw histories: strengths, times of coming and going, and the stays in the top k."""
    rng = np.random.default_rng(seed)
    end = float(panel.days[-1])
    found = levels(panel, scatter)
    chosen = np.flatnonzero(_within_reach(panel, found, scatter.drift * end, k))
    if scatter.drift:
        grid, strength = draw_paths(panel, scatter, found, chosen, draws, rng)
        since = np.maximum(panel.appeared[chosen, 1], 0.0)
        first: Ints = np.asarray(np.searchsorted(grid, since), dtype=np.intp)
        arriving = strength[:, np.arange(len(chosen)), np.minimum(first, len(grid) - 1)]
    else:
        grid, strength = np.zeros(0), draw_frozen(found, draws, rng)[:, chosen]
        arriving = strength
    part = panel.only(chosen)
    came = draw_arrivals(part, arriving, found.trend, together(panel), rng)
    if scatter.drift:
        # What was in the top on the first board may have come to it at any time.
        came = np.where(came < 0, -np.inf, came)
    went = np.maximum(draw_departures(part, draws, rng), came)
    found_stays = stays(strength, came, went, grid, 0.0, end, k)
    if panel.truncated:
        # Leaving such a board is falling under its last place, not being withdrawn.
        found_stays = replace(found_stays, withdrawn=np.zeros_like(found_stays.withdrawn))
    return Worlds(
        panel,
        chosen,
        found,
        strength,
        grid,
        came,
        went,
        found_stays,
        end,
    )


def stay_curve(worlds: Worlds) -> Curve:
    """Survival of a stay in the top k from its beginning; its median is the half-life.

    Over stays whose beginning is known; one that was running on the first board counts from its
    age there (delayed entry), if its release is known.
    """
    known, entry, until = _ages(worlds.stays)
    return average(
        worlds.stays.draw[known],
        entry,
        until,
        worlds.stays.ended[known],
        worlds.stays.draws,
        between=_between(worlds),
    )


def _between(worlds: Worlds) -> Between:
    """How the draws vary beside the truth; see the docstring of `curves`."""
    if not np.isfinite(worlds.levels.trend.spread):
        return 1
    return -1 if worlds.strength.ndim == 2 else 0


def half_life(worlds: Worlds, curve: Curve) -> Estimate:
    """Median stay of a model that enters the top k, with a 95 % interval.

    The interval is where the curve's band crosses one half, widened where stays share their fate:
    stays that overlap end by the same releases, and however many they are, the number of exits is
    a count with a variance of its own. On the log scale the variance of one exact history is
    therefore never below c / exits, where c is 1 if exits come one by one, and the mean number of
    exits at the time of an exit where they come in clusters; what averaging the draws takes away
    of it is told by the curve. An interval that is open above is left as the band gives it.
    """
    median, found = curve.median, curve.interval()
    missing = missing_exits(worlds)
    if missing:
        reason = f"too little history: {exits(worlds):.1f} exits, {missing} more are needed"
        return Estimate(None, at_least_days=least_days(worlds.stays), reason=reason)
    if median is None or found is None:
        least = least_days(worlds.stays) if found is None else found[0]
        return Estimate(None, found, least, UNREACHED)
    low, high = found
    if high is None or low <= 0:
        return Estimate(median, found)
    at = int((curve.share <= 0.5).argmax())
    left = float(curve.variance[at] / curve.exact[at]) if curve.exact[at] > 0 else 1.0
    count = _company(worlds.stays) / max(exits(worlds), 1.0)
    least = 2 * NORMAL_95 * (count * left) ** 0.5
    stretch = max(1.0, least / max(float(np.log(high / low)), 1e-9))
    return Estimate(
        median, (median * (low / median) ** stretch, median * (high / median) ** stretch)
    )


def _company(stays: Stays) -> float:
    """Mean number of stays that ended at the very time of an ended stay, itself among them."""
    ended = stays.ended & np.isfinite(stays.entered)
    at = np.stack([stays.draw[ended].astype(np.float64), stays.until[ended]])
    if not at.shape[1]:
        return 1.0
    numbers = np.unique(at, axis=1, return_counts=True)[1]
    return float((numbers**2).sum() / numbers.sum())


def missing_exits(worlds: Worlds) -> int:
    """How many more exits are needed before a number is given; 0 = enough."""
    return max(0, math.ceil(FEWEST_EXITS - exits(worlds)))


def least_days(stays: Stays) -> float | None:
    """Lower 97.5 % bound of the half-life under a constant rate of exits, from however few.

    ln 2 x days held / the largest number of exits that the one seen is likely under.
    """
    if stays.held <= 0:
        return None
    return math.log(2) * stays.held / poisson_interval(stays.exits)[1]


def exits(worlds: Worlds) -> float:
    """Mean number of ended stays with a known beginning in a draw."""
    known = np.isfinite(worlds.stays.entered)
    return float((worlds.stays.ended & known).sum() / worlds.stays.draws)


def _ages(found: Stays) -> tuple[Bools, Floats, Floats]:
    known = np.isfinite(found.entered)
    entered = found.entered[known]
    return known, np.maximum(0.0, -entered), found.until[known] - entered


def _within_reach(panel: Panel, found: Levels, wander: float, k: int) -> Bools:
    """(M,) could it be among the k best at some time?

    Whoever is certainly under k others, each certainly listed, whenever it may be listed itself
    never is, and moves nobody. Nothing of that changes between two of the days at which somebody
    may come or go.
    """
    mean, variance = found.posterior
    reach = _REACH * np.sqrt(variance + wander)
    low, high = mean - reach, mean + reach
    end = panel.days[-1]
    ends = np.concatenate([panel.appeared.ravel(), panel.left.ravel(), [0.0, end]])
    turns = np.unique(np.clip(ends, 0.0, end))
    possible = np.zeros(len(mean), dtype=np.bool_)
    for day in (turns[1:] + turns[:-1]) / 2:
        surely = (panel.appeared[:, 1] < day) & (day < panel.left[:, 0])
        perhaps = (panel.appeared[:, 0] < day) & (day < panel.left[:, 1])
        if surely.sum() >= k:
            perhaps &= high >= np.partition(low[surely], -k)[-k]
        possible |= perhaps
    return possible
