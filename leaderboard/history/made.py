"""Boards that churnboard made itself -> snapshots and tidy text, as outside boards come (pure)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from leaderboard.answers import EVALS, Board
from leaderboard.history.tidy import TIDY
from leaderboard.snapshots import SIMULATED, Entry, Snapshot

OWN = "own"
"""`Entry.kind` of a model that stands for itself."""
REPLAY = "replay"
"""The source of the boards of `leaderboard.history.replay`."""
RESERVED = frozenset({EVALS, REPLAY})
"""Sources that no imported file may name."""
_DECIMALS = 2
_FIELDS = tuple(field for field in TIDY if field not in ("source", "arena", "published_at"))


def snapshot_of(
    board: Board,
    arena: str,
    at: datetime,
    released: Mapping[str, date],
    source: str = EVALS,
) -> Snapshot:
    """The models of a rated board that can be picked, as a snapshot.

    Args:
        board: made by `leaderboard.boards.rated`; its anchors bound the scale and hold no place.
        arena: of the snapshot.
        at: of the snapshot.
        released: model -> day of its release, where that is known.
        source: of the snapshot.

    Ratings are rounded to a hundredth of a point: what lies below is arithmetic and no news.
    """
    return Snapshot(
        source,
        arena,
        at,
        tuple(
            Entry(
                rank=row.rank,
                model=row.model,
                # As it is read back: cells are stripped, and blank is none.
                organization=(row.vendor or "").strip() or None,
                score=round(row.rating, _DECIMALS),
                score_low=_rounded(row.rating_low),
                score_high=_rounded(row.rating_high),
                released=released.get(row.model),
                kind=SIMULATED if row.simulated else OWN,
            )
            for row in sorted(
                (row for row in board.rows if row.rank is not None), key=lambda row: row.rank or 0
            )
        ),
    )


def as_tidy(snapshots: Iterable[Snapshot]) -> str:
    """Snapshots as the CSV that `leaderboard.sources.tidy` reads back unchanged."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([TIDY["source"], TIDY["arena"], TIDY["published_at"], *map(TIDY.get, _FIELDS)])
    for board in snapshots:
        head = board.source, board.arena, board.published_at.isoformat()
        for entry in board.entries:
            values = (getattr(entry, field) for field in _FIELDS)
            lines.writerow([*head, *("" if value is None else value for value in values)])
    return text.getvalue()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DECIMALS)
