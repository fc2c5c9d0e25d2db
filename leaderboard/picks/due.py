"""Which picks to check again at a time, the most doubtful first (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leaderboard.answers import EVALS
from leaderboard.pick_answers import Decision, Role


@dataclass(frozen=True)
class Due:
    """One task and domain whose evidence should be made anew."""

    task: str
    domain: str
    roles: tuple[Role, ...]
    """Those that are due."""
    models: tuple[str, ...]
    """Whom to evaluate: the holders, those who cannot be told apart from them, and whoever was
    wished for; by id."""
    since: datetime
    """The earliest day by which it should have been done."""
    p_still_right: float | None
    """The lower of the two, 30 days ahead; `None` = unknown."""
    source: str = EVALS
    """Whose board it was decided from: what an outside board says, no evaluation makes anew."""


def due(decisions: Iterable[Decision], now: datetime) -> tuple[Due, ...]:
    """What is past its date at `now`: by falling doubt, the unknown first, then the longest due.

    A role that nobody holds is not due: there is nothing to check, and its reason says what is
    missing.
    """
    places: dict[tuple[str, str, str], list[Decision]] = {}
    for one in decisions:
        if one.model is not None and one.outlook is not None and one.outlook.revalidate_by <= now:
            places.setdefault((one.task, one.domain, one.source), []).append(one)
    found = [_due(*place, late) for place, late in places.items()]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                -1.0 if one.p_still_right is None else one.p_still_right,
                one.since,
                one.task,
                one.domain,
                one.source,
            ),
        )
    )


def _due(task: str, domain: str, source: str, late: list[Decision]) -> Due:
    told = [one.outlook for one in late if one.outlook is not None]
    known = [outlook.days_30 for outlook in told if outlook.days_30 is not None]
    models = {
        name
        for one in late
        for name in (one.model, one.challenger, one.runner_up, *one.tied)
        if name is not None
    }
    return Due(
        task,
        domain,
        tuple(one.role for one in late),
        tuple(sorted(models)),
        min(outlook.revalidate_by for outlook in told),
        min(known) if len(known) == len(told) else None,
        source,
    )
