"""Which press of a button is a judgement, and which one an accident (pure).

The next pair takes the place of the last one, so the second half of a double click, or a key that
is held down, would judge pictures that nobody has looked at. A press counts only when the pair has
been there for a moment and the hand has rested for as long: a held key repeats faster than that, so
it votes once, however long it is held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

PAUSE_S = 0.4
"""Seconds; a double click takes less, and judging two pictures takes more."""


@dataclass(frozen=True)
class Presses:
    """What one visit has seen and done. Times are seconds of one monotonic clock."""

    ballot: str | None = None
    """Id of the ballot on the screen."""
    shown_at: float | None = None
    """When it came there."""
    pressed_at: float | None = None
    """When a button was last pressed, counted or not."""
    hasty: bool = False
    """Whether that press was too quick to count."""


def shown(before: Presses, ballot: str, now: float) -> Presses:
    """`ballot` is on the screen; the moment it came there is kept when it is drawn again."""
    return before if before.ballot == ballot else replace(before, ballot=ballot, shown_at=now)


def pressed(before: Presses, now: float) -> Presses:
    """A button was pressed: `hasty` says that this press is to be ignored.

    >>> at_rest = shown(Presses(), "first", 10.0)
    >>> once = pressed(at_rest, 12.0)
    >>> once.hasty, pressed(shown(once, "second", 12.1), 12.2).hasty
    (False, True)
    """
    marks = [mark for mark in (before.shown_at, before.pressed_at) if mark is not None]
    hasty = any(now - mark < PAUSE_S for mark in marks)
    return replace(before, pressed_at=now, hasty=hasty)
