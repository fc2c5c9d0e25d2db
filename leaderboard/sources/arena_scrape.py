"""Daily scrapes of arena.ai's boards: the tidy columns, with a published rank on every line.

A scrape is not a board: most days repeat the board of the day before.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from leaderboard.history.tidy import TIDY, Layout, read_tidy
from leaderboard.snapshots import Feed

NAME = "arena_scrape"
_LAYOUT = Layout(TIDY, NAME, ranked=True)


def read(path: Path, now: datetime) -> Feed:
    """Every board in the file. Raises `SnapshotError` with file, row and column."""
    return read_tidy(path, _LAYOUT, now)
