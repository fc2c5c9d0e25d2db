"""How sure a share of few calls is (pure)."""

from __future__ import annotations

import math

from leaderboard.snapshots import NORMAL_95


def wilson(hits: float, of: float, z: float = NORMAL_95) -> tuple[float, float]:
    """Wilson's interval for a share (Wilson 1927), 95 % unless `z` says otherwise.

    Args:
        hits: from 0 to `of`.
        of: above 0; whole, or an effective number.
        z: normal quantile of the half-width.

    >>> [round(bound, 4) for bound in wilson(1, 10)]
    [0.0179, 0.4042]
    """
    share = hits / of
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    centre, scale = share + z * z / (2 * of), 1 + z * z / of
    # Rounding must not put the bound of a certain share beside it.
    low = 0.0 if hits == 0 else max(0.0, (centre - spread) / scale)
    return low, 1.0 if hits == of else min(1.0, (centre + spread) / scale)


def quantile(values: tuple[float, ...], share: float) -> float:
    """The smallest value that at least this share of the sorted values does not exceed.

    >>> quantile((1.0, 2.0, 3.0, 40.0), 0.5), quantile((1.0, 2.0, 3.0, 40.0), 0.95)
    (2.0, 40.0)
    """
    return values[max(0, math.ceil(share * len(values) - 1e-9) - 1)]
