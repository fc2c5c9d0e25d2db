"""Public boards -> the cases that picks are decided from where nothing was evaluated (pure).

One source decides each task. Names go through the aliases and then through the crosswalk, which
gives them vendors, calls and the price of a standard generation. Boards of simulated models and
tables of somebody's own choice decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from evals.prices.types import Entry
from leaderboard.answers import EVALS
from leaderboard.crosswalk.entries import USUAL, Crosswalk, Known, standard_cost
from leaderboard.history.series import Series, by_arena
from leaderboard.identity import Alias, apply_aliases
from leaderboard.picks.conclude import Case
from leaderboard.picks.field import Candidate, Facts, Field
from leaderboard.picks.outside_field import outside_field
from leaderboard.snapshots import Entry as Line
from leaderboard.snapshots import Snapshot

AS_FRESH = timedelta(days=14)
"""Boards no older than the freshest by this much count as fresh as it: sources that publish in
turn do not take a task from each other with every board."""


def outside_cases(
    snapshots: Iterable[Snapshot],
    aliases: Sequence[Alias],
    crosswalk: Crosswalk,
    book: Mapping[str, Entry],
    day: date,
    selections: Collection[str] = (),
    seed: int = 0,
) -> tuple[list[Case], list[str]]:
    """One case for every task that a public board ranks, and why a task has none.

    Args:
        snapshots: of any source and arena, by time.
        aliases: which names are one model.
        crosswalk: which model a name is.
        book: prices by id.
        day: whose prices count.
        selections: sources whose boards list models of somebody's choice.
        seed: of the draws.
    """
    cases: list[Case] = []
    problems: list[str] = []
    for task, one in sorted(newest_boards(snapshots, selections).items()):
        boards, _ = apply_aliases(one.distinct, aliases)
        known = {
            line.model: _facts(crosswalk.find(line.model, one.source, one.arena), line, task, book)
            for line in boards[-1].entries
        }
        field = outside_field(boards, known, seed=seed)
        if isinstance(field, str):
            problems.append(f"no picks from {one.source}: {field}")
        else:
            cases.append(Case(priced(field, crosswalk, book, day), boards))
    return cases, problems


def newest_boards(
    snapshots: Iterable[Snapshot], selections: Collection[str] = ()
) -> dict[str, Series]:
    """Task -> the board that decides it: of the fresh ones the one that was seen most often."""
    found: dict[str, list[Series]] = {}
    real = (
        board
        for board in snapshots
        if board.source != EVALS
        and board.source not in selections
        and board.arena in USUAL
        and board.entries
        and not any(line.simulated for line in board.entries)
    )
    for one in by_arena(tuple(real)):
        if one.distinct:
            found.setdefault(one.arena, []).append(one)
    return {task: _deciding(every) for task, every in found.items()}


def priced(field: Field, crosswalk: Crosswalk, book: Mapping[str, Entry], day: date) -> Field:
    """The field with the price of a standard generation of every model that has one.

    A model without one keeps the price that its board publishes; where that has none either, its
    basis says what is missing.
    """
    return replace(
        field,
        candidates=tuple(_priced(one, field, crosswalk, book, day) for one in field.candidates),
        priced=True,
    )


def _deciding(every: Sequence[Series]) -> Series:
    freshest = max(one.distinct[-1].published_at for one in every)
    fresh = [one for one in every if freshest - one.distinct[-1].published_at <= AS_FRESH]
    return max(
        fresh,
        key=lambda one: (len(one.distinct), len(one.distinct[-1].entries), one.source),
    )


def _facts(known: Known | None, line: Line, task: str, book: Mapping[str, Entry]) -> Facts:
    if known is None:
        return Facts()
    offer = known.offer(task)
    entry = None if offer is None or offer.price is None else book.get(offer.price)
    return Facts(
        provider=None if entry is None else entry.provider,
        # What the board says is a licence; what the crosswalk says is only its kind.
        licence=line.licence or known.licence,
        vendor=known.vendor,
        call=None if offer is None else offer.call,
    )


def _priced(
    one: Candidate, field: Field, crosswalk: Crosswalk, book: Mapping[str, Entry], day: date
) -> Candidate:
    known = crosswalk.find(one.model, field.source, field.task)
    offer = None if known is None else known.offer(field.task)
    found = standard_cost(offer, book, day)
    if found.usd is None or offer is None:
        return one if one.cost_usd is not None else replace(one, cost_basis=found.basis)
    seconds = offer.standard.seconds
    return replace(
        one,
        cost_usd=found.usd,
        cost_basis=f"{offer.standard.told()}: {found.basis}",
        usd_per_clip_second=None if seconds is None else found.usd / seconds,
    )
