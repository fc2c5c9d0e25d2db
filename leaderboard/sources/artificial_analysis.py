"""Artificial Analysis boards: the tidy columns, with list prices, ids and release dates.

Some lines have no rank, among them models that it no longer calls current; they are kept as
published and take no place in the top k. Some prices are blank, zero or negative: unknown.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from leaderboard.history.tidy import TIDY, Layout, read_tidy
from leaderboard.snapshots import Feed

NAME = "aa_web"
_LAYOUT = Layout(TIDY, NAME, ranked=True)


def read(path: Path, now: datetime) -> Feed:
    """Every board in the file. Raises `SnapshotError` with file, row and column."""
    return read_tidy(path, _LAYOUT, now)
