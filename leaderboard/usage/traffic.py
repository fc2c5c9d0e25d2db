"""Counts by day -> whose calls they were, and who got which share (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from leaderboard.pick_answers import Role
from leaderboard.usage.answers import Share
from leaderboard.usage.days import Day
from leaderboard.usage.names import Holders, Names, asked, meant

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Flow:
    """Calls of one day for one task, in the names of one board."""

    counts: Day
    role: Role | None
    domain: str | None
    """What their alias asked for; `None` = no alias of a role."""
    model: str | None
    """Whose they were; `None` = nobody's of that board, or it cannot be told whose."""
    could_be: tuple[str, ...]
    """Models of the board that the router's word may mean."""

    @property
    def day(self) -> date:
        """The UTC day."""
        return self.counts.day

    @property
    def calls(self) -> int:
        """How many calls."""
        return self.counts.calls

    @property
    def name(self) -> str:
        """The model, or the router's word for it."""
        return self.model or self.counts.model


def flows(
    days: Iterable[Day],
    task: str,
    names: Names,
    held: Holders,
    elsewhere: Collection[str] = (),
) -> tuple[Flow, ...]:
    """The calls for one task.

    Args:
        days: of all tasks.
        task: calls are for it by their own word, else by their alias, else by their model where
            that is called for no other task.
        names: what its board's models are called.
        held: who held its roles when.
        elsewhere: what models of other tasks are called.
    """
    found: list[Flow] = []
    for one in days:
        wanted = asked(one.alias)
        own = one.task or (None if wanted is None else wanted.task)
        if own is None and one.model in names and one.model not in elsewhere:
            own = task
        if own != task:
            continue
        if wanted is not None and wanted.task != task:
            wanted = None
        model, _ = meant(one.model, names, wanted, one.day, held)
        found.append(
            Flow(
                one,
                None if wanted is None else wanted.role,
                None if wanted is None else wanted.domain,
                model,
                names.get(one.model, ()),
            )
        )
    return tuple(found)


def made(every: Iterable[Flow]) -> tuple[Flow, ...]:
    """Those that models made: work by traditional means is no model's traffic."""
    return tuple(flow for flow in every if flow.counts.kind == "ai")


def within(every: Iterable[Flow], begins: date, ends: date) -> tuple[Flow, ...]:
    """Those of the days from `begins` to `ends`, both included."""
    return tuple(flow for flow in every if begins <= flow.day <= ends)


def total(every: Iterable[Flow]) -> int:
    """How many calls."""
    return sum(flow.calls for flow in every)


def shares(
    every: Sequence[Flow],
    name: Callable[[Flow], str] = lambda flow: flow.name,
    step: timedelta | None = WEEK,
) -> tuple[Share, ...]:
    """Everybody's share of each stretch of days, the last of which ends with the last call.

    Args:
        every: of one task.
        name: whose a call is.
        step: length of a stretch; `None` = one for all.

    By time, then by falling share. A stretch without calls has no shares.
    """
    if not every:
        return ()
    first, last = min(flow.day for flow in every), max(flow.day for flow in every)
    counts: dict[date, dict[str, int]] = {}
    for flow in every:
        begins = first
        if step is not None:
            back = (last - flow.day).days // step.days
            begins = last - step * (back + 1) + timedelta(days=1)
        own = counts.setdefault(begins, {})
        own[name(flow)] = own.get(name(flow), 0) + flow.calls
    found: list[Share] = []
    for begins, own in sorted(counts.items()):
        whole = sum(own.values())
        ordered = sorted(own.items(), key=lambda item: (-item[1], item[0]))
        found += [Share(begins, who, calls, calls / whole) for who, calls in ordered]
    return tuple(found)
