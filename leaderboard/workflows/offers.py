"""Boards, picks and prices → who could do each step of a chain, at what price, how well (pure).

A step is done by models of one board: that of the firmest ground (own evaluations before public
boards) that picked a hero for its task and domain, or for all domains where its own has none.
Simulated models do the steps of simulated chains and of no others. How good a model is beside
the step's hero is the share of comparisons that ratings expect: 1 / (1 + 10^(-d/400)) at a lead of
d points (Elo's curve, a tie being half), at the ratings as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from evals.names import hint
from evals.prices.types import Cost
from leaderboard.answers import ALL_DOMAINS, Board, NoPick, Pick, Picks
from leaderboard.errors import WorkflowError
from leaderboard.pick_answers import Decision, FrontierPoint, Role
from leaderboard.workflows.chain import OTHER_TASKS, Chain, Step

CLIP_SECONDS = 5.0
"""Length of a clip where neither step nor board says one."""
Quote = Callable[[Step, str, str], "Cost | None"]
"""Step, source, model -> what one generation of the step's size costs, or that it is unknown; None
where only the board's own price is known."""


class Place(NamedTuple):
    """Which board."""

    source: str
    task: str
    domain: str
    simulated: bool


@dataclass(frozen=True)
class Offer:
    """A model that could do a step."""

    model: str
    name: str
    vendor: str | None
    rating: float | None
    behind: float | None
    """Rating points below the step's hero."""
    win_rate: float | None
    usd: float | None
    """Of one generation."""
    basis: str | None
    """Or why there is no price."""
    latency_s: float | None


@dataclass(frozen=True)
class Slot:
    """A step and who could do it."""

    step: Step
    place: Place | None
    offers: Mapping[str, Offer]
    """By model; all have a price, but for a pinned model or a pick."""
    roles: Mapping[Role, str]
    """Role -> who is picked."""
    missing: Mapping[Role, str]
    """Role -> why nobody is."""
    note: str | None = None

    def who(self, role: Role) -> Offer | None:
        """Who does the step in a role: the pinned model, or the pick."""
        name = self.step.model or self.roles.get(role)
        return None if name is None else self.offers.get(name)


def win_rate(lead: float) -> float:
    """Expected share of comparisons at a lead of so many rating points.

    >>> win_rate(0), round(win_rate(-400), 4)
    (0.5, 0.0909)
    """
    return 1 / (1 + 10 ** (-lead / 400))


def slots(
    chain: Chain,
    picks: Picks,
    boards: Mapping[Place, Board],
    quote: Quote = lambda step, source, model: None,
    registered: Iterable[str] = (),
) -> tuple[Slot, ...]:
    """Who could do each step, in the order of the chain.

    Args:
        chain: checked.
        picks: of an edition.
        boards: of it: names, vendors, latencies, lengths of clips.
        quote: what a model costs at the size that a step asks for.
        registered: ids of models that no board need know.

    Raises:
        WorkflowError: a step names a model that nobody knows.
    """
    known = {*registered} | {row.model for board in boards.values() for row in board.rows}
    return tuple(_slot(chain, step, picks, boards, quote, known) for step in chain.steps)


def place_of(chain: Chain, step: Step, picks: Picks) -> tuple[Place | None, str | None]:
    """The board whose models do a step, and a remark where it is of other domains."""
    for domain in dict.fromkeys((step.domain, ALL_DOMAINS)):
        # Picks come with the firmest ground first.
        for pick in picks.picks:
            if (pick.task, pick.domain, pick.simulated) == (step.task, domain, chain.simulated):
                note = None
                if domain != step.domain:
                    note = f"no picks for {step.domain}: those for all prompts"
                return Place(pick.source, step.task, domain, pick.simulated), note
    return None, None


