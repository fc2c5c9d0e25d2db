"""The watch over one call: its deadline, and being called off, both looked at after every step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evals.errors import GenerationError


@dataclass
class Watch:
    """One call of a pipeline."""

    deadline_s: float | None
    timer: Callable[[], float] = time.monotonic
    called_off: threading.Event = field(default_factory=threading.Event)
    begun: float = field(init=False)

    def __post_init__(self) -> None:
        """The call begins when its watch is made."""
        self.begun = self.timer()

    def check(self) -> None:
        """Go on, or GenerationError: `cancelled` or `timeout`; neither is the model's fault."""
        if self.called_off.is_set():
            raise GenerationError("called off", blame="infrastructure", kind="cancelled")
        taken = self.timer() - self.begun
        if self.deadline_s is not None and taken > self.deadline_s:
            what = f"took {taken:.1f} s, and deadline_s allows {self.deadline_s:g}"
            raise GenerationError(what, blame="infrastructure", kind="timeout")

    def hooks(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments that have a pipeline look here after every step, if it can.

        Args:
            known: the parameters of its call.
        """
        if "callback_on_step_end" in known:
            return {"callback_on_step_end": self._after_step}
        if "callback" in known and "callback_steps" in known:
            return {"callback": self._after_step_of_old, "callback_steps": 1}
        return {}

    def _after_step(
        self, pipeline: Any, step: int, timestep: Any, given: dict[str, Any]
    ) -> dict[str, Any]:
        del pipeline, step, timestep
        self.check()
        return given

    def _after_step_of_old(self, step: int, timestep: Any, latents: Any) -> None:
        del step, timestep, latents
        self.check()
