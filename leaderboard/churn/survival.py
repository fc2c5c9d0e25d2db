"""How long a place in the top k lasts: Kaplan-Meier over spells (pure).

This is the naive reading: names and dates as published, so that a tie at the edge, a rename or a
monthly cadence all count as they stand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast

from leaderboard.answers import HalfLife
from leaderboard.churn.spells import spells
from leaderboard.snapshots import Snapshot

METHOD = "kaplan-meier-naive"
LABEL = "naive, as published"


def naive_half_life(snapshots: Sequence[Snapshot], k: int = 5) -> HalfLife | None:
    """Median days in the top k, over the boards of one arena.

    Kaplan-Meier over the spells whose entry was seen (the age of the others is unknown); an exit
    is dated at the first board without the model, and a spell that is still running at the last
    board is right-censored. The 95 % interval is the log-log one of the curve. A median that the
    curve does not reach is `None`, with the longest time that more than half survive as a bound.

    Returns `None` where nothing can be said: fewer than two boards, or no entry seen.
    """
    if len(snapshots) < 2:
        return None
    # Imported here: it brings pandas and scipy, and only `refresh` computes this.
    from lifelines import KaplanMeierFitter

    seen = [spell for spell in spells(snapshots, k) if spell.entry_seen]
    if not seen:
        return None
    fitter = KaplanMeierFitter()
    fitter.fit([spell.days for spell in seen], event_observed=[spell.ended for spell in seen])
    median = _half(fitter.survival_function_)
    band: Any = fitter.confidence_interval_
    low, high = (_half(band[[column]]) for column in band.columns)
    times = sorted(snapshot.published_at for snapshot in snapshots)
    return HalfLife(
        source=snapshots[0].source,
        arena=snapshots[0].arena,
        k=k,
        method=METHOD,
        label=LABEL,
        median_days=median,
        low_days=low,
        high_days=high,
        at_least_days=None if median is not None else max(spell.days for spell in seen),
        spells=len(seen),
        exits=sum(spell.ended for spell in seen),
        snapshots=len(snapshots),
        first_at=times[0],
        last_at=times[-1],
    )


def _half(curve: Any) -> float | None:
    """The first time at which a curve is at most one half, `None` if it never is.

    Rounded first: one half multiplied together from fractions may come out as 0.5000000000000001.
    """
    from lifelines import utils

    days = float(cast(Any, utils).qth_survival_time(0.5, curve.squeeze("columns").round(9)))
    return days if math.isfinite(days) else None
