"""The generic format: a CSV or Parquet file with one line per model, board and date.

Described for people in docs/import.md. The source is the file's own `source` column.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from leaderboard.history.tidy import TIDY, Layout, read_tidy
from leaderboard.snapshots import Feed

NAME = "tidy"
_LAYOUT = Layout(TIDY, NAME)


def read(path: Path, now: datetime) -> Feed:
    """Every board in the file. Raises `SnapshotError` with file, row and column."""
    return read_tidy(path, _LAYOUT, now)
