"""Unbroken stays in the top k of a board, as published (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leaderboard.snapshots import Snapshot


@dataclass(frozen=True)
class Spell:
    """One unbroken stay of one model in the top k."""

    model: str
    entered_at: datetime
    """The first board that has it."""
    entry_seen: bool
    """False when it was there on the very first board: its age is then unknown."""
    until: datetime
    """The first board without it, or the last board of all."""
    ended: bool
    """False = still there on the last board (right-censored)."""

    @property
    def days(self) -> float:
        """Length in days, as far as it was seen."""
        return (self.until - self.entered_at).total_seconds() / 86400


def spells(snapshots: Sequence[Snapshot], k: int) -> tuple[Spell, ...]:
    """Every spell in the top k over the boards of one arena, by entry and name.

    A model is in the top k when its published rank is at most k. One that leaves and comes back
    has two spells. Boards are taken in order of time; names are taken as published.
    """
    boards = sorted(snapshots, key=lambda snapshot: snapshot.published_at)
    finished: list[Spell] = []
    running: dict[str, datetime] = {}
    for board in boards:
        at = board.published_at
        top = {entry.model for entry in board.entries if entry.rank and entry.rank <= k}
        for model in sorted(set(running) - top):
            entered = running.pop(model)
            finished.append(Spell(model, entered, entered != boards[0].published_at, at, True))
        for model in sorted(top - set(running)):
            running[model] = at
    for model, entered in running.items():
        last = boards[-1].published_at
        finished.append(Spell(model, entered, entered != boards[0].published_at, last, False))
    return tuple(sorted(finished, key=lambda spell: (spell.entered_at, spell.model)))
