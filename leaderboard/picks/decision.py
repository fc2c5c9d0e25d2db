"""A field, a policy and who holds the roles today -> hero and workhorse, with their reasons (pure).

Hero: the likeliest best among the candidates, under an optional price cap. Workhorse: the cheapest
candidate whose win-rate against the hero reaches the floor with enough probability, both from the
same joint draws, so that the hero's own uncertainty counts too. Whoever holds a role keeps it
until somebody is surely better, or surely cheaper; leaving the board, not qualifying any more, a
rise in price and the policy's own word go before that.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from leaderboard.answers import NoPick, Pick, Picks, Refusal
from leaderboard.pick_answers import ROLES, Decision, Rival, Role
from leaderboard.picks import reasons
from leaderboard.picks.field import Candidate, Field
from leaderboard.picks.frontier import frontier
from leaderboard.picks.in_line import after_hero, after_workhorse
from leaderboard.picks.policy import Rules
from leaderboard.picks.roles import choose_hero, choose_workhorse, loss
from leaderboard.picks.standing import Chosen, Incumbent, Incumbents, Standing, standing


def decide(field: Field, rules: Rules, at: datetime, incumbents: Incumbents | None = None) -> Picks:
    """Decide both roles for one task and domain.

    Args:
        field: the candidates, their facts and joint draws.
        rules: of the policy, for this task and domain.
        at: the time of the decision.
        incumbents: who holds the roles today; nobody where it is left out.

    The answer does not depend on the order of the candidates, nor on the unit of prices (but for a
    cap), nor on anybody who is worse and no cheaper than another candidate. A field without prices
    gives a decision for the hero and no pick.
    """
    now = standing(field, rules, at)
    held = incumbents or {}
    refused = tuple(
        Refusal(field.task, field.domain, model, why, field.source)
        for model, why in sorted(now.why_not.items())
        if why is not None
    )
    if not now.can_lead:
        why = reasons.nobody(field, len(now.can), len(refused), rules.hero.max_cost_usd)
        none = tuple(
            NoPick(field.task, field.domain, role, why, field.source, field.simulated)
            for role in ROLES
        )
        dropped = tuple(_dropped(now, role, held.get(role), why) for role in ROLES)
        return Picks((), none, refused, dropped, frontier(now))
    hero = choose_hero(now, held.get("hero"))
    decisions = [_decision(now, "hero", hero, None)]
    picks: list[Pick] = []
    if field.priced:
        workhorse = choose_workhorse(now, hero.model, held.get("workhorse"))
        decisions.append(_decision(now, "workhorse", workhorse, hero))
        picks = [_pick(now, one) for one in decisions]
    return Picks(tuple(picks), (), refused, tuple(decisions), frontier(now))


def holders(decisions: Iterable[Decision]) -> dict[Role, Incumbent]:
    """Who holds the roles after these decisions of one task and domain."""
    return {
        one.role: Incumbent(one.model, one.since, one.previous, one.price)
        for one in decisions
        if one.model is not None and one.since is not None
    }


def _decision(now: Standing, role: Role, found: Chosen, hero: Chosen | None) -> Decision:
    field, people = now.field, now.field.candidates
    one = people[found.model]
    rivals = tuple(
        _rival(now, role, found, number, hero)
        for number in range(len(people))
        if number != found.model
    )
    return Decision(
        task=field.task,
        domain=field.domain,
        role=role,
        decided_at=now.at,
        source=field.source,
        evidence=one.evidence,
        evidence_at=one.evidence_at,
        action=found.action,
        cause=found.cause,
        model=one.model,
        since=found.since,
        previous=found.previous,
        challenger=None if found.wish == found.model else people[found.wish].model,
        runner_up=_runner_up(now, role, found),
        p_best=float(now.best[found.model]),
        p_floor=None if hero is None else float(found.odds[found.model]),
        price=found.price,
        reason=reasons.of_hero(now, found)
        if hero is None
        else reasons.of_workhorse(now, found, hero.model),
        tied=tuple(rival.model for rival in rivals if rival.tied),
        rivals=rivals,
        simulated=field.simulated,
        fallbacks=after_hero(now, found)
        if hero is None
        else after_workhorse(now, found, hero.model),
        latency_p95_s=one.latency_p95_s,
    )


def _rival(now: Standing, role: Role, found: Chosen, number: int, hero: Chosen | None) -> Rival:
    one = now.field.candidates[number]
    chance = float(found.odds[number])
    why = now.why_not[one.model]
    if hero is None:
        able = number in now.can_lead
        tied = able and chance > 1 - now.rules.hero.challenger
        text = why or reasons.not_hero(now, found, number, able, tied)
        return Rival(one.model, text, p_better=chance, tied=tied)
    wants = now.rules.workhorse
    near = now.price[number] <= now.price[found.model] / (1 - wants.saving)
    tied = why is None and chance >= wants.confidence and bool(near)
    text = why or reasons.not_workhorse(now, found, number)
    return Rival(one.model, text, p_floor=chance, tied=tied)


def _runner_up(now: Standing, role: Role, found: Chosen) -> str | None:
    """Hero: the next likeliest best. Workhorse: the next cheapest that reaches the floor."""
    people = now.field.candidates
    if role == "hero":
        others = [n for n in now.can_lead if n != found.model]
        others.sort(key=lambda n: -now.preference[n])
    else:
        enough = now.rules.workhorse.confidence
        others = [n for n in now.can if n != found.model and found.odds[n] >= enough]
        others.sort(key=lambda n: (now.price[n], -found.odds[n], people[n].model))
    return people[others[0]].model if others else None


def _dropped(now: Standing, role: Role, incumbent: Incumbent | None, why: str) -> Decision:
    column = now.field.index(incumbent.model) if incumbent else -1
    newest = max((one.evidence_at for one in now.field.candidates), default=now.at)
    return Decision(
        task=now.field.task,
        domain=now.field.domain,
        role=role,
        decided_at=now.at,
        source=now.field.source,
        evidence=now.field.candidates[0].evidence if now.field.candidates else "none",
        evidence_at=newest,
        action="dropped",
        cause="none" if incumbent is None else loss(now, column),
        model=None,
        since=None,
        previous=incumbent.model if incumbent else None,
        challenger=None,
        runner_up=None,
        p_best=None,
        p_floor=None,
        price=None,
        reason=why,
        tied=(),
        rivals=tuple(
            Rival(one.model, now.why_not[one.model] or why) for one in now.field.candidates
        ),
        simulated=now.field.simulated,
    )


def _pick(now: Standing, made: Decision) -> Pick:
    one: Candidate = now.field.candidates[now.field.index(made.model)]
    if one.cost_usd is None:
        raise ValueError(f"{one.model} has no price and cannot be picked")
    return Pick(
        task=made.task,
        domain=made.domain,
        role=made.role,
        model=one.model,
        name=one.name,
        rating=one.rating,
        rating_low=one.rating_low,
        rating_high=one.rating_high,
        p_best=float(now.best[now.field.index(made.model)]),
        p_floor=made.p_floor,
        cost_usd=one.cost_usd,
        cost_basis=one.cost_basis,
        latency_p50_s=one.latency_p50_s,
        reason=made.reason,
        runner_up=made.runner_up,
        evidence=made.evidence,
        simulated=one.simulated,
        decided_at=made.decided_at,
        suite_id=now.field.suite_id,
        usd_per_clip_second=one.usd_per_clip_second,
        compute_s_per_clip_second=one.compute_s_per_clip_second,
        source=now.field.source,
        evidence_at=one.evidence_at,
        provider=one.provider,
        call=one.call,
    )
