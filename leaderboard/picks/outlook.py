"""How long a pick may be believed: the policy run on boards that may come (pure).

The joint draws of today are taken as true worlds and carried on, board by board, at the cadence of
the history. Each board measures everybody again, releases come at the rate and as strong as they
did, at prices of the board; models are withdrawn, and repriced, as often as they were. On each
board the very rules of `rules.py` run, incumbents, thresholds, minimum dwell and all, with normal
posteriors in the place of draws. Of the worlds, those count in which the model has held its role
on every board until then.

A model of the future is surer of itself than the future is of it. On simulated markets large shares
came true less often than they say and small ones more often, so a share is read off a rising curve
that was fitted there (`TOLD`, see docs/picks.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from scipy.special import ndtr

from leaderboard.pick_answers import Decision, Outlook, Role
from leaderboard.picks import odds
from leaderboard.picks import rules as rule
from leaderboard.picks.policy import Rules
from leaderboard.picks.prospect import Prospect
from leaderboard.picks.standing import Standing
from leaderboard.ratings.bradley_terry import Floats

WORLDS = 400
SHARES = (0.0, 0.25, 0.5, 0.75, 0.88, 0.95, 1.0)
TOLD: Mapping[Role, tuple[tuple[float, tuple[float, ...]], ...]] = {
    "hero": (
        (0.0, SHARES),
        (7.0, (0.10, 0.36, 0.43, 0.82, 0.91, 0.93, 0.98)),
        (30.0, (0.15, 0.32, 0.59, 0.72, 0.745, 0.765, 0.97)),
    ),
    "workhorse": (
        (0.0, SHARES),
        (7.0, (0.14, 0.38, 0.53, 0.81, 0.885, 0.90, 0.99)),
        (30.0, (0.18, 0.33, 0.53, 0.625, 0.65, 0.85, 0.96)),
    ),
}
"""Days ahead, and how often `SHARES` of the worlds came true. Between the shares, and between the
rows, it changes evenly; beyond the last row it stays."""
HORIZONS = (7.0, 30.0)
MOST_BOARDS = 120
"""Boards that are carried forward at most; a history that is denser is read at wider steps."""


def outlooks(
    now: Standing,
    decisions: tuple[Decision, ...],
    coming: Prospect | str,
    seed: int = 0,
    worlds: int = WORLDS,
) -> tuple[Outlook | None, ...]:
    """One for each decision; `None` where nobody holds the role.

    Args:
        now: what the decisions were made from.
        decisions: hero and workhorse, or the hero alone.
        coming: how the board moves, or why that is not known.
        seed: of the worlds.
        worlds: how many.
    """
    if isinstance(coming, str) or any(one.model is None for one in decisions):
        why = coming if isinstance(coming, str) else "nobody holds the role"
        return tuple(
            None if one.model is None else _unknown(one, now.rules, why) for one in decisions
        )
    age = max(0.0, (now.at - decisions[0].evidence_at).total_seconds() / 86400)
    oldest = now.rules.revalidate.max_days
    if age > oldest:
        # Boards came out since that nobody showed us: what they did to the pick is not the future.
        why = f"its evidence is {age:.0f} days old, and after {oldest:g} it says nothing of today"
        return tuple(_unknown(one, now.rules, why) for one in decisions)
    days, kept = _carried(now, decisions, coming, age, seed, worlds)
    return tuple(
        _outlook(one, now.rules, coming, age, days, kept[:, role])
        for role, one in enumerate(decisions)
    )


def revalidate_by(decision: Decision, rules: Rules) -> datetime:
    """The latest day: when the evidence is too old, whatever the odds."""
    return decision.evidence_at + timedelta(days=rules.revalidate.max_days)


def _unknown(decision: Decision, rules: Rules, why: str) -> Outlook:
    return Outlook(None, None, None, why, revalidate_by(decision, rules))


def _outlook(
    one: Decision, rules: Rules, coming: Prospect, age: float, days: Floats, kept: Floats
) -> Outlook:
    told = np.array(
        [probability(one.role, share, day - age) for day, share in zip(days, kept, strict=True)]
    )

    def still(ahead: float) -> float:
        passed = days <= age + ahead + 1e-9
        # Where no board comes out until then, nothing is decided anew.
        return float(told[passed][-1]) if days[passed].max(initial=0.0) > age else 1.0

    latest = revalidate_by(one, rules)
    low = np.flatnonzero((told < rules.revalidate.below) & (days > age))
    if len(low):
        latest = min(latest, one.evidence_at + timedelta(days=float(days[low[0]])))
    return Outlook(still(HORIZONS[0]), still(HORIZONS[1]), coming.exits, None, latest)


def probability(role: Role, share: float, ahead: float) -> float:
    """What a share of worlds is worth as a probability, so many days ahead.

    >>> [round(probability("hero", share, 30.0), 2) for share in (0.95, 0.5, 0.2)]
    [0.77, 0.59, 0.29]
    """
    days = [day for day, _ in TOLD[role]]
    there = [float(np.interp(share, SHARES, curve)) for _, curve in TOLD[role]]
    return float(np.interp(ahead, days, there))


_UNKNOWN = 1e6
"""Variance that stands for knowing nothing of a release before its first board."""


@dataclass
class _Worlds:
    """W worlds of M models and those that may come. What is measured and what is true."""

    true: Floats
    mean: Floats
    variance: Floats
    """Of the means, as far as further boards resolve it."""
    lasting: Floats
    noise: Floats
    price: Floats
    able: rule.Bools
    lead: rule.Bools
    arrives: Floats


def _carried(
    now: Standing,
    decisions: tuple[Decision, ...],
    coming: Prospect,
    age: float,
    seed: int,
    worlds: int,
) -> tuple[Floats, Floats]:
    """(B,) days of the boards to come after the newest, and (B, roles) shares that were kept."""
    rng = np.random.default_rng(seed)
    reach = age + max(HORIZONS)
    step = max(coming.cadence, reach / MOST_BOARDS)
    days = np.arange(step, reach + 1e-9, step)
    state = _begin(now, coming, reach, rng, worlds)
    leaving = _rate(coming.withdrawals, coming.listed, worlds, rng) * (coming.withdrawals > 0)
    changing = _rate(len(coming.factors), coming.priced, worlds, rng)
    holders = [np.full(worlds, now.field.index(one.model)) for one in decisions]
    first = [holder.copy() for holder in holders]
    since = [np.full(worlds, _days(one.since, one.evidence_at)) for one in decisions]
    paid = np.full(worlds, np.inf if len(decisions) < 2 else decisions[1].price or np.inf)
    whole = [np.ones(worlds, dtype=np.bool_) for _ in decisions]
    gap = odds.floor_gap(now.field, now.rules.workhorse)
    kept = np.ones((len(days), len(decisions)))
    for board, day in enumerate(days):
        _next_board(state, coming, step, float(day), leaving, changing, rng)
        if day <= age:
            # Boards that came out before the decision, and that it did not know.
            continue
        here = state.arrives <= day
        hero = _hero(now.rules, state, here, holders[0], day - since[0])
        since[0] = np.where(hero != holders[0], day, since[0])
        holders[0] = hero
        if len(decisions) > 1:
            horse, fresh = _workhorse(
                now.rules, state, here, hero, holders[1], day - since[1], paid, gap
            )
            rows = np.arange(worlds)
            paid = np.where((horse != holders[1]) | fresh, state.price[rows, horse], paid)
            since[1] = np.where(horse != holders[1], day, since[1])
            holders[1] = horse
        for role, holder in enumerate(holders):
            whole[role] &= holder == first[role]
            kept[board, role] = whole[role].mean()
    return days, kept


def _begin(
    now: Standing, coming: Prospect, reach: float, rng: np.random.Generator, worlds: int
) -> _Worlds:
    field = now.field
    rows = np.arange(worlds) % len(field.draws)
    point = np.array([one.rating for one in field.candidates])
    # What no further board resolves never moves a mean, and is doubt for ever.
    whole = field.draws.var(axis=0)
    lasting = np.minimum(coming.lasting, whole)
    variance = whole - lasting
    share = np.sqrt(variance / np.maximum(whole, 1e-12))
    true: Floats = point + (field.draws[rows] - point) * share
    rate = _rate(coming.releases, coming.watched, worlds, rng)
    count = rng.poisson(rate[:, 0] * reach)
    most = max(int(count.max()), 1)
    arrives = np.where(np.arange(most) < count[:, None], rng.random((worlds, most)) * reach, np.inf)
    there = np.where(np.isfinite(arrives), arrives, 0.0)
    normal = rng.normal(size=arrives.shape)
    if np.isfinite(coming.spread):
        # The end of a line through N releases is known to two of their spreads over root N.
        spread = _spread(coming.spread, coming.releases - 2, worlds, rng)
        off = rng.normal(size=(worlds, 1)) * 2 * spread / coming.releases**0.5
        start = coming.level + off + coming.slope * there
        entry = start + spread * normal
        prior = coming.spread**2
    else:
        found = coming.gaps
        spread = _spread(float(found.std(ddof=1)), len(found) - 1, worlds, rng)
        middle = found.mean() + rng.normal(size=(worlds, 1)) * spread / len(found) ** 0.5
        entry = true[:, now.can].max(axis=1, keepdims=True) + middle + spread * normal
        start, prior = entry, _UNKNOWN
    price = np.where(np.isfinite(now.price), now.price, np.inf)
    dear = (
        rng.choice(coming.prices, arrives.shape) if len(coming.prices) else np.ones(arrives.shape)
    )
    cap = now.rules.hero.max_cost_usd
    # A cap is in dollars a generation, prices may be per second: releases are told by who is under.
    under = max((price[n] for n in now.can_lead), default=np.inf) if cap is not None else np.inf
    shape = (worlds, len(point))
    lead = np.broadcast_to(now.mask(now.can_lead), shape)
    return _Worlds(
        np.concatenate([true, entry], axis=1),
        np.concatenate([np.broadcast_to(point, shape), start], axis=1),
        np.concatenate([np.broadcast_to(variance, shape), np.full(arrives.shape, prior)], axis=1),
        np.concatenate([lasting, np.full(most, float(np.median(lasting)))]),
        np.concatenate([coming.noise, np.full(most, coming.entry_noise)]),
        np.concatenate([np.broadcast_to(price, shape), dear], axis=1),
        np.concatenate(
            [np.broadcast_to(now.mask(now.can), shape), np.ones(arrives.shape, np.bool_)], axis=1
        ),
        np.concatenate([lead, dear <= under], axis=1),
        np.concatenate([np.zeros(shape), arrives], axis=1),
    )


def _next_board(
    state: _Worlds,
    coming: Prospect,
    step: float,
    day: float,
    leaving: Floats,
    changing: Floats,
    rng: np.random.Generator,
) -> None:
    """Time passes, and everybody who is there is measured once more."""
    shape = state.true.shape
    if coming.wander:
        state.true = state.true + rng.normal(size=shape) * (coming.wander * step) ** 0.5
        state.variance = state.variance + coming.wander * step
    listed = state.arrives <= day
    # The noise of one board is that of its cadence; a wider step sees several of them.
    noise = np.maximum(state.noise * coming.cadence / step, 1e-9)
    gain = np.where(listed, state.variance / (state.variance + noise), 0.0)
    seen = state.true + rng.normal(size=shape) * np.sqrt(noise)
    state.mean = state.mean + gain * (seen - state.mean)
    state.variance = state.variance * (1 - gain)
    gone = listed & (rng.random(shape) < -np.expm1(-leaving * step))
    state.able, state.lead = state.able & ~gone, state.lead & ~gone
    if len(coming.factors):
        changed = rng.random(shape) < -np.expm1(-changing * step)
        state.price = np.where(
            changed, state.price * rng.choice(coming.factors, shape), state.price
        )


def _rate(seen: int, days: float, worlds: int, rng: np.random.Generator) -> Floats:
    """(W, 1) rates per day that so many events leave open (Jeffreys: half an event more)."""
    return rng.gamma(seen + 0.5, 1 / max(days, 1.0), (worlds, 1))


def _spread(found: float, degrees: int, worlds: int, rng: np.random.Generator) -> Floats:
    """(W, 1) standard deviations that an estimate from so few leaves open."""
    free = max(degrees, 1)
    return found * np.sqrt(free / rng.chisquare(free, (worlds, 1)))


def _hero(
    rules: Rules, state: _Worlds, here: rule.Bools, holder: rule.Ints, held: Floats
) -> rule.Ints:
    rows, doubt = np.arange(len(holder)), state.variance + state.lasting
    lead = state.mean - state.mean[rows, holder][:, None]
    spread = np.sqrt(doubt + doubt[rows, holder][:, None])
    return rule.hero(
        state.lead & here,
        state.mean,
        ndtr(lead / np.maximum(spread, 1e-9)),
        holder,
        held >= rules.stability.min_dwell_days - 1e-9,
        rules.hero.challenger,
    ).model


def _workhorse(
    rules: Rules,
    state: _Worlds,
    here: rule.Bools,
    hero: rule.Ints,
    holder: rule.Ints,
    held: Floats,
    paid: Floats,
    gap: float,
) -> tuple[rule.Ints, rule.Bools]:
    """Who is the workhorse, and where the old one was chosen afresh for its price."""
    wants, rows = rules.workhorse, np.arange(len(hero))
    doubt = state.variance + state.lasting
    lead = state.mean - state.mean[rows, hero][:, None] + gap
    spread = np.sqrt(doubt + doubt[rows, hero][:, None])
    floor = ndtr(lead / np.maximum(spread, 1e-9))
    floor[rows, hero] = 1.0
    risen = state.price[rows, holder] >= paid * (1 + max(wants.saving, 1e-9)) * (1 - 1e-9)
    found = rule.workhorse(
        state.able & here,
        state.price,
        state.mean,
        floor,
        np.where(risen, -1, holder),
        held >= rules.stability.min_dwell_days - 1e-9,
        wants.confidence,
        wants.keep,
        wants.saving,
    )
    return found.model, risen


def _days(since: datetime | None, evidence: datetime) -> float:
    """When a role was taken, in days from the newest board."""
    return 0.0 if since is None else (since - evidence).total_seconds() / 86400
