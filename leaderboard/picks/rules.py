"""The two rules of a decision, for many worlds at once (pure).

`decision` asks with one world, that of today; `outlook` asks with many that may come. W worlds,
M models; choices are columns, and -1 is nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaderboard.ratings.bradley_terry import Floats

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Choice:
    """What a rule says. (W,) each."""

    model: Ints
    rival: Ints
    """Who would be chosen if nobody held the role: the wish that hysteresis may refuse."""


def hero(
    can: Bools,
    preference: Floats,
    better: Floats,
    incumbent: Ints,
    settled: Bools,
    needed: float,
) -> Choice:
    """The hero: the likeliest best, unless an incumbent is not surely beaten.

    Args:
        can: (W, M) may it be the hero?
        preference: (W, M), larger = likelier the best; no two alike within a world.
        better: (W, M) P(better than the incumbent); of no meaning without one.
        incumbent: (W,) who holds the role; -1 = nobody.
        settled: (W,) has the incumbent held it long enough to be replaced?
        needed: P(better) from which a challenger replaces the incumbent.
    """
    rows = np.arange(len(can))
    wish = _best(can, preference)
    stays = (incumbent >= 0) & can[rows, incumbent]
    passing = can & (better >= needed) & settled[:, None]
    passing[rows, incumbent] = False
    challenger = _best(passing, preference)
    kept = np.where(challenger >= 0, challenger, incumbent)
    return Choice(np.where(stays, kept, wish), wish)


def workhorse(
    can: Bools,
    effort: Floats,
    preference: Floats,
    floor: Floats,
    incumbent: Ints,
    settled: Bools,
    enter: float,
    keep: float,
    saving: float,
) -> Choice:
    """The workhorse: the least effort among those that surely reach the floor.

    Args:
        can: (W, M) may it be the workhorse?
        effort: (W, M), US dollars or seconds.
        preference: (W, M) decides between equal efforts; no two alike within a world.
        floor: (W, M) P(it reaches the floor against the hero); 1 for the hero itself.
        incumbent: (W,) who holds the role; -1 = nobody, or somebody whose price has risen.
        settled: (W,) has the incumbent held it long enough to be replaced?
        enter: probability from which a model qualifies.
        keep: probability from which the incumbent still does.
        saving: share of the incumbent's effort that a challenger must save.
    """
    rows = np.arange(len(can))
    enters = can & (floor >= enter)
    wish = _least(enters, effort, preference)
    stays = (incumbent >= 0) & can[rows, incumbent] & (floor[rows, incumbent] >= keep)
    # Rounding must not decide whether exactly the saving asked for is enough.
    enough = effort[rows, wish] <= effort[rows, incumbent] * (1 - saving) * (1 + 1e-9)
    switches = (wish >= 0) & (wish != incumbent) & enough & settled
    return Choice(np.where(stays & ~switches, incumbent, wish), wish)


def _best(among: Bools, preference: Floats) -> Ints:
    if not among.shape[1]:
        return np.full(len(among), -1, dtype=np.intp)
    found = np.where(among, preference, -np.inf).argmax(axis=1)
    return np.where(among.any(axis=1), found, -1)


def _least(among: Bools, effort: Floats, preference: Floats) -> Ints:
    if not among.shape[1]:
        return np.full(len(among), -1, dtype=np.intp)
    least = np.where(among, effort, np.inf).min(axis=1, keepdims=True)
    return _best(among & (effort == least), preference)
