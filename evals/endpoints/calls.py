"""One call to an endpoint: how long it may take, whether it was cancelled, what it may have cost.

The clients know nothing of this; `transport` finds the call of its thread.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from evals.endpoints.keys import Redactor
from evals.endpoints.timing import Timing
from evals.errors import GenerationError

Expects = Literal["json", "media", "any"]


@dataclass
class Call:
    """The state of one call of `generate`."""

    timing: Timing
    deadline_s: float
    cancelled: threading.Event
    key: str
    """Idempotency key."""
    idempotent: bool
    """Whether the endpoint honours it."""
    redactor: Redactor
    expects: Expects = "json"
    sent: bool = False
    """Bytes of the request in flight went out."""
    unsure: bool = False
    """A request for work went out, and how it ended is not known."""
    accepted: bool = False
    """A request for work was answered with success: from here on the call is billed."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Of successes, lower case; a later answer's win."""
    begun: float = 0.0
    rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.begun = self.timing.monotonic()
        self.rng.seed(self.key)

    @property
    def billed(self) -> bool:
        """Whether the call may have cost money, as far as it has come."""
        return self.accepted or (self.unsure and not self.idempotent)

    def left(self) -> float:
        """Seconds to the deadline; 0 and less when it has passed."""
        return self.begun + self.deadline_s - self.timing.monotonic()

    def check(self) -> float:
        """Seconds to the deadline.

        Raises:
            GenerationError: `cancelled`, or `timeout` when there is none left.
        """
        if self.cancelled.is_set():
            raise GenerationError("cancelled", kind="cancelled", billed=self.billed)
        left = self.left()
        if left <= 0:
            raise self.timeout()
        return left

    def timeout(self) -> GenerationError:
        """The error of a call that took too long."""
        message = f"no media within {self.deadline_s:g} s (deadline_s)"
        return GenerationError(message, kind="timeout", billed=self.billed)

    def pause(self, seconds: float) -> None:
        """Wait, though not past the deadline; raises as `check` does."""
        self.timing.wait(min(seconds, self.check()), self.cancelled)
        self.check()

    @contextmanager
    def expecting(self, expects: Expects) -> Generator[None]:
        """Within it, answers are to be of another kind."""
        before, self.expects = self.expects, expects
        try:
            yield
        finally:
            self.expects = before


_thread = threading.local()


@contextmanager
def active(call: Call) -> Generator[None]:
    """Within it, `call` is what this thread sends for."""
    before = current()
    _thread.call = call
    try:
        yield
    finally:
        _thread.call = before


def current() -> Call | None:
    """The call that this thread sends for, if it does."""
    return getattr(_thread, "call", None)
