"""How odds, places and days are put into words: one way in the terminal, in reasons, on pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leaderboard.answers import Board


def odds(probability: float | None) -> str:
    """A probability in [0, 1] in per cent; never a certainty that sampling cannot give.

    >>> [odds(p) for p in (0.918, 1.0, 0.0, None)]
    ['92 %', '> 99 %', '< 1 %', 'unknown']
    """
    if probability is None:
        return "unknown"
    if probability > 0.99:
        return "> 99 %"
    if probability < 0.01:
        return "< 1 %"
    return f"{100 * probability:.0f} %"


def decimals(ratings: Iterable[float]) -> int:
    """How many decimals tell the models of a board apart: Elo-like points need none, per cents two.

    >>> decimals([1104.2, 987.0]), decimals([82.32, 82.3])
    (0, 2)
    """
    return 2 if all(abs(rating) <= 100 for rating in ratings) else 0


def number(value: float) -> str:
    """A number of days: whole from ten on, one decimal below, one digit below one.

    >>> number(0.0298), number(1.04), number(27.0)
    ('0.03', '1', '27')
    """
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 1 else f"{value:.1g}"


def clip_size(seconds: float | None, width: int | None, height: int | None) -> str | None:
    """How long clips are and how large, so far as that is known.

    >>> clip_size(2.0, 704, 480), clip_size(5.04, None, None), clip_size(None, None, None)
    ('2 s, 704 × 480', '5.04 s', None)
    """
    size = None if width is None or height is None else f"{width} × {height}"
    length = None if seconds is None else f"{seconds:.3g} s"
    return ", ".join(filter(None, (length, size))) or None


def place(rank_low: int, rank_high: int) -> str:
    """A rank set in words: the places that the evidence cannot tell apart.

    >>> place(1, 1), place(2, 5)
    ('1', 'tied 2–5')
    """
    return str(rank_low) if rank_low == rank_high else f"tied {rank_low}–{rank_high}"


def silent_changes(board: Board) -> list[str]:
    """One line for each sign that a model of the board is not what it was, or ignores its seeds."""
    names = {row.model: row.name for row in board.rows}
    return [
        f"{names.get(one.model, one.model)} {one.evidence}"
        if one.before is None
        else f"{names.get(one.model, one.model)} changed silently between epochs {one.before} and"
        f" {one.epoch}: {one.evidence}"
        for one in board.silent_changes
    ]
