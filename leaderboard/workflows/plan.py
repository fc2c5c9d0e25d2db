"""A chain and who could do its steps → cost, latency and expected quality, by mode (pure).

The quality of a plan is the mean, weighted by the steps' weights, of the expected win rate of each
step's model against that step's hero: 0.5 where every step has its hero. It says what cheaper
models give away step by step. It is no quality of the chain's output, which nobody has judged:
faults may be mended or made worse by later steps, and choosing the best of several is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from leaderboard.pick_answers import Role
from leaderboard.workflows.answers import Bill, Choice, Plan
from leaderboard.workflows.assignment import Option, best
from leaderboard.workflows.chain import Chain, Mode, Step
from leaderboard.workflows.graph import critical_path, generations
from leaderboard.workflows.offers import Offer, Slot


def role_in(step: Step, mode: Mode) -> Role:
    """Who does a step in a mode."""
    if mode == "mixed":
        return step.role
    return "hero" if mode == "final" else "workhorse"


def bill(chain: Chain, slots: Sequence[Slot], mode: Mode) -> Bill:
    """What a mode takes: the pick of each step's role, or the model that the step names."""
    chosen = [slot.who(role_in(slot.step, mode)) for slot in slots]
    return _billed(chain, slots, chosen, mode, mode)


def best_under(chain: Chain, slots: Sequence[Slot], budget: float) -> Bill | str:
    """The plan of the highest quality that costs no more, or why there is none.

    Every step may be done by any candidate of its board; steps that name their model keep it.
    Steps without a priced candidate are outside the budget, and are said to be.
    """
    able = _able(chain, slots)
    if not able:
        return "no step has a candidate with a price"
    found = best([options for _, _, options in able], budget)
    if found is None:
        least = sum(min(one.cost for one in options) for _, _, options in able)
        return f"the cheapest way costs ${least:.4g}, the budget is ${budget:.4g}"
    chosen: list[Offer | None] = [slot.who(slot.step.role) for slot in slots]
    for (number, names, _), index in zip(able, found.chosen, strict=True):
        chosen[number] = slots[number].offers[names[index]]
    return _billed(chain, slots, chosen, "best", "mixed")


def span(chain: Chain, slots: Sequence[Slot]) -> tuple[float, float] | None:
    """What the cheapest plan costs, and from which budget on more money buys nothing.

    None where no step has a candidate with a price.
    """
    able = _able(chain, slots)
    if not able:
        return None
    low = sum(min(one.cost for one in options) for _, _, options in able)
    top = [max(options, key=lambda one: (one.value, -one.cost)) for _, _, options in able]
    return low, sum(one.cost for one in top)


def _able(
    chain: Chain, slots: Sequence[Slot]
) -> list[tuple[int, tuple[str, ...], tuple[Option, ...]]]:
    """The steps that a budget can be spent on: number, models and what each costs and is worth."""
    counts = generations(chain)
    found: list[tuple[int, tuple[str, ...], tuple[Option, ...]]] = []
    for number, slot in enumerate(slots):
        able = [
            one
            for name, one in sorted(slot.offers.items())
            if one.usd is not None and one.win_rate is not None and slot.step.model in (None, name)
        ]
        if able:
            options = tuple(_option(slot.step, one, counts[slot.step.id]) for one in able)
            found.append((number, tuple(one.model for one in able), options))
    return found


def _option(step: Step, one: Offer, count: int) -> Option:
    return Option((one.usd or 0.0) * count, step.weight * (one.win_rate or 0.0))


def _billed(
    chain: Chain, slots: Sequence[Slot], chosen: Sequence[Offer | None], plan: Plan, mode: Mode
) -> Bill:
    counts = generations(chain)
    choices = tuple(
        _choice(slot, offer, mode, counts[slot.step.id])
        for slot, offer in zip(slots, chosen, strict=True)
    )
    costs = [one.usd for one in choices if one.usd is not None]
    judged = [
        (slot.step.weight, one.win_rate)
        for slot, one in zip(slots, choices, strict=True)
        if one.win_rate is not None
    ]
    seconds = {one.step: one.latency_s for one in choices if one.latency_s is not None}
    path, longest = critical_path(chain, seconds)
    return Bill(
        plan,
        choices,
        sum(costs) if costs else None,
        len(costs) < len(choices),
        tuple(f"{one.step}: {one.reason}" for one in choices if one.usd is None),
        sum(w * v for w, v in judged) / sum(w for w, _ in judged) if judged else None,
        len(judged),
        tuple(name for name in path if name in seconds),
        longest if seconds else None,
        sum(s * counts[name] for name, s in seconds.items()) if seconds else None,
        tuple(one.step for one in choices if one.latency_s is None),
    )


def _choice(slot: Slot, offer: Offer | None, mode: Mode, count: int) -> Choice:
    role = role_in(slot.step, mode)
    reason = slot.note
    if offer is None:
        reason = slot.missing.get(role, f"no {role} is picked")
    elif offer.usd is None:
        reason = offer.basis or "no price is known"
    return Choice(
        step=slot.step.id,
        task=slot.step.task,
        role=slot.step.role,
        model=None if offer is None else offer.model,
        name=None if offer is None else offer.name,
        source=None if slot.place is None else slot.place.source,
        generations=count,
        usd_each=None if offer is None else offer.usd,
        usd=None if offer is None or offer.usd is None else offer.usd * count,
        basis=None if offer is None or offer.usd is None else offer.basis,
        latency_s=None if offer is None else offer.latency_s,
        win_rate=None if offer is None else offer.win_rate,
        rating=None if offer is None else offer.rating,
        behind=None if offer is None else offer.behind,
        reason=reason,
    )
