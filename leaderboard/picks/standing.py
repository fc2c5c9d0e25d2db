"""Who qualifies today, and what both roles are decided from (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from leaderboard.pick_answers import Action, Cause, Role
from leaderboard.picks import odds
from leaderboard.picks import rules as rule
from leaderboard.picks.field import Field
from leaderboard.picks.policy import Rules
from leaderboard.picks.qualify import over_cap, refusals
from leaderboard.ratings.bradley_terry import Floats


@dataclass(frozen=True)
class Incumbent:
    """Who holds a role, as the last decision left it."""

    model: str
    since: datetime
    previous: str | None = None
    price: float | None = None
    """What a rise in price is measured from."""


Incumbents = Mapping[Role, Incumbent]


@dataclass(frozen=True)
class Standing:
    """What both roles are decided from. M candidates of the field."""

    field: Field
    rules: Rules
    at: datetime
    why_not: Mapping[str, str | None]
    can: list[int]
    """Columns of those that qualify."""
    can_lead: list[int]
    """Of those the ones under the hero's cap."""
    price: Floats
    """(M,), inf where it is unknown."""
    best: Floats
    """(M,) P(best of all that qualify)."""
    lead: Floats
    """(M,) P(best of those under the cap)."""
    preference: Floats
    """(M,) larger = rather the hero; no two alike."""

    def mask(self, columns: Sequence[int]) -> rule.Bools:
        """(1, M), True for these."""
        found = np.zeros((1, len(self.field.candidates)), dtype=np.bool_)
        found[0, list(columns)] = True
        return found

    def settled(self, incumbent: Incumbent | None) -> rule.Bools:
        """(1,) has the incumbent held its role for the minimum time?"""
        days = self.rules.stability.min_dwell_days
        held = 0.0 if incumbent is None else (self.at - incumbent.since).total_seconds() / 86400
        return np.array([held >= days])


@dataclass(frozen=True)
class Chosen:
    """One role's holder, and how it came to be."""

    model: int
    wish: int
    """Who would hold it if nobody did."""
    action: Action
    cause: Cause
    since: datetime
    previous: str | None
    price: float | None
    odds: Floats
    """(M,) hero: P(better than the holder); workhorse: P(reaches the floor against the hero)."""
    before: str | None
    """Whom the decision found in the role."""


def standing(field: Field, rules: Rules, at: datetime) -> Standing:
    """Who qualifies, and the odds of the hero."""
    why_not = refusals(field, rules, at)
    people = field.candidates
    can = [number for number, one in enumerate(people) if why_not[one.model] is None]
    cap = rules.hero.max_cost_usd
    can_lead = [number for number in can if not over_cap(people[number], cap)]
    price = np.array([np.inf if one.price is None else one.price for one in people])
    lead = odds.p_best(field, can_lead)
    first = lead if rules.hero.objective == "p_best" else np.zeros(len(people))
    order = sorted(
        range(len(people)),
        key=lambda number: (
            -first[number],
            -people[number].rating,
            price[number],
            people[number].model,
        ),
    )
    preference = np.empty(len(people))
    preference[order] = -np.arange(len(people))
    best = odds.p_best(field, can)
    return Standing(field, rules, at, why_not, can, can_lead, price, best, lead, preference)
