"""Did paired numbers move? A test that assumes no distribution, and how far they moved (pure).

Where nothing changed, the two sides of a pair could as well be swapped, so the sign of every
difference is a coin toss, whatever the differences are. The p-value is the share of all ways of
tossing those coins that move the sum at least as far from zero as it moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from scipy.special import stdtrit

from leaderboard.ratings.bradley_terry import Floats

EXACT = 12
"""Up to so many differences every one of the 2^n sign patterns is counted."""
ENOUGH = 100
"""Patterns at least as extreme, after which no more are drawn: the p-value is then known to a tenth
of itself, and an unchanged model costs a few hundred draws instead of all of them."""
MOST = 199_999
_BATCH = 4_000
_ROUNDING = 1e-12


def p_value(differences: Sequence[float], seed: int = 0) -> float:
    """P(a sum at least so far from zero | every sign is a coin toss), two-sided, in (0, 1].

    Args:
        differences: one per pair, finite. None at all, or only zeros: 1.
        seed: of the patterns, where they are drawn. Drawing stops at the `ENOUGH`th that is as
            extreme (Besag, Clifford 1991), which leaves the test valid at every level.

    >>> p_value([1.0, 2.0, 3.0])
    0.25
    """
    found = np.array([one for one in differences if one != 0.0])
    if not len(found):
        return 1.0
    seen = abs(found.sum()) - _ROUNDING * np.abs(found).sum()
    if len(found) <= EXACT:
        return float((np.abs(_signs(len(found)) @ found) >= seen).mean())
    return _drawn(found, seen, np.random.default_rng(seed))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted for their number (Holm 1979): those at most q are all true with P(error) at most q.

    >>> holm([0.01, 0.04, 0.02])
    [0.03, 0.04, 0.04]
    """
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted, largest = [1.0] * len(p_values), 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def mean_interval(differences: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """Student's interval of the mean of at least two differences.

    >>> [round(end, 3) for end in mean_interval([1.0, 2.0, 3.0])]
    [-0.484, 4.484]
    """
    found = np.array(differences)
    error = found.std(ddof=1) / np.sqrt(len(found))
    reach = float(stdtrit(len(found) - 1, (1 + confidence) / 2) * error)
    return float(found.mean()) - reach, float(found.mean()) + reach


def _drawn(found: Floats, seen: float, random: np.random.Generator) -> float:
    # Eight signs are one random byte, and what they make of their differences is looked up.
    parts = np.pad(found, (0, -len(found) % 8)).reshape(-1, 8)
    sums = parts @ _signs(8).T
    drawn = extreme = 0
    while drawn < MOST:
        size = min(_BATCH, MOST - drawn)
        octets = random.integers(0, 256, (len(parts), size), dtype=np.uint8)
        as_far = (
            np.abs(np.take_along_axis(sums, octets.astype(np.intp), axis=1).sum(axis=0)) >= seen
        )
        reached = extreme + np.cumsum(as_far)
        if reached[-1] >= ENOUGH:
            return ENOUGH / (drawn + 1 + int(np.searchsorted(reached, ENOUGH)))
        drawn, extreme = drawn + size, int(reached[-1])
    return (extreme + 1) / (drawn + 1)


def _signs(count: int) -> Floats:
    """(2^count, count): every pattern of signs."""
    return np.array(list(product((1.0, -1.0), repeat=count)))
