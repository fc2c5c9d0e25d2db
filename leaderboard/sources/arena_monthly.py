"""Arena's month-end boards as a CSV: arena, published_on, rank, model, organization, score.

The shipped `data/history/arena_monthly_top8.csv` has this form (see the README beside it). Ranks
run 1, 2, 3, … without a gap: a board is cut off at the bottom and nowhere else.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from leaderboard.history.tidy import Layout, read_tidy
from leaderboard.snapshots import Feed

NAME = "arena"
_LAYOUT = Layout(
    {
        "arena": "arena",
        "published_at": "published_on",
        "rank": "rank",
        "model": "model",
        "organization": "organization",
        "score": "score",
    },
    NAME,
    ranked=True,
    contiguous=True,
)


def read(path: Path, now: datetime) -> Feed:
    """Every board in the file. Raises `SnapshotError` with file, row and column."""
    return read_tidy(path, _LAYOUT, now)
