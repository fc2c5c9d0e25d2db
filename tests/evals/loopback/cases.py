"""A fault, and the outcome that it must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from evals.endpoints import patience
from evals.errors import BackendError, GenerationError, LoadError
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.server import Fault

PROVIDERS = ("openai", "fal", "replicate", "huggingface")
QUEUES = ("fal", "replicate")
"""Those that hand pictures in, too."""
ATTEMPTS = patience.ATTEMPTS
YEARS = str(10 * 365 * 86_400)
METADATA = "http://169.254.169.254/latest/meta-data"


@dataclass(frozen=True)
class Case:
    """A fault, and its outcome."""

    name: str
    fault: Fault
    kind: str
    billed: bool = False
    blame: str = "infrastructure"
    tries: int = 1
    """Requests of that step."""
    final: bool = False
    """A LoadError."""
    real: bool = False
    """A read blocks, so that the deadline is a real one."""
    only: tuple[str, ...] = PROVIDERS
    settings: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def failing(run: object) -> GenerationError:
    with pytest.raises(GenerationError) as caught:
        run()  # pyright: ignore[reportCallIssue]
    return caught.value


def outcome(run: Callable[[], object]) -> BackendError:
    with pytest.raises(BackendError) as caught:
        run()
    return caught.value


def check(case: Case, found: BackendError) -> None:
    assert (found.kind, isinstance(found, LoadError)) == (case.kind, case.final), str(found)
    if isinstance(found, GenerationError):
        assert (found.blame, found.billed) == (case.blame, case.billed), str(found)
    assert "\n" not in str(found)
    assert len(str(found)) <= 400


def attempt(provider: str, step: str, case: Case, clock: Clock) -> None:
    settings = {"deadline_s": 0.25 if case.real else 120.0, **case.settings}
    more = {"by_address": True} if provider == "openai" else {}
    with (
        serving(provider, **more) as server,
        opened(provider, server, **settings) as endpoint,
    ):
        server.put(step, case.fault)
        check(case, outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())))
        assert server.count(step) == case.tries
        assert server.count("work") == (case.tries if step == "work" else 1)
