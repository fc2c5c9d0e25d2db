"""After failures in a row, an endpoint is left alone for a while: it costs minutes, not hours."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from evals.errors import GenerationError


@dataclass
class Breaker:
    """Counts failures of the infrastructure in a row, over all threads of one model."""

    after: int
    """Failures in a row that open it."""
    cooldown_s: float
    monotonic: Callable[[], float]
    failures: int = 0
    until: float | None = None
    """When it lets one call through again; None while it is closed."""
    last: str = ""
    """What went wrong last."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def check(self) -> None:
        """Let a call through, or not.

        Raises:
            GenerationError: kind `endpoint_down`; nothing was sent.
        """
        with self._lock:
            if self.until is None:
                return
            left = self.until - self.monotonic()
            if left <= 0:
                # This one call tries it; the others wait for how it ends.
                self.until = self.monotonic() + self.cooldown_s
                return
            message = (
                f"not called: {self.failures} calls in a row failed (the last: {self.last});"
                f" asked again in {left:.0f} s"
            )
        raise GenerationError(message, kind="endpoint_down")

    def succeeded(self) -> None:
        """The endpoint answered, be it with a refusal."""
        with self._lock:
            self.failures, self.until = 0, None

    def failed(self, message: str) -> None:
        """The infrastructure failed once more."""
        with self._lock:
            self.failures += 1
            self.last = message
            if self.failures >= self.after:
                self.until = self.monotonic() + self.cooldown_s
