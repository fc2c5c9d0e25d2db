"""An outside snapshot -> a board (pure): as published, with the rank sets its intervals allow.

Ratings and their intervals are the source's own, on its own scale. Where every model has an
interval, rank sets and odds follow from normal errors whose standard error is the published
half-width / 1.96. Sources publish no covariance, so the errors are taken as independent between
models. Where a source holds one model fixed (an interval without width) the others' errors share
that model's own, and their differences are known better than is reckoned here: the sets are then
wide rather than narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderboard.answers import ALL_DOMAINS, Board, BoardRow, LeftOut
from leaderboard.ratings.bradley_terry import Floats
from leaderboard.ratings.rank_sets import RankSet, joint_draws, rank_sets, top_odds
from leaderboard.ratings.rate import DRAWS
from leaderboard.snapshots import NORMAL_95, Entry, Snapshot

_EXAMPLES = 3


@dataclass(frozen=True)
class _Open:
    """What a row says beside its rating where the intervals of all rows are known."""

    ranks: RankSet
    p_best: float
    p_top5: float


def outside_board(snapshot: Snapshot, draws: int = DRAWS, seed: int = 0) -> Board:
    """The models that the source ranks and scores, in its own order.

    Args:
        snapshot: as published.
        draws: number of joint normal draws behind rank sets and odds.
        seed: of the draws.

    A model without a rank or a score has no row: a place that the source withholds (a model
    retired, or too new) is not made up from its score. What is left out, and what the sets rest
    on, is said in `left_out`.
    """
    shown = [
        (entry, entry.score)
        for entry in snapshot.entries
        if entry.rank is not None and entry.score is not None
    ]
    ranked = [entry for entry in snapshot.entries if entry.rank is not None]
    unranked = [entry.model for entry in snapshot.entries if entry.rank is None]
    left_out = [
        LeftOut(entry.model, "published without a score") for entry in ranked if entry.score is None
    ]
    if unranked:
        left_out.append(
            LeftOut(f"{len(unranked)} unranked", f"published without a rank: {_some(unranked)}")
        )
    widths = [
        (entry.score_high - entry.score_low) / 2
        for entry, _ in shown
        if entry.score_low is not None and entry.score_high is not None
    ]
    found: list[_Open] | None = None
    if shown and len(widths) == len(shown):
        names = [entry.model for entry, _ in shown]
        found = _open(names, [score for _, score in shown], widths, draws, seed)
        left_out.append(
            LeftOut(
                "covariance between models",
                "not published: rank sets and odds take their errors as independent",
            )
        )
    elif widths:
        bare = [e.model for e, _ in shown if e.score_low is None or e.score_high is None]
        left_out.append(
            LeftOut(
                "rank sets and odds",
                f"{len(bare)} of {len(shown)} models are published without an interval:"
                f" {_some(bare)}",
            )
        )
    return Board(
        source=snapshot.source,
        task=snapshot.arena,
        domain=ALL_DOMAINS,
        at=snapshot.published_at,
        suite_id=None,
        suite_version=None,
        simulated=any(entry.simulated for entry, _ in shown),
        reference=None,
        metrics=(),
        rows=tuple(
            _row(entry, score, found[number] if found else None)
            for number, (entry, score) in enumerate(shown)
        ),
        left_out=tuple(left_out),
    )


def _open(
    names: Sequence[str],
    scores: Sequence[float],
    half_widths: Sequence[float],
    draws: int,
    seed: int,
) -> list[_Open]:
    point = np.array(scores, dtype=np.float64)
    covariance: Floats = np.diag((np.array(half_widths, dtype=np.float64) / NORMAL_95) ** 2)
    worlds = joint_draws(names, point, covariance, draws, seed)
    sets = rank_sets(point, worlds, covariance)
    best, five = top_odds(worlds, 1), top_odds(worlds, 5)
    return [
        _Open(ranks, float(first), float(among))
        for ranks, first, among in zip(sets, best, five, strict=True)
    ]


def _row(entry: Entry, score: float, found: _Open | None) -> BoardRow:
    return BoardRow(
        model=entry.model,
        name=entry.model,
        vendor=entry.organization,
        anchor=None,
        simulated=entry.simulated,
        rank=entry.rank,
        rank_low=found.ranks.low if found else None,
        rank_high=found.ranks.high if found else None,
        rating=score,
        rating_low=entry.score_low,
        rating_high=entry.score_high,
        p_best=found.p_best if found else None,
        p_top5=found.p_top5 if found else None,
        comparisons=float(entry.votes or 0),
        prompts=0,
        failure_rate=None,
        latency_p50_s=None,
        latency_p95_s=None,
        cost_usd=None,
        cost_basis=None,
        scores=entry.scores,
    )


def _some(names: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = len(names) - _EXAMPLES
    return ", ".join(names[:_EXAMPLES]) + (f" and {more} more" if more > 0 else "")
