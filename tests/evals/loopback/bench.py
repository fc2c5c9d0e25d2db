"""Backends opened against a server of the loopback address, with clocks that do not wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from evals import backends
from evals.endpoints.endpoint import Endpoint
from evals.endpoints.timing import Timing
from evals.types import Model, Prompt, Task
from tests.evals.loopback import dialects
from tests.evals.loopback.server import Server

PROMPT = Prompt("p", "a red circle")
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """Real seconds, and those that were only pretended to be waited."""

    skipped: float = 0.0
    waits: list[float] = field(default_factory=list)

    def timing(self) -> Timing:
        return Timing(
            monotonic=lambda: time.monotonic() + self.skipped,
            now=lambda: START + timedelta(seconds=self.skipped),
            wait=self._wait,
            slice_s=0.01,
        )

    def _wait(self, seconds: float, cancelled: threading.Event) -> None:
        self.waits.append(seconds)
        self.skipped += seconds


@dataclass
class Leave:
    """A ticket that remembers."""

    key: str = "trial-1"
    job: Mapping[str, str] | None = None
    handed_in: list[Mapping[str, str]] = field(default_factory=list)

    def submitted(self, job: Mapping[str, str]) -> None:
        self.handed_in.append(dict(job))


def model(provider: str, task: Task, settings: Mapping[str, Any]) -> Model:
    return Model("m", "M", task, provider, dict(settings))


@contextmanager
def opened(
    provider: str, server: Server, task: Task = "text-to-image", **more: Any
) -> Iterator[Endpoint]:
    settings = {**dialects.settings(provider, server), "poll_s": 0.01, **more}
    settings = {key: value for key, value in settings.items() if value is not None}
    if provider == "routed":
        provider, settings["provider"] = "huggingface", "fal-ai"
    with backends.get(provider).open_model(model(provider, task, settings)) as endpoint:
        assert isinstance(endpoint, Endpoint)
        yield endpoint


@contextmanager
def serving(provider: str, task: Task = "text-to-image", **more: Any) -> Iterator[Server]:
    with Server(dialects.DIALECTS[provider](task=task, **more)).running() as server:
        yield server
