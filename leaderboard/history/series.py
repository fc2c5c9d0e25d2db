"""One board through time (pure): snapshots -> the boards that count, and what is wrong with them.

A feed that answers with an empty or cut-off board says nothing about who left, so such boards are
refused by name and the board before them stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from leaderboard.history.findings import examine, silent
from leaderboard.snapshots import BoardKey, Entry, Finding, Snapshot, ordered

SMALLEST_SHARE = 0.5
"""A board with fewer than this share of the rows of the board before it is cut off."""


@dataclass(frozen=True)
class Series:
    """All boards of one source and arena."""

    source: str
    arena: str
    snapshots: tuple[Snapshot, ...]
    """As published, by time, without those that were refused."""
    distinct: tuple[Snapshot, ...]
    """Repeats dropped: each board at the first date that shows it."""
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sifted:
    """Boards that can be used, and the findings that name those that cannot."""

    kept: tuple[Snapshot, ...]
    findings: tuple[Finding, ...]


def sift(snapshots: Sequence[Snapshot], standing: Mapping[BoardKey, int] | None = None) -> Sifted:
    """Refuse boards that are empty, or cut off against the last usable board before them.

    Args:
        snapshots: of any sources and arenas, in any order.
        standing: rows of boards that are known already; they are compared with and not judged.

    Returns:
        The usable ones of `snapshots` by source, arena and time, with the findings
        `empty-feed` and `truncated-feed`.
    """
    known = dict[BoardKey, int]() if standing is None else standing
    boards = {snapshot.key: snapshot for snapshot in snapshots}
    kept: list[Snapshot] = []
    empty: list[str] = []
    short: list[str] = []
    for _, keys in groupby(sorted(boards.keys() | known.keys()), key=lambda key: key[:2]):
        rows = 0
        for key in keys:
            board = boards.get(key)
            size = len(board.entries) if board is not None else 0
            label = f"{key[1]} of {key[2]:%Y-%m-%d}"
            if board is not None and not size:
                empty.append(label)
            elif board is not None and size < SMALLEST_SHARE * rows:
                short.append(f"{label}: {size} rows after {rows}")
            elif board is not None:
                kept.append(board)
                rows = size
            rows = known.get(key, rows)
    findings = (
        _refused("empty-feed", "boards without a line", empty),
        _refused("truncated-feed", "boards with fewer than half of the rows before them", short),
    )
    return Sifted(tuple(kept), tuple(found for found in findings if found.count))


def series(snapshots: Sequence[Snapshot]) -> Series:
    """The boards of ONE source and arena through time, checked.

    Raises `ValueError` when there are none, or of several boards.
    """
    boards = {_which(snapshot) for snapshot in snapshots}
    if len(boards) != 1:
        raise ValueError(f"a series is of one board, not of {len(boards)}")
    sifted = sift(snapshots)
    distinct: list[Snapshot] = []
    for board in sifted.kept:
        if not distinct or _content(board) != _content(distinct[-1]):
            distinct.append(board)
    found = examine(sifted.kept, tuple(distinct))
    return Series(*boards.pop(), sifted.kept, tuple(distinct), (*sifted.findings, *found))


def by_arena(snapshots: Sequence[Snapshot]) -> tuple[Series, ...]:
    """A series for every source and arena, by name.

    An arena that ends while others of its source go on says so (`arena-silent`).
    """
    every = [
        series(list(group))
        for _, group in groupby(sorted(snapshots, key=lambda board: board.key), key=_which)
    ]
    last: dict[str, datetime] = {}
    for one in every:
        for board in one.snapshots[-1:]:
            last[one.source] = max(board.published_at, last.get(one.source, board.published_at))
    return tuple(
        replace(one, findings=(*one.findings, *silent(one.snapshots, last[one.source])))
        if one.snapshots
        else one
        for one in every
    )


def by_score(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The boards with ranks replaced by the order of the published scores.

    Lines without a rank get a place if they have a score; lines without a score lose theirs.
    Equal scores keep the published order, so that the top k holds k models.
    """
    return tuple(replace(board, entries=_by_score(board.entries)) for board in snapshots)


def _by_score(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    # `ordered` first: the sort is stable, so that equal scores keep the published order.
    scored = sorted(
        (entry for entry in ordered(entries) if entry.score is not None),
        key=lambda entry: -(entry.score or 0.0),
    )
    ranked = [replace(entry, rank=rank) for rank, entry in enumerate(scored, start=1)]
    return ordered([*ranked, *(replace(e, rank=None) for e in entries if e.score is None)])


def _which(snapshot: Snapshot) -> tuple[str, str]:
    return snapshot.source, snapshot.arena


def _content(board: Snapshot) -> tuple[tuple[object, ...], ...]:
    """What makes a board another one: places and the evidence for them, not prices or names."""
    return tuple(
        (entry.model, entry.rank, entry.score, entry.score_low, entry.score_high, entry.votes)
        for entry in board.entries
    )


def _refused(check: str, what: str, boards: Sequence[str]) -> Finding:
    return Finding(
        check, len(boards), f"{what}, refused: the board before each stands", tuple(boards[:3])
    )
