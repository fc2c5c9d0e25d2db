"""The public dataset of arena.ai (`lmarena-ai/leaderboard-dataset`, CC BY 4.0).

A Parquet file is one arena with its whole history: `<arena>/full-*.parquet`, and the arena is the
name of that folder. Its categories beside `overall` rank by kinds of prompt and are other boards;
they are counted and not read. Republished as CSV with the tidy columns it is read as well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from leaderboard.history.cells import Cells, read_cells
from leaderboard.history.tidy import TIDY, Layout, feed_of
from leaderboard.snapshots import Feed, Finding

NAME = "arena_hf"
CATEGORY, OVERALL = "category", "overall"
_CSV = Layout(TIDY, NAME, ranked=True)
_PARQUET = Layout(
    {
        "arena": "arena",
        "published_at": "leaderboard_publish_date",
        "model": "model_name",
        "organization": "organization",
        "licence": "license",
        "rank": "rank",
        "score": "rating",
        "score_low": "rating_lower",
        "score_high": "rating_upper",
        "votes": "vote_count",
    },
    NAME,
    # The variance says what the interval says.
    frozenset({CATEGORY, "variance"}),
    ranked=True,
)


def read(path: Path, now: datetime) -> Feed:
    """Every overall board in the file. Raises `SnapshotError` with file, row and column."""
    cells = read_cells(path)
    if "model_name" not in cells.header:
        return feed_of(path, cells, _CSV, now)
    cells, others = _overall(cells)
    feed = feed_of(path, cells, _PARQUET, now, None if "arena" in cells.header else label(path))
    return replace(feed, findings=(*feed.findings, *others))


def label(path: Path) -> str | None:
    """What the name of a kept copy must carry: the arena, which a Parquet file does not hold."""
    if path.suffix != ".parquet":
        return None
    kept = path.name.split(".")
    return kept[1] if len(kept) > 2 else path.absolute().parent.name


def _overall(cells: Cells) -> tuple[Cells, tuple[Finding, ...]]:
    if CATEGORY not in cells.header:
        return cells, ()
    place = cells.header.index(CATEGORY)
    rows = tuple(row for row in cells.rows if row[1][place] == OVERALL)
    names = sorted({cells[place] for _, cells in cells.rows} - {OVERALL})
    if not names:
        return cells, ()
    found = Finding(
        "other-categories",
        len(cells.rows) - len(rows),
        f"lines of categories beside {OVERALL}, which are boards of their own: not read",
        tuple(names[:5]),
    )
    return Cells(cells.header, rows), (found,)
