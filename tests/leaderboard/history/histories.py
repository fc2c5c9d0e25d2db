"""Small histories for tests, and the real ones where they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from leaderboard.snapshots import Entry, Snapshot, ordered

DAY0 = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
REAL = Path(__file__).parents[3].parent / "shared" / "history"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real histories are not here")

HEADER = (
    "source,arena,snapshot_date,model,organization,rank,score,ci_low,ci_high,votes,license,"
    "price_usd,price_unit,release_date,model_id,snapshot_kind"
)


def board(
    day: int,
    *entries: Entry | str,
    arena: str = "text-to-image",
    source: str = "x",
) -> Snapshot:
    """A board `day` days after the first; a bare name takes the next rank."""
    made = [
        Entry(place, entry, score=1000.0 - place) if isinstance(entry, str) else entry
        for place, entry in enumerate(entries, start=1)
    ]
    return Snapshot(source, arena, DAY0 + timedelta(days=day), ordered(made))


def line(source: str, arena: str, at: str, entry: Entry) -> str:
    """An entry as a line of the tidy format; names here hold neither commas nor quotes."""
    cells: Sequence[object] = (
        *(source, arena, at, entry.model, entry.organization, entry.rank, entry.score),
        *(entry.score_low, entry.score_high, entry.votes, entry.licence, entry.price_usd),
        *(entry.price_unit, entry.released, entry.model_id, entry.kind),
    )
    return ",".join("" if cell is None else str(cell) for cell in cells)


def as_lines(snapshots: Sequence[Snapshot]) -> list[str]:
    """Snapshots as lines of the tidy format, without its header."""
    return [
        line(one.source, one.arena, one.published_at.isoformat(), entry)
        for one in snapshots
        for entry in one.entries
    ]


def write_tidy(path: Path, lines: Sequence[str]) -> Path:
    """A file of such lines beneath the header."""
    path.write_text("\n".join([HEADER, *lines]) + "\n", newline="")
    return path


FULL = Entry(
    *(1, "alpha", "Acme", 1100.5, 1090.25, 1110.75, 4321, "MIT", 0.04, "image"),
    *(date(2025, 12, 24), "id-1", "web"),
)
"""An entry with every column set."""
