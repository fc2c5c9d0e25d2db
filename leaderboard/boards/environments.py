"""Which environments' scores may stand on one board (pure).

The same judge on another version of torch or another kind of device gives slightly other numbers.
Every run scores a fixed set of pictures, the probes; two environments are pooled where they agree
on every probe within the metric's tie band, and else only the newest one's scores are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Check:
    """What one metric made of the probes in one run."""

    metric: str
    fingerprint: str
    """Strict part: judge, preprocessing, metric version."""
    environment: str
    probes: tuple[float, ...]
    at: datetime


@dataclass(frozen=True)
class Apart:
    """An environment whose scores of a metric are not pooled with the newest one's."""

    metric: str
    fingerprint: str
    environment: str
    reason: str


def apart(
    checks: Iterable[Check],
    bands: Mapping[str, float],
    seen: Iterable[tuple[str, str, str]] = (),
) -> tuple[Apart, ...]:
    """The environments that stand apart from the newest one, per metric and fingerprint.

    Args:
        checks: of all runs, in any order.
        bands: tie band by metric; 0 where none is given.
        seen: metric, fingerprint and environment of all scores there are. An environment that
            scored no probes stands apart from one that did: nobody knows how they compare.
    """
    newest: dict[tuple[str, str, str], Check] = {}
    for check in sorted(checks, key=lambda check: (check.at, check.probes)):
        newest[check.metric, check.fingerprint, check.environment] = check
    bases: dict[tuple[str, str], Check] = {}
    for check in newest.values():
        key = (check.metric, check.fingerprint)
        if key not in bases or (check.at, check.environment) > (
            bases[key].at,
            bases[key].environment,
        ):
            bases[key] = check
    found: list[Apart] = []
    for (metric, fingerprint, environment), check in sorted(newest.items()):
        base = bases[metric, fingerprint]
        reason = _differs(check, base, bands.get(metric, 0.0))
        if environment != base.environment and reason is not None:
            found.append(Apart(metric, fingerprint, environment, reason))
    for metric, fingerprint, environment in sorted(set(seen) - set(newest)):
        base = bases.get((metric, fingerprint))
        if base is not None:
            reason = (
                f"made with {environment or 'an unrecorded environment'}, which scored no probes;"
                " `churnboard rescore` makes them again"
            )
            found.append(Apart(metric, fingerprint, environment, reason))
    return tuple(found)


def _differs(check: Check, base: Check, band: float) -> str | None:
    if len(check.probes) != len(base.probes):
        return f"made with {check.environment}, on other probes than with {base.environment}"
    gap = max((abs(a - b) for a, b in zip(check.probes, base.probes, strict=True)), default=0.0)
    if gap <= band:
        return None
    return (
        f"made with {check.environment}: up to {gap:.3g} from {base.environment} on the same"
        f" pictures, more than the tie band of {band:.3g}; `churnboard rescore` makes them again"
    )
