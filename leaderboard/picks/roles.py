"""Who holds each role: the rules of `rules.py` asked of today, and the policy's own word (pure)."""

from __future__ import annotations

import numpy as np

from leaderboard.pick_answers import Cause
from leaderboard.picks import odds
from leaderboard.picks import rules as rule
from leaderboard.picks.standing import Chosen, Incumbent, Standing
from leaderboard.ratings.bradley_terry import Floats


def choose_hero(now: Standing, incumbent: Incumbent | None) -> Chosen:
    """The hero by `rules.hero`, or the policy's word."""
    column = now.field.index(incumbent.model) if incumbent else -1
    chances = odds.p_better(now.field, column) if column >= 0 else np.zeros(len(now.price))
    found = rule.hero(
        now.mask(now.can_lead),
        now.preference[None],
        chances[None],
        np.array([column]),
        now.settled(incumbent),
        now.rules.hero.challenger,
    )
    pinned = now.field.index(now.rules.hero.pinned)
    return _chosen(
        now,
        incumbent,
        pinned if pinned in now.can_lead else -1,
        int(found.model[0]),
        int(found.rival[0]),
        "better" if column in now.can_lead else loss(now, column),
        None,
    )


def choose_workhorse(now: Standing, hero: int, incumbent: Incumbent | None) -> Chosen:
    """The workhorse by `rules.workhorse`, or the policy's word."""
    wants = now.rules.workhorse
    people = now.field.candidates
    floor = odds.p_floor(now.field, hero, wants)
    effort = now.price
    can = now.can
    if wants.objective == "latency":
        effort = np.array([np.inf if p.latency_p50_s is None else p.latency_p50_s for p in people])
        # The hero may be its own workhorse although nobody knows how long it takes.
        can = [one for one in can if np.isfinite(effort[one]) or one == hero]
    order = sorted(
        range(len(people)),
        key=lambda n: (-floor[n], -people[n].rating, now.price[n], people[n].model),
    )
    preference = np.empty(len(people))
    preference[order] = -np.arange(len(people))
    column = now.field.index(incumbent.model) if incumbent else -1
    repriced = incumbent is not None and column in can and _risen(now, column, incumbent)
    found = rule.workhorse(
        now.mask(can),
        effort[None],
        preference[None],
        floor[None],
        np.array([-1 if repriced else column]),
        now.settled(incumbent),
        wants.confidence,
        wants.keep,
        wants.saving,
    )
    cause: Cause = "cheaper"
    if column not in can:
        cause = loss(now, column)
    elif repriced:
        cause = "repriced"
    elif floor[column] < wants.keep:
        cause = "floor"
    pinned = now.field.index(wants.pinned)
    model, wish = int(found.model[0]), int(found.rival[0])
    if effort[wish] >= effort[model] and floor[model] >= wants.confidence:
        # Nobody wishes for another that costs as much.
        wish = model
    return _chosen(
        now,
        incumbent,
        pinned if pinned in can else -1,
        model,
        wish,
        cause,
        floor,
    )


def loss(now: Standing, column: int) -> Cause:
    """Why an incumbent in that column cannot stay; -1 = it is not on the board."""
    return "gone" if column < 0 else "unqualified"


def _risen(now: Standing, column: int, incumbent: Incumbent) -> bool:
    """Has its price risen, since it was chosen, by what a challenger would have to save?"""
    if incumbent.price is None or incumbent.price <= 0:
        return False
    share = now.price[column] / incumbent.price - 1
    return bool(share >= max(now.rules.workhorse.saving, 1e-9) * (1 - 1e-9))


def _chosen(
    now: Standing,
    incumbent: Incumbent | None,
    pinned: int,
    model: int,
    wish: int,
    cause: Cause,
    floor: Floats | None,
) -> Chosen:
    if pinned >= 0:
        model, wish, cause = pinned, pinned, "pinned"
    chances = odds.p_better(now.field, model) if floor is None else floor
    name = now.field.candidates[model].model
    price = None if not np.isfinite(now.price[model]) else float(now.price[model])
    if incumbent is None:
        first: Cause = "pinned" if pinned >= 0 else "first"
        return Chosen(model, wish, "chosen", first, now.at, None, price, chances, None)
    if name != incumbent.model:
        return Chosen(
            *(model, wish, "switched", cause, now.at, incumbent.model, price, chances),
            incumbent.model,
        )
    # Chosen afresh at its new price: the next rise counts from there.
    kept = price if cause == "repriced" else incumbent.price or price
    return Chosen(
        *(model, wish, "kept" if wish == model else "held", "none", incumbent.since),
        *(incumbent.previous, kept, chances, incumbent.model),
    )
