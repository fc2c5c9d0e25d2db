"""Who is about to fall out of the top (pure)."""

from __future__ import annotations

import numpy as np

from leaderboard.churn.headline import Worlds
from leaderboard.churn.panel import Floats, Ints

DAYS = 30.0


def p_top(worlds: Worlds, k: int) -> dict[str, float]:
    """P(its strength is among the k best of those listed on the last board)."""
    listed = _listed(worlds)
    strength = worlds.last_strength[:, listed]
    place = (strength[:, :, None] < strength[:, None, :]).sum(axis=2)
    return _by_name(worlds, listed, (place < k).mean(axis=0))


def p_leaves(
    worlds: Worlds, k: int, wander: float, seed: int, days: float = DAYS
) -> dict[str, float] | None:
    """P(outside the top k so many days after the last board), for every model that is listed.

    Each draw is carried on: releases come at the rate of the history, as strong as the trend of
    releases says for their day; strengths wander on where they were found to; models are
    withdrawn at the rate at which models were. `None` where nothing is known of releases to come
    (a board that shows only its first places, or too few releases).

    Args:
        worlds: drawn histories.
        k: number of places.
        wander: variance that a strength gains per day.
        seed: of the releases to come.
        days: how far ahead.
    """
    panel, trend = worlds.panel, worlds.levels.trend
    if not np.isfinite(trend.spread) or worlds.end <= 0:
        return None
    rng = np.random.default_rng(seed)
    listed = _listed(worlds)
    now = worlds.last_strength[:, listed]
    draws = len(now)
    came = np.isfinite(panel.appeared[:, 1]) & (panel.appeared[:, 1] > 0)
    released = rng.poisson(came.sum() / worlds.end * days, draws)
    ahead = np.arange(max(int(released.max()), 1)) < released[:, None]
    when = worlds.end + rng.random(ahead.shape) * days
    new = trend.level + trend.slope * when + rng.normal(size=ahead.shape) * trend.spread
    new = np.where(ahead, new, -np.inf)
    then = now + rng.normal(size=now.shape) * (wander * days) ** 0.5
    gone = rng.random(now.shape) < -np.expm1(-_withdrawals(worlds) * days)
    then = np.where(gone, -np.inf, then)
    place = (then[:, :, None] < then[:, None, :]).sum(axis=2)
    place += (then[:, :, None] < new[:, None, :]).sum(axis=2)
    return _by_name(worlds, listed, ((place >= k) | gone).mean(axis=0))


def _listed(worlds: Worlds) -> Ints:
    """Which of `worlds.chosen` are on the last board."""
    return np.flatnonzero(~np.isfinite(worlds.panel.left[worlds.chosen, 0]))


def _by_name(worlds: Worlds, listed: Ints, odds: Floats) -> dict[str, float]:
    models = [worlds.panel.models[int(i)] for i in worlds.chosen[listed]]
    return dict(zip(models, odds.tolist(), strict=True))


def _withdrawals(worlds: Worlds) -> float:
    """Rate per day at which a listed model was taken off the board."""
    panel = worlds.panel
    left = panel.left[:, 1]
    begin: Floats = np.maximum(panel.appeared[:, 1], 0.0)
    held = np.minimum(np.where(np.isfinite(left), left, worlds.end), worlds.end) - begin
    return float(np.isfinite(left).sum() / max(float(held.sum()), 1.0))
