"""What the bump chart draws of a board's rows (pure): which boards, which places, how sure.

Published intervals are compared pairwise on one board, which is coarser than a rank set: it says
which places the page itself cannot tell apart, not which ones a joint test would leave open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from leaderboard.answers import SnapshotRow

DEPTH = 8
"""How many places are drawn at most, unless the top itself is deeper."""
BELOW = 3
"""Places drawn below the top k, so that one sees who knocks at the door."""


@dataclass(frozen=True)
class Place:
    """One model on one board."""

    published_at: datetime
    model: str
    organization: str | None
    rank: int
    score: float | None
    first: int
    last: int
    """Places of the models whose published intervals overlap this one's, its own included; the
    rank itself where no interval is published."""
    at_edge: bool
    """Its interval overlaps the other side of the edge between the places k and k + 1."""
    repeated: bool
    """The board says the same as the one before it."""


def places(rows: Sequence[SnapshotRow], top: int) -> tuple[Place, ...]:
    """The places that are worth drawing, by board and rank.

    Repeats of a board are dropped but for the last one before a change and the last of all:
    without those, a line would lean through weeks in which nothing moved.

    Args:
        rows: one source and arena, in any order; rows without a rank are not drawn.
        top: k, at least 1.
    """
    ranked = sorted(
        ((row, row.rank) for row in rows if row.rank is not None),
        key=lambda pair: (pair[0].published_at, pair[1], pair[0].model),
    )
    if not ranked:
        return ()
    boards = [list(board) for _, board in groupby(ranked, key=lambda pair: pair[0].published_at)]
    told = [
        [(row.model, rank, row.score, row.score_low, row.score_high) for row, rank in board]
        for board in boards
    ]
    same = [False, *(later == sooner for sooner, later in pairwise(told))]
    drawn = [
        (board, repeated)
        for i, (board, repeated) in enumerate(zip(boards, same, strict=True))
        if not repeated or i + 1 == len(boards) or not same[i + 1]
    ]
    depth = min(max(DEPTH, top + BELOW), max(rank for _, rank in ranked))
    return tuple(
        _place(row, rank, board, top, repeated)
        for board, repeated in drawn
        for row, rank in board
        if rank <= depth
    )


Ranked = tuple[SnapshotRow, int]


def _place(row: SnapshotRow, rank: int, board: Sequence[Ranked], top: int, repeated: bool) -> Place:
    tied = [at for other, at in board if other is row or _overlap(row, other)]
    return Place(
        published_at=row.published_at,
        model=row.model,
        organization=row.organization,
        rank=rank,
        score=row.score,
        first=min(tied),
        last=max(tied),
        at_edge=any((at <= top) != (rank <= top) for at in tied),
        repeated=repeated,
    )


def _overlap(one: SnapshotRow, other: SnapshotRow) -> bool:
    if one.score_low is None or one.score_high is None:
        return False
    if other.score_low is None or other.score_high is None:
        return False
    return one.score_low <= other.score_high and other.score_low <= one.score_high