def _slot(
    chain: Chain,
    step: Step,
    picks: Picks,
    boards: Mapping[Place, Board],
    quote: Quote,
    known: set[str],
) -> Slot:
    if not step.evaluated:
        why = f"not evaluated: {step.task} ({OTHER_TASKS[step.task]})"
        return Slot(step, None, {}, {}, {"hero": why, "workhorse": why})
    if step.model is not None and step.model not in known:
        end = hint(step.model, known)
        raise WorkflowError(f'{chain.id}: step "{step.id}": no model is called "{step.model}"{end}')
    place, note = place_of(chain, step, picks)
    if place is None:
        why = _nobody(chain, step, picks)
        pinned = {step.model: _bare(step.model, why)} if step.model is not None else {}
        return Slot(step, None, pinned, {}, {"hero": why, "workhorse": why})
    picked = [p for p in picks.picks if _at(p) == place]
    points = [p for p in picks.frontier if _at(p) == place]
    roles: dict[Role, str] = {pick.role: pick.model for pick in picked}
    missing: dict[Role, str] = {one.role: one.reason for one in picks.none if _at(one) == place}
    hero = next((one.rating for one in picked if one.role == "hero"), None)
    board = boards.get(place)
    offers: dict[str, Offer] = {}
    for one in (*points, *picked):
        if one.model not in offers:
            offers[one.model] = _offer(step, one, hero, board, quote)
    if step.model is not None and step.model not in offers:
        reasons = [
            one.reason
            for one in picks.refused
            if (one.source, one.task, one.domain, one.model) == (*place[:3], step.model)
        ]
        why = reasons[0] if reasons else f"it is not on the board of {place.source}"
        offers[step.model] = _unpriced(step.model, why, hero, board)
    return Slot(step, place, offers, roles, missing, note)


def _nobody(chain: Chain, step: Step, picks: Picks) -> str:
    """Why no board picks anybody for a step."""
    for one in picks.none:
        if (one.task, one.simulated, one.role) == (step.task, chain.simulated, "hero"):
            return f"{one.source}: {one.reason}"
    kind = "simulated" if chain.simulated else "real"
    return f"no {kind} model is picked for {step.task}"


def _offer(
    step: Step,
    one: Pick | FrontierPoint,
    hero: float | None,
    board: Board | None,
    quote: Quote,
) -> Offer:
    row = next((r for r in board.rows if r.model == one.model), None) if board else None
    quoted = quote(step, one.source, one.model)
    if isinstance(one, Pick):
        each, per_second, basis = one.cost_usd, one.usd_per_clip_second, one.cost_basis
        latency = one.latency_p50_s
    else:
        each = None if one.per_clip_second else one.price
        per_second = one.price if one.per_clip_second else None
        basis, latency = row.cost_basis if row else None, None
    if row is not None and row.latency_p50_s is not None:
        latency = row.latency_p50_s
    usd = each
    if per_second is not None and (step.seconds is not None or usd is None):
        seconds = step.seconds or (row.clip_seconds if row else None) or CLIP_SECONDS
        usd = per_second * seconds
        basis = f"{seconds:g} s of clip at {per_second:.4g} USD per second"
    if quoted is not None:
        usd, basis = quoted.usd, quoted.basis
    lead = None if hero is None else one.rating - hero
    return Offer(
        one.model,
        one.name,
        row.vendor if row else None,
        one.rating,
        None if lead is None else -lead,
        None if lead is None else win_rate(lead),
        usd if usd is not None and usd > 0 else None,
        basis,
        latency,
    )


def _unpriced(model: str, why: str, hero: float | None, board: Board | None) -> Offer:
    """A pinned model that no candidate is: what the board says of it, without a price."""
    row = next((r for r in board.rows if r.model == model), None) if board else None
    if row is None:
        return _bare(model, why)
    lead = None if hero is None else row.rating - hero
    return Offer(
        model,
        row.name,
        row.vendor,
        row.rating,
        None if lead is None else -lead,
        None if lead is None else win_rate(lead),
        row.cost_usd,
        row.cost_basis if row.cost_usd is not None else why,
        row.latency_p50_s,
    )


def _bare(model: str, why: str) -> Offer:
    return Offer(model, model, None, None, None, None, None, why, None)


def _at(one: Pick | NoPick | FrontierPoint | Decision) -> Place:
    return Place(one.source, one.task, one.domain, one.simulated)


def decision_of(slot: Slot, role: Role, decisions: Iterable[Decision]) -> Decision | None:
    """What was decided for a role where the step's models stand."""
    found = (d for d in decisions if slot.place == _at(d) and d.role == role)
    return next(found, None)
