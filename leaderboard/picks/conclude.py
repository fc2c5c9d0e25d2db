"""Every field of a refresh -> all picks, with how long each may be believed (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from leaderboard.answers import Picks, ground_of
from leaderboard.pick_answers import Ground, LogEntry, Role
from leaderboard.picks.decision import decide
from leaderboard.picks.field import Field
from leaderboard.picks.outlook import outlooks
from leaderboard.picks.outside_field import estimates
from leaderboard.picks.policy import Policy
from leaderboard.picks.prospect import Prospect, prospect
from leaderboard.picks.standing import Incumbent, standing
from leaderboard.snapshots import Snapshot

Place = tuple[str, str, Ground]
"""Task and domain, and what the picks there stand on."""


@dataclass(frozen=True)
class Case:
    """What one task and domain is decided from."""

    field: Field
    history: Sequence[Snapshot] = ()
    """Distinct boards of the same arena, in order of time; empty where none are kept."""


def incumbents(log: Iterable[LogEntry]) -> dict[Place, dict[Role, Incumbent]]:
    """Who holds every role, as the log ends."""
    found: dict[Place, dict[Role, Incumbent]] = {}
    for entry in log:
        ground = ground_of(entry.source, entry.simulated)
        roles = found.setdefault((entry.task, entry.domain, ground), {})
        roles.pop(entry.role, None)
        if entry.model is not None and entry.since is not None:
            roles[entry.role] = Incumbent(entry.model, entry.since, entry.previous, entry.price)
    return found


def conclude(
    cases: Iterable[Case],
    policy: Policy,
    at: datetime,
    held: Mapping[Place, Mapping[Role, Incumbent]],
    seed: int = 0,
) -> Picks:
    """Decide every case, and say how long each pick may be believed."""
    parts = [_decided(case, policy, at, held, seed) for case in cases]
    return Picks(
        tuple(pick for part in parts for pick in part.picks),
        tuple(entry for part in parts for entry in part.none),
        tuple(entry for part in parts for entry in part.refused),
        tuple(made for part in parts for made in part.decisions),
        tuple(point for part in parts for point in part.frontier),
    )


def _decided(
    case: Case,
    policy: Policy,
    at: datetime,
    held: Mapping[Place, Mapping[Role, Incumbent]],
    seed: int,
) -> Picks:
    field = case.field
    rules = policy.rules(field.task, field.domain)
    found = decide(field, rules, at, held.get((field.task, field.domain, field.ground)))
    told = outlooks(standing(field, rules, at), found.decisions, _coming(case), seed)
    decisions = tuple(
        replace(made, outlook=outlook) for made, outlook in zip(found.decisions, told, strict=True)
    )
    return replace(found, decisions=decisions)


def _coming(case: Case) -> Prospect | str:
    if not case.history:
        return "no history is kept of this board"
    return prospect(case.field, estimates(case.history), case.history)
