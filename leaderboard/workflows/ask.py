"""An edition, the registry and a chain → all that can be said of the chain.

`answer` is pure; `ask` reads what it needs. Prices of public models are those of the day, at the
size and length that a step asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from evals import registry
from evals.prices.types import Cost, Entry
from leaderboard import queries
from leaderboard.answers import EVALS, Board, Picks
from leaderboard.churn.answers import ChurnReport
from leaderboard.crosswalk.entries import Crosswalk, standard_cost
from leaderboard.crosswalk.file import load_crosswalk
from leaderboard.errors import WorkflowError
from leaderboard.pick_answers import Outlook, Role
from leaderboard.workflows import half_life, offers, plan
from leaderboard.workflows.answers import Bill, Life, WorkflowAnswer
from leaderboard.workflows.chain import MODES, Chain, Mode, Step
from leaderboard.workflows.offers import Place, Quote, Slot

if TYPE_CHECKING:
    from leaderboard.edition import Edition


@dataclass(frozen=True)
class Known:
    """What an edition and the home know, beside the chain."""

    edition: str
    picks: Picks
    boards: Mapping[Place, Board]
    churn: tuple[ChurnReport, ...]
    crosswalk: Crosswalk
    prices: Mapping[str, Entry]
    registered: Collection[str]
    day: date
    """Whose prices count."""


def known_of(edition: Edition, home: Path, day: date) -> Known:
    """All that chains are answered from.

    Raises:
        StoreError: the edition is of another version.
        RegistryError: a file of models, prices or names is wrong.
    """
    priced = registry.load_priced(home)
    return Known(
        edition.name,
        queries.picks(edition),
        {
            Place(key.source, key.task, key.domain, key.simulated): queries.board(
                edition, key.task, key.domain, key.source, key.suite
            )
            # Of several suites the one that decides comes first, and counts.
            for key in reversed(queries.boards(edition))
        },
        queries.churn(edition),
        load_crosswalk(home),
        priced.prices,
        tuple(priced.models),
        day,
    )


def answer(
    known: Known,
    chain: Chain,
    budget: float | None = None,
    mode: Mode = "mixed",
    shared: float = 0.0,
) -> WorkflowAnswer:
    """Draft, mixed and final, the best under a budget, and the joint half-life (pure).

    Args:
        known: of an edition.
        chain: checked.
        budget: US dollars for one run of the chain; None for no best plan.
        mode: whose picks the half-life is of.
        shared: see `half_life.joint`.

    Raises:
        WorkflowError: a step names a model that nobody knows, or a budget or share is none.
    """
    if budget is not None and not 0 <= budget < float("inf"):
        raise WorkflowError(f"a budget of {budget:g} is none; give US dollars of at least 0")
    if not 0 <= shared <= 1:
        raise WorkflowError(f"--shared {shared:g}: a share is from 0 to 1")
    found = offers.slots(chain, known.picks, known.boards, quote_of(known), known.registered)
    bills = [plan.bill(chain, found, one) for one in MODES]
    best = None if budget is None else plan.best_under(chain, found, budget)
    if best is not None and not isinstance(best, str):
        bills.append(best)
    lives = half_life.with_shares(lives_of(known, found, mode))
    return WorkflowAnswer(
        known.edition,
        chain,
        tuple(bills),
        budget,
        best if isinstance(best, str) else None,
        lives,
        mode,
        half_life.joint(lives, shared),
        tuple(f"{one.step.id}: {one.note}" for one in found if one.note is not None),
    )


def sweep(known: Known, chain: Chain, budgets: int) -> tuple[tuple[float, Bill], ...]:
    """The best plans under evenly spaced budgets, from the cheapest to where money buys nothing.

    Args:
        known: of an edition.
        chain: checked.
        budgets: how many, at least 2; fewer come back where they would be one.

    Returns:
        Each budget in US dollars and its plan; empty where no step has a price.
    """
    found = offers.slots(chain, known.picks, known.boards, quote_of(known), known.registered)
    ends = plan.span(chain, found)
    if ends is None:
        return ()
    low, high = ends
    steps = (
        [low + (high - low) * n / (budgets - 1) for n in range(budgets)] if high > low else [low]
    )
    plans = ((budget, plan.best_under(chain, found, budget)) for budget in steps)
    return tuple((budget, bill) for budget, bill in plans if not isinstance(bill, str))


def ask(
    edition: Edition,
    home: Path,
    chain: Chain,
    day: date,
    budget: float | None = None,
    mode: Mode = "mixed",
    shared: float = 0.0,
) -> WorkflowAnswer:
    """`answer` of an open edition; raises as it and `known_of` do."""
    return answer(known_of(edition, home, day), chain, budget, mode, shared)


def quote_of(known: Known) -> Quote:
    """What public models cost at the size and length of a step, by the price book."""

    def quote(step: Step, source: str, model: str) -> Cost | None:
        if source == EVALS or (step.size is None and step.seconds is None):
            return None
        line = known.crosswalk.find(model, source, step.task)
        offer = None if line is None else line.offer(step.task)
        if offer is None or offer.price is None or offer.price not in known.prices:
            return None
        usual = offer.standard
        size = step.size or usual.size
        wanted = replace(
            usual,
            size=size,
            seconds=usual.seconds if usual.seconds is None else step.seconds or usual.seconds,
            # How many tokens a picture of another size takes, nobody says.
            image_tokens=usual.image_tokens if size == usual.size else None,
        )
        found = standard_cost(replace(offer, standard=wanted), known.prices, known.day)
        return Cost(found.usd, f"{wanted.told()}: {found.basis}")

    return quote


def lives_of(known: Known, slots: Sequence[Slot], mode: Mode) -> tuple[Life, ...]:
    """How long the picks of a mode last; steps that share one are one line."""
    found: dict[tuple[object, ...], Life] = {}
    for slot in slots:
        role = plan.role_in(slot.step, mode)
        who = slot.who(role)
        if who is None or slot.place is None:
            continue
        key = (slot.place, who.model)
        decision = offers.decision_of(slot, role, known.picks.decisions)
        outlook = None if decision is None or slot.step.model is not None else decision.outlook
        if key in found:
            found[key] = _also(found[key], slot.step.id, role, outlook)
            continue
        report = _report(known, slot.place)
        estimate = None if report is None else report.half_life.estimate
        reason = None
        if estimate is None:
            reason = f"no history of {slot.place.source}'s board"
        elif estimate.days is None:
            reason = estimate.reason or "too little history"
        interval = None if estimate is None else estimate.interval
        found[key] = Life(
            steps=(slot.step.id,),
            task=slot.step.task,
            domain=slot.place.domain,
            roles=(role,),
            model=who.model,
            vendor=who.vendor,
            source=slot.place.source,
            days=None if estimate is None else estimate.days,
            low=None if interval is None else interval[0],
            high=None if interval is None else interval[1],
            at_least=None if estimate is None else estimate.at_least_days,
            p_30=None if outlook is None else outlook.days_30,
            share=None,
            revalidate_by=None if outlook is None else outlook.revalidate_by,
            reason=reason,
        )
    return tuple(found.values())


def _also(life: Life, step: str, role: Role, outlook: Outlook | None) -> Life:
    """The same pick does one step more."""
    odds = [p for p in (life.p_30, outlook and outlook.days_30) if p is not None]
    dates = [d for d in (life.revalidate_by, outlook and outlook.revalidate_by) if d is not None]
    return replace(
        life,
        steps=(*life.steps, step),
        roles=life.roles if role in life.roles else (*life.roles, role),
        p_30=min(odds, default=None),
        revalidate_by=min(dates, default=None),
    )


def _report(known: Known, place: Place) -> ChurnReport | None:
    """The churn of the board that a step's models stand on."""
    arena = place.task
    if place.source == EVALS:
        board = known.boards.get(place)
        if board is None:
            return None
        arena = f"{place.task}/{board.suite_id}@{board.suite_version}"
    return next((r for r in known.churn if (r.source, r.arena) == (place.source, arena)), None)
