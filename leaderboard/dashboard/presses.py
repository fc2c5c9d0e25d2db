"""Which press of a button is a judgement, and which one an accident (pure).

The next pair takes the place of the last one, so the second half of a double click, or a key that
is held down, would judge pictures that nobody has looked at. A press counts only after the page has
been at rest for a moment: neither drawn nor pressed. A held key repeats faster than that, so it
votes once, however long it is held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

PAUSE_S = 0.4
"""Seconds; a double click takes less, and judging two pictures takes more."""


@dataclass(frozen=True)
class Presses:
    """What has happened on one visit."""

    at_rest_since: float | None = None
    """Seconds of a monotonic clock: when the page was last drawn or a button pressed."""
    hasty: bool = False
    """Whether the last press came too quickly to count."""


def drawn(before: Presses, now: float) -> Presses:
    """The page has been drawn to its end. What was pressed meanwhile is dealt with right after."""
    return replace(before, at_rest_since=now)


def pressed(before: Presses, now: float) -> Presses:
    """A button was pressed; a `hasty` press is to be ignored.

    >>> once = pressed(drawn(Presses(), 10.0), 12.0)
    >>> once.hasty, pressed(drawn(once, 12.1), 12.2).hasty
    (False, True)
    """
    since = before.at_rest_since
    return Presses(now, hasty=since is not None and now - since < PAUSE_S)
