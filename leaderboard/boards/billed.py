"""What generations are billed by, and a board at the prices of another day (pure).

Dollars follow from quantities and prices, so an edition keeps the quantities of its rows: means
over the generations of one size, as a price depends on nothing else and is linear in the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from evals.prices.types import Cost, Entry, Size
from evals.pricing import cost
from leaderboard.answers import Billed, Board, BoardRow

if TYPE_CHECKING:
    from leaderboard.evidence import Sample


def billed_of(made: Sequence[Sample]) -> tuple[Billed, ...]:
    """The quantities of one model's successful generations, by size; the commonest first.

    A quantity that some of a size lack is left out: a mean over the others would be of something
    else.
    """
    alike: dict[tuple[int | None, int | None, int, float | None, str | None], list[Sample]]
    alike = defaultdict(list)
    for one in made:
        alike[one.width, one.height, one.frames or 1, one.fps, one.device].append(one)
    found = [
        Billed(len(samples), _means([one.quantities for one in samples]), *key)
        for key, samples in alike.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.generations, str(one))))


def _means(quantities: Sequence[Mapping[str, float]]) -> dict[str, float]:
    common = set[str].intersection(*(set(one) for one in quantities))
    return {name: sum(one[name] for one in quantities) / len(quantities) for name in sorted(common)}


def repriced(board: Board, prices: Mapping[str, Entry | None], day: date) -> Board:
    """The board with what its generations would cost on a day. Outside boards stay as they are.

    Args:
        board: of an edition.
        prices: what each registered model is billed by, by its id.
        day: whose prices count. What began later is not known on it.
    """
    if board.suite_id is None:
        return board
    return replace(board, rows=tuple(_row(row, prices, day) for row in board.rows))


def _row(row: BoardRow, prices: Mapping[str, Entry | None], day: date) -> BoardRow:
    if not row.billed:
        return _unknown(row, "no quantities are kept of it; `churnboard refresh` keeps them")
    if row.model not in prices:
        return _unknown(row, f"{row.model} is not registered here, so nothing says its price")
    costs = [(one, _cost(one, prices[row.model], day)) for one in row.billed]
    total = 0.0
    for one, found in costs:
        if found.usd is None:
            return _unknown(row, found.basis)
        total += found.usd * one.generations
    count = sum(one.generations for one, _ in costs)
    seconds = sum(one.generations * one.frames / one.fps for one in row.billed if one.fps)
    basis = f"at the prices of {day.isoformat()}: mean of {count} generations, such as: "
    return replace(
        row,
        cost_usd=total / count,
        cost_basis=basis + costs[0][1].basis,
        usd_per_clip_second=total / seconds if seconds else None,
    )


def _cost(one: Billed, entry: Entry | None, day: date) -> Cost:
    size = (
        None
        if one.width is None or one.height is None
        else Size(one.width, one.height, one.frames, one.fps)
    )
    return cost(entry, one.quantities, size, day, one.device)


def _unknown(row: BoardRow, reason: str) -> BoardRow:
    return replace(row, cost_usd=None, cost_basis=reason, usd_per_clip_second=None)
