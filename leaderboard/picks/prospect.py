"""What may come to a board, read off its history: releases, noise, prices, withdrawals (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.churn.spells import bridged, spells
from leaderboard.picks.field import Field
from leaderboard.picks.outside_field import Estimates, list_price
from leaderboard.ratings.bradley_terry import Floats
from leaderboard.snapshots import Snapshot

TOP = 5
"""Places whose departures are counted."""
FEWEST_EXITS = 5
FEWEST_RELEASES = 3


@dataclass(frozen=True)
class Prospect:
    """How a board has moved so far. Points are those of the field, times are days."""

    exits: float
    """Departures from the top five that the history shows."""
    cadence: float
    """Mean days between two distinct boards."""
    releases: int
    """Seen in so many days:"""
    watched: float
    level: float
    slope: float
    spread: float
    """Strength of a release t days from the newest board: normal around `level + slope t`; spread
    is inf where nothing is known but `gaps`."""
    gaps: Floats
    """(N,) how far above the then best each release of the past came in; mostly below 0."""
    noise: Floats
    """(M,) variance that one more board adds to a model's measurement."""
    entry_noise: float
    """The same of a release on its first board."""
    lasting: Floats
    """(M,) variance of today's estimates that no further board resolves."""
    wander: float
    """Variance that a strength gains."""
    withdrawals: int
    """Seen in so many model-days:"""
    listed: float
    prices: Floats
    """(P,) those of the board: what a release may cost."""
    factors: Floats
    """(R,) new price over old of each change that was seen, in so many model-days:"""
    priced: float


def prospect(field: Field, read: Estimates | str, boards: Sequence[Snapshot]) -> Prospect | str:
    """What the history says, or one line that says why it says too little.

    Args:
        field: of the newest board, in the points that the answer is in.
        read: `estimates` of `boards`.
        boards: distinct ones of one arena, in order of time, the newest that of the field.
    """
    if isinstance(read, str):
        return read
    gone = sum(spell.ended for spell in bridged(spells(boards, TOP)))
    if gone < FEWEST_EXITS:
        return f"too little history: {gone} departures from the top {TOP}, {FEWEST_EXITS} needed"
    panel, unit = read.panel, read.panel.unit
    came = np.isfinite(panel.appeared[:, 1]) & (panel.appeared[:, 1] > 0)
    end = float(panel.days[-1])
    if came.sum() < FEWEST_RELEASES:
        return f"too little history: {int(came.sum())} releases, {FEWEST_RELEASES} needed"
    if any(one.model not in panel.models for one in field.candidates):
        return "a candidate has no board in the history yet"
    names = [panel.models.index(one.model) for one in field.candidates]
    ratings = np.array([one.rating for one in field.candidates])
    zero = float((ratings - read.mean[names] * unit).mean())
    trend = read.levels.trend
    every = np.maximum(read.levels.variance - read.scatter.lasting, 0.0) * read.boards * unit**2
    young = every[came]
    changes, held = _repricings(boards)
    withdrawn, listed = _withdrawals(read)
    prices = np.array([one.price for one in field.candidates if one.price is not None])
    return Prospect(
        exits=float(gone),
        cadence=end / (len(panel.days) - 1),
        releases=int(came.sum()),
        watched=end,
        level=(trend.level + trend.slope * end) * unit + zero,
        slope=trend.slope * unit,
        spread=trend.spread * unit,
        gaps=_gaps(read) * unit,
        noise=every[names],
        entry_noise=float(np.median(young)),
        lasting=(read.levels.kept * read.scatter.lasting)[names] * unit**2,
        wander=read.scatter.drift * unit**2,
        withdrawals=withdrawn,
        listed=listed,
        prices=prices,
        factors=np.array(changes),
        priced=held,
    )


def _gaps(read: Estimates) -> Floats:
    """(N,) strength of each release above the best of those listed before it."""
    panel, level = read.panel, read.levels.mean
    seen = np.isfinite(panel.rating)
    found: list[float] = []
    for board in range(1, len(panel.days)):
        new = seen[board] & ~seen[:board].any(axis=0)
        before = seen[board - 1]
        if new.any() and before.any():
            found += (level[new] - level[before].max()).tolist()
    return np.array(found)


def _withdrawals(read: Estimates) -> tuple[int, float]:
    """How many models were taken off, and the model-days on the board; none off where absence may
    be no more than a low place.
    """
    panel = read.panel
    left, end = panel.left[:, 1], float(panel.days[-1])
    begin: Floats = np.maximum(panel.appeared[:, 1], 0.0)
    held = np.minimum(np.where(np.isfinite(left), left, end), end) - begin
    return (0 if panel.truncated else int(np.isfinite(left).sum())), float(held.sum())


def _repricings(boards: Sequence[Snapshot]) -> tuple[list[float], float]:
    """New price over old of every change, and the days for which a price was watched."""
    last: dict[str, float] = {}
    changes: list[float] = []
    held, at = 0.0, boards[0].published_at
    for board in boards:
        days = (board.published_at - at).total_seconds() / 86400
        at = board.published_at
        now = {entry.model: list_price(entry).usd for entry in board.entries}
        for model, price in now.items():
            before = last.get(model)
            if price is not None and before is not None:
                held += days
                if price != before:
                    changes.append(price / before)
        last = {model: price for model, price in now.items() if price is not None}
    return changes, held
