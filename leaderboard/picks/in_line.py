"""Who would be picked next, if whoever holds a role could not be called (pure).

Only models that qualify are in line. The next hero is the likeliest best of those that are left,
under the same cap; the next workhorse the cheapest of them that reaches the floor against the
hero of today, which may be the hero itself.
"""

from __future__ import annotations

import numpy as np

from leaderboard.pick_answers import Fallback
from leaderboard.picks import odds
from leaderboard.picks.standing import Chosen, Standing

LONGEST = 5
"""Models in a line."""


def after_hero(now: Standing, found: Chosen) -> tuple[Fallback, ...]:
    """Each in turn the hero of those that are left."""
    left = [number for number in now.can_lead if number != found.model]
    line: list[int] = []
    people = now.field.candidates
    while left and len(line) < LONGEST:
        lead = odds.p_best(now.field, left)
        if now.rules.hero.objective != "p_best":
            lead = np.zeros(len(people))
        line.append(
            min(
                left,
                key=lambda n: (-lead[n], -people[n].rating, now.price[n], people[n].model),
            )
        )
        left.remove(line[-1])
    return _told(now, line, None)


def after_workhorse(now: Standing, found: Chosen, hero: int) -> tuple[Fallback, ...]:
    """Those that reach the floor by rising price, or latency where the policy asks for that."""
    wants, people = now.rules.workhorse, now.field.candidates
    effort = now.price
    if wants.objective == "latency":
        effort = np.array([np.inf if p.latency_p50_s is None else p.latency_p50_s for p in people])
    line = [
        number
        for number in now.can
        if number != found.model
        and found.odds[number] >= wants.confidence
        and (np.isfinite(effort[number]) or number == hero)
    ]
    line.sort(
        key=lambda n: (effort[n], -found.odds[n], -people[n].rating, now.price[n], people[n].model)
    )
    return _told(now, line[:LONGEST], found)


def _told(now: Standing, line: list[int], workhorse: Chosen | None) -> tuple[Fallback, ...]:
    told: list[Fallback] = []
    for number in line:
        one = now.field.candidates[number]
        if one.price is not None and one.cost_usd is not None:
            told.append(
                Fallback(
                    model=one.model,
                    name=one.name,
                    cost_usd=one.cost_usd,
                    cost_basis=one.cost_basis,
                    usd_per_clip_second=one.usd_per_clip_second,
                    p_best=float(now.best[number]),
                    p_floor=None if workhorse is None else float(workhorse.odds[number]),
                    call=one.call,
                )
            )
    return tuple(told)
