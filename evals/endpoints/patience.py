"""How long to wait before a call is tried again."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_S = 0.5
LONGEST_S = 30.0
"""Of a wait of our own; what a server asks for may be longer."""
RETRY_AFTER_CAP_S = 300.0
"""A server that asks for more is not waited for: the trial is left to the next run."""
SHORTEST_S = 1.0
"""Of what a server asks for: one that asks for 0, or names a date that is past, would be asked a
thousand times a second."""
ATTEMPTS = 6
"""Tries in all while nothing answers, or only with errors. A server that asks for patience is
asked until the deadline."""


def asked(header: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, as a number or as a date; None if it says nothing.

    >>> asked("120", datetime(2026, 1, 1, tzinfo=UTC))
    120.0
    >>> asked("Thu, 01 Jan 2026 00:00:30 GMT", datetime(2026, 1, 1, tzinfo=UTC))
    30.0
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            date = parsedate_to_datetime(header)
            if date.tzinfo is None:
                date = date.replace(tzinfo=UTC)
            seconds = (date - now).total_seconds()
        except (ValueError, OverflowError):
            # Overflow: a year that no calendar has.
            return None
    return None if math.isnan(seconds) else max(0.0, seconds)


def backoff(attempt: int, rng: random.Random) -> float:
    """Seconds before the try after the `attempt`-th: exponential, with full jitter.

    Args:
        attempt: from 1.
        rng: seeded by the trial, so that trials refused together do not come back together.
    """
    return rng.uniform(0.0, min(LONGEST_S, FIRST_S * 2.0 ** min(attempt - 1, 30)))
