"""Own boards through time: each refresh keeps the boards that say something new.

They are kept the way outside boards are, so that everything that is computed of a history runs on
them unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leaderboard.answers import ALL_DOMAINS, EVALS, Board
from leaderboard.evidence import SuiteEvidence
from leaderboard.history.made import snapshot_of
from leaderboard.history.series import sift
from leaderboard.snapshots import Snapshot
from leaderboard.store.database import Database
from leaderboard.store.made import keep_boards


@dataclass(frozen=True)
class Told:
    """What the boards of one refresh add to their history."""

    news: tuple[Snapshot, ...]
    """Boards that differ from the last kept one of their arena."""
    notes: tuple[str, ...]
    """Boards that were not kept, and why."""


def with_own_boards(
    database: Database,
    home: Path,
    boards: Iterable[Board],
    evidence: Iterable[SuiteEvidence],
    snapshots: Sequence[Snapshot],
    at: datetime,
) -> tuple[tuple[Snapshot, ...], tuple[str, ...]]:
    """Keep what is new in the own boards of a refresh.

    Args:
        database: open for writing.
        home: its folder.
        boards: of this refresh, those of single domains among them.
        evidence: behind them; knows when models were released.
        snapshots: every board that is stored so far.
        at: time of the refresh.

    Returns:
        `snapshots` with the new ones, by source, arena and time; and notes for the user.
    """
    told = told_by(boards, evidence, snapshots, at)
    if told.news:
        keep_boards(database, home, told.news, at)
    every = sorted((*snapshots, *told.news), key=lambda board: board.key)
    return tuple(every), told.notes


def told_by(
    boards: Iterable[Board],
    evidence: Iterable[SuiteEvidence],
    snapshots: Iterable[Snapshot],
    at: datetime,
) -> Told:
    """Which own boards are news (pure).

    An arena is a task, a suite and its version: a model without results on new prompts has not
    left, it waits for its evaluation. For the same reason a board with fewer than half of the
    models of the last one is not kept, as it is refused of an outside source.
    """
    released = {
        (suite.suite_id, model.id): model.released
        for suite in evidence
        for model in suite.models
        if model.released is not None
    }
    kept = [board for board in snapshots if board.source == EVALS]
    sizes = {board.key: len(board.entries) for board in kept}
    last = {board.arena: board for board in sorted(kept, key=lambda board: board.published_at)}
    news: list[Snapshot] = []
    notes: list[str] = []
    for board in boards:
        if board.source != EVALS:
            continue
        days = {model: day for (suite, model), day in released.items() if suite == board.suite_id}
        fresh = snapshot_of(board, arena_of(board), at, days)
        before = last.get(fresh.arena)
        if not fresh.entries or (before is not None and before.entries == fresh.entries):
            continue
        if sift((fresh,), sizes).kept:
            news.append(fresh)
        elif before is not None:
            notes.append(
                f"{fresh.arena}: not kept in the history: {len(fresh.entries)} models, after"
                f" {len(before.entries)}"
            )
    return Told(tuple(news), tuple(notes))


def arena_of(board: Board) -> str:
    """`task/suite@version`, and behind it the domain where it is one of them.

    Own boards of one arena answer the same prompts.
    """
    every = f"{board.task}/{board.suite_id}@{board.suite_version}"
    return every if board.domain == ALL_DOMAINS else f"{every}/{board.domain}"
