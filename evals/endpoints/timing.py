"""Clocks and waits of a call, together, so that tests bring their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _wait(seconds: float, cancelled: threading.Event) -> None:
    cancelled.wait(seconds)


@dataclass(frozen=True)
class Timing:
    """What a call knows of time."""

    monotonic: Callable[[], float] = time.monotonic
    """Seconds; never goes back."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The date, for a Retry-After that names one."""
    wait: Callable[[float, threading.Event], None] = _wait
    """Wait so many seconds, or until the event is set."""
    slice_s: float = 0.2
    """Longest that a read blocks before it is seen whether the call was cancelled."""


REAL = Timing()
"""What a model is opened with."""
