"""Which metrics degraded copies fool, as they are computed today (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leaderboard.evidence import Canary

HALF = 0.5


def fooled_by(
    canaries: Iterable[Canary], fingerprints: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Metric -> canaries that fool it, sorted; metrics that none fools are absent.

    Args:
        canaries: results, of whatever fingerprint.
        fingerprints: metric -> that of its current scores. A result of another one is of other
            weights or another version, and says nothing about today's; nor does one of a metric
            that is not named here.

    A metric is fooled when the copies win more than half the pairs even at the lower 95 % bound.
    """
    found: dict[str, set[str]] = {}
    for item in canaries:
        if item.fingerprint == fingerprints.get(item.metric) and item.low > HALF:
            found.setdefault(item.metric, set()).add(item.canary)
    return {metric: tuple(sorted(names)) for metric, names in sorted(found.items())}
