"""The policy through a board's history, beside three plain ones (pure).

Every decision sees the boards up to its date and no later one. What a model was worth is told by
hindsight: its strength as all boards together show it. The regret of a role is what its holder
lacked, on average over time, of the best that could have been chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from leaderboard.pick_answers import Decision, Role
from leaderboard.picks import odds
from leaderboard.picks.decision import decide, holders
from leaderboard.picks.field import Field
from leaderboard.picks.outlook import outlooks
from leaderboard.picks.outside_field import Estimates, estimates, list_price, outside_field
from leaderboard.picks.policy import Rules
from leaderboard.picks.prospect import prospect
from leaderboard.picks.qualify import refusals
from leaderboard.picks.standing import Incumbent, standing
from leaderboard.snapshots import Entry, Snapshot

FLAP = timedelta(days=30)
Plain = Callable[[Sequence[tuple[Entry, float | None]]], str | None]
"""A plain policy: the lines of a board that qualify, with their price -> a model."""


@dataclass(frozen=True)
class Step:
    """One decision and the board it was made from."""

    board: Snapshot
    field: Field
    decisions: tuple[Decision, ...]
    """With their outlook where it was asked for."""
    able: frozenset[str]
    """Models that qualified."""

    @property
    def at(self) -> datetime:
        """The date of the board."""
        return self.board.published_at

    def holder(self, role: Role) -> str | None:
        """Who holds a role from here on."""
        return next((one.model for one in self.decisions if one.role == role), None)


@dataclass(frozen=True)
class Line:
    """How one policy fared in one role."""

    policy: str
    role: Role
    decisions: int
    switches: int
    flaps: int
    """A -> B -> A within 30 days."""
    regret_points: float | None
    """Rating points below the best candidate by hindsight, mean over time; hero only."""
    regret_usd: float | None
    """US dollars more than the cheapest that reached the floor by hindsight cost, for 1,000
    generations or seconds of clip, mean over the time in which the pick reached it."""
    under_floor: float | None
    """Share of time in which the pick did not reach the floor by hindsight; workhorse only."""


@dataclass(frozen=True)
class Backtest:
    """The whole comparison for one board."""

    source: str
    arena: str
    begins: datetime
    ends: datetime
    boards: int
    skipped: int
    """Boards on which nothing could be decided, the first ones mostly."""
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    steps: tuple[Step, ...] = ()


def walk(
    boards: Sequence[Snapshot],
    rules: Rules,
    priced: bool,
    draws: int = 500,
    ahead: bool = False,
    seed: int = 0,
) -> tuple[Step, ...]:
    """The decisions on each board, every one knowing only the boards up to its own.

    Args:
        boards: distinct ones of one arena, in order of time, renames applied.
        rules: in force throughout.
        priced: False where the board has no prices: the hero alone is decided.
        draws: behind each decision.
        ahead: also reckon how long each pick may be believed.
        seed: of the draws.

    A board on which nothing can be decided gives no step; who held a role holds it still.
    """
    held: dict[Role, Incumbent] = {}
    steps: list[Step] = []
    for number in range(len(boards)):
        so_far = boards[: number + 1]
        read = estimates(so_far)
        field = outside_field(so_far, found=read, draws=draws, seed=seed, priced=priced)
        if isinstance(field, str):
            continue
        at = boards[number].published_at
        found = decide(field, rules, at, held)
        decisions = found.decisions
        if ahead and found.picks:
            told = outlooks(
                standing(field, rules, at), decisions, prospect(field, read, so_far), seed
            )
            decisions = tuple(
                replace(one, outlook=outlook) for one, outlook in zip(decisions, told, strict=True)
            )
        held = holders(decisions)
        why = refusals(field, rules, at)
        able = frozenset(model for model, reason in why.items() if reason is None)
        steps.append(Step(boards[number], field, decisions, able))
    return tuple(steps)


def backtest(
    boards: Sequence[Snapshot], rules: Rules, under_usd: float | None = None, draws: int = 500
) -> Backtest | str:
    """The policy beside always top-1, the best under a price, and the best rating per dollar.

    Args:
        boards: distinct ones of one arena, in order of time, renames applied.
        rules: in force throughout.
        under_usd: the price of "best under"; the median of the newest board's when `None`.
        draws: behind each decision.

    Returns one line of reason where no board allows a decision.
    """
    whole = estimates(boards)
    if isinstance(whole, str):
        return f"{boards[-1].arena}: {whole}"
    prices = [p for e in boards[-1].entries if (p := _price(e)) is not None]
    priced = bool(prices)
    steps = walk(boards, rules, priced, draws)
    if not steps:
        return f"{boards[-1].arena}: no board allows a decision"
    limit = float(np.median(prices)) if under_usd is None and priced else under_usd or 0.0
    truth = hindsight(whole)
    roles: tuple[Role, ...] = ("hero", "workhorse") if priced else ("hero",)
    lines = [
        line("this policy", role, steps, [step.holder(role) for step in steps], truth, rules)
        for role in roles
    ]
    plain: list[tuple[str, Role, Plain]] = [("always top-1", "hero", top_one)]
    if priced:
        plain.append((f"best under ${1000 * limit:.3g} per 1k", "workhorse", best_under(limit)))
        plain.append(("best rating per dollar", "workhorse", rating_per_dollar))
    for name, role, choose in plain:
        lines.append(line(name, role, steps, plainly(steps, choose), truth, rules))
    notes = () if priced else ("the board publishes no price: the hero alone, in rating points",)
    return Backtest(
        boards[-1].source,
        boards[-1].arena,
        boards[0].published_at,
        boards[-1].published_at,
        len(boards),
        len(boards) - len(steps),
        tuple(lines),
        notes,
        steps,
    )


def hindsight(read: Estimates) -> dict[str, float]:
    """Model -> strength in points, from all boards."""
    mean = read.levels.posterior[0] if not read.scatter.drift else read.mean
    return dict(zip(read.panel.models, (mean * read.panel.unit).tolist(), strict=True))


def plainly(steps: Sequence[Step], choose: Plain) -> list[str | None]:
    """What a plain policy chooses on each board, among the models that qualify there."""
    return [
        choose(
            [
                (entry, _price(entry))
                for entry in step.board.entries
                if entry.model in step.able and entry.score is not None
            ]
        )
        for step in steps
    ]


def top_one(lines: Sequence[tuple[Entry, float | None]]) -> str | None:
    """The highest published score."""
    found = sorted(lines, key=lambda one: (-(one[0].score or 0.0), one[0].model))
    return found[0][0].model if found else None


def best_under(usd: float) -> Plain:
    """The highest published score among those that cost no more."""

    def choose(lines: Sequence[tuple[Entry, float | None]]) -> str | None:
        return top_one([one for one in lines if one[1] is not None and one[1] <= usd])

    return choose


def rating_per_dollar(lines: Sequence[tuple[Entry, float | None]]) -> str | None:
    """The highest published score over price."""
    found = sorted(
        ((entry.score or 0.0) / price, entry.model) for entry, price in lines if price is not None
    )
    return found[-1][1] if found else None


def line(
    name: str,
    role: Role,
    steps: Sequence[Step],
    chosen: Sequence[str | None],
    truth: Mapping[str, float],
    rules: Rules,
) -> Line:
    """How a sequence of choices fared against the truth, however it was made."""
    points = _points(steps, chosen, truth) if role == "hero" else None
    dollars, under = _dollars(steps, chosen, truth, rules) if role == "workhorse" else (None, None)
    moves = switches([step.at for step in steps], chosen)
    return Line(name, role, len(steps), len(moves), flaps(moves), points, dollars, under)


def switches(
    at: Sequence[datetime], chosen: Sequence[str | None]
) -> list[tuple[datetime, str, str]]:
    """When a role changed hands, from whom and to whom; the first choice is none."""
    held = [(day, model) for day, model in zip(at, chosen, strict=True) if model is not None]
    return [(day, old, new) for (_, old), (day, new) in pairwise(held) if old != new]


def flaps(moves: Sequence[tuple[datetime, str, str]]) -> int:
    """How often a role came back to whom it had been taken from, within 30 days."""
    return sum(
        second[2] == first[1] and second[0] - first[0] <= FLAP for first, second in pairwise(moves)
    )


def _points(
    steps: Sequence[Step], chosen: Sequence[str | None], truth: Mapping[str, float]
) -> float | None:
    lacking = [
        max(truth[name] for name in step.able) - truth[model]
        if model is not None and step.able
        else None
        for step, model in zip(steps, chosen, strict=True)
    ]
    return _over_time(steps, lacking)


def _dollars(
    steps: Sequence[Step], chosen: Sequence[str | None], truth: Mapping[str, float], rules: Rules
) -> tuple[float | None, float | None]:
    more: list[float | None] = []
    under: list[float | None] = []
    for step, model in zip(steps, chosen, strict=True):
        price = {one.model: one.price for one in step.field.candidates if one.model in step.able}
        gap = odds.floor_gap(step.field, rules.workhorse)
        best = max((truth[name] for name in price), default=0.0)
        enough = [one for name, one in price.items() if one and truth[name] >= best - gap]
        own = price.get(model) if model is not None else None
        if model is None or own is None:
            more.append(None)
            under.append(None)
            continue
        short = truth[model] < best - gap
        under.append(float(short))
        more.append(None if short else 1000 * (own - min(enough)))
    return _over_time(steps, more), _over_time(steps, under)


def _over_time(steps: Sequence[Step], values: Sequence[float | None]) -> float | None:
    """Mean over days, each value holding until the next board; the last one is not counted."""
    total = days = 0.0
    for (step, after), value in zip(pairwise(steps), values, strict=False):
        if value is not None:
            length = (after.at - step.at).total_seconds() / 86400
            total, days = total + value * length, days + length
    return total / days if days else None


def _price(entry: Entry) -> float | None:
    found = list_price(entry)
    return found.usd if found.per_clip_second is None else found.per_clip_second
