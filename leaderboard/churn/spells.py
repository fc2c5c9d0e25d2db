"""Unbroken stays in the top k of a board, as published or bridged (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from leaderboard.snapshots import Snapshot

BRIDGED_GAP = timedelta(days=7)
"""An absence so short is taken for flicker when spells are bridged."""


@dataclass(frozen=True)
class Spell:
    """One unbroken stay of one model in the top k."""

    model: str
    before: datetime | None
    """The last board before it that did not have it; `None` = there is none."""
    entered_at: datetime
    """The first board that has it."""
    last_at: datetime
    """The last board that has it."""
    until: datetime
    """The first board without it, or the last board of all."""
    ended: bool
    """False = still there on the last board (right-censored)."""
    withdrawn: bool = False
    """Ended, and the board that ended it does not list the model at all."""

    @property
    def entry_seen(self) -> bool:
        """False when it was there on the very first board: its age is then unknown."""
        return self.before is not None

    @property
    def days(self) -> float:
        """Length in days from the first board with it to the first without it."""
        return _days(self.until - self.entered_at)

    @property
    def bounds(self) -> tuple[float, float | None]:
        """Days that it lasted at least, and at most: it began and ended between two boards.

        The upper end is `None` for a spell that is running, or whose beginning is unknown.
        """
        least = _days(self.last_at - self.entered_at)
        if not self.ended or self.before is None:
            return least, None
        return least, _days(self.until - self.before)


def spells(snapshots: Sequence[Snapshot], k: int) -> tuple[Spell, ...]:
    """Every spell in the top k over the boards of one arena, by entry and name.

    A model is in the top k when its published rank is at most k. One that leaves and comes back
    has two spells. Boards are taken in order of time; names are taken as published.
    """
    boards = sorted(snapshots, key=lambda snapshot: snapshot.published_at)
    finished: list[Spell] = []
    running: dict[str, Spell] = {}
    before: datetime | None = None
    for board in boards:
        at = board.published_at
        listed = {entry.model for entry in board.entries}
        top = {entry.model for entry in board.entries if entry.rank and entry.rank <= k}
        for model in sorted(set(running) - top):
            finished.append(
                replace(running.pop(model), until=at, ended=True, withdrawn=model not in listed)
            )
        for model in top:
            known = running.get(model)
            running[model] = (
                Spell(model, before, at, at, at, False)
                if known is None
                else replace(known, last_at=at, until=at)
            )
        before = at
    return tuple(sorted([*finished, *running.values()], key=lambda s: (s.entered_at, s.model)))


def bridged(found: Sequence[Spell], gap: timedelta = BRIDGED_GAP) -> tuple[Spell, ...]:
    """The spells with short absences of one model closed.

    An absence lasts from the first board without it to the first board that has it again.
    """
    joined: list[Spell] = []
    by_model = sorted(found, key=lambda s: (s.model, s.entered_at))
    for _, group in groupby(by_model, key=lambda s: s.model):
        own: list[Spell] = []
        for spell in group:
            if own and spell.entered_at - own[-1].until <= gap:
                first = own.pop()
                spell = replace(spell, before=first.before, entered_at=first.entered_at)
            own.append(spell)
        joined += own
    return tuple(sorted(joined, key=lambda s: (s.entered_at, s.model)))


def _days(span: timedelta) -> float:
    return span.total_seconds() / 86400
