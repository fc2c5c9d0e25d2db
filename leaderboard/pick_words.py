"""What picks stand on, how old that is, and what a switch saves: one wording everywhere (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leaderboard.answers import NoPick, Pick, ground_of
from leaderboard.pick_answers import GROUNDS, Ground

GENERATIONS = 10_000
"""Per month, where nobody says how many."""
LABELS: dict[Ground, str] = {
    "own": "Own evaluation",
    "outside": "Outside board",
    "simulated": "Own evaluation, simulated models",
}


def ground_in(one: Pick | NoPick) -> Ground:
    """What it stands on."""
    return ground_of(one.source, one.simulated)


def grounds_of(picks: Sequence[Pick], none: Sequence[NoPick]) -> tuple[Ground, ...]:
    """What the picks of a task stand on: first where there are any, then the firmest."""
    filled = {ground_in(pick) for pick in picks}
    empty = {ground_in(entry) for entry in none} - filled
    return tuple(ground for there in (filled, empty) for ground in GROUNDS if ground in there)


def evidence(pick: Pick, now: datetime) -> str:
    """What a pick stands on and how old that is: never a date without its age."""
    if pick.evidence_at is None or ground_in(pick) != "outside":
        return f"evidence: {LABELS[ground_in(pick)].lower()}"
    days = (now - pick.evidence_at).days
    age = "of today" if days < 1 else "1 day old" if days == 1 else f"{days} days old"
    return f"evidence: outside board {pick.source} of {pick.evidence_at:%Y-%m-%d}, {age}"


def saving(hero: Pick, workhorse: Pick, generations: int = GENERATIONS) -> str:
    """What calling the workhorse in the hero's place saves in a month.

    Args:
        hero: of one task and domain.
        workhorse: likewise.
        generations: per month, at least 1.
    """
    if hero.model == workhorse.model:
        return "one model holds both roles: there is nothing to save by switching"
    month = (hero.cost_usd - workhorse.cost_usd) * generations
    verb = "saves" if month >= 0 else "costs"
    amount = f"${abs(month):,.0f}" if abs(month) >= 1 else f"${abs(month):.2g}"
    return (
        f"switching {verb} {amount} a month at {generations:,} generations"
        f" ({workhorse.name} in place of {hero.name})"
    )


def calling(pick: Pick) -> str | None:
    """What a client calls it, with the parameters that its price is for; `None` = not known."""
    if pick.call is None or pick.call.told() is None:
        return None
    length = None if pick.call.seconds is None else f"{pick.call.seconds:g} s"
    quality = None if pick.call.quality is None else f"{pick.call.quality} quality"
    given = ", ".join(part for part in (pick.call.size, quality, length) if part)
    return f"{pick.call.told()}{f' at {given}' if given else ''}"
