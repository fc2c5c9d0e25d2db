"""Cancelling, the breaker, and calls side by side."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from evals.endpoints import timing
from evals.errors import GenerationError
from tests.evals.loopback import faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import PROVIDERS, failing
from tests.evals.loopback.server import Handler, Seen


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_call_that_hangs_can_be_cancelled(provider: str, clock: Clock) -> None:
    reached = threading.Event()

    def hang(handler: Handler, seen: Seen) -> None:
        reached.set()
        faults.hang(handler, seen)

    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", hang)
        with ThreadPoolExecutor(1) as pool:
            call = pool.submit(endpoint.generate, PROMPT, 0, ticket=Leave())
            assert reached.wait(10)
            endpoint.cancel()
            found = call.exception(10)
        assert isinstance(found, GenerationError)
        assert (found.kind, found.billed) == ("cancelled", True)
        late = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (late.kind, late.billed) == ("cancelled", False)
        assert server.count("work") == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_back_off_can_be_cancelled(
    provider: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait(seconds: float, cancelled: threading.Event) -> None:
        assert not cancelled.is_set()
        cancelled.set()

    monkeypatch.setattr(timing, "REAL", replace(clock.timing(), wait=wait))
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", faults.status(429, Retry_After="100"))
        found = failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert (found.kind, found.billed) == ("cancelled", False)
        assert server.count("work") == 1


def test_the_real_wait_ends_with_the_event() -> None:
    cancelled = threading.Event()
    cancelled.set()
    begun = time.monotonic()
    timing.Timing().wait(60.0, cancelled)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_dead_endpoint_costs_minutes(provider: str, clock: Clock) -> None:
    with serving(provider) as server:
        pass
    with opened(provider, server, breaker_after=3, cooldown_s=60.0) as endpoint:
        kinds = [
            failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind for _ in range(50)
        ]
        assert kinds == ["unreachable"] * 3 + ["endpoint_down"] * 47
        assert clock.skipped < 120
        clock.skipped += 61
        # One call tries it again, and fails; the rest is spared.
        kinds = [
            failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind for _ in range(3)
        ]
        assert kinds == ["unreachable", "endpoint_down", "endpoint_down"]


def test_an_endpoint_that_recovers_is_used_again(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, breaker_after=2) as endpoint:
        server.put("work", faults.status(500), faults.status(500), None)
        for kind in ("server_error", "server_error", "endpoint_down"):
            assert failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind == kind
        clock.skipped += 61
        endpoint.generate(PROMPT, 0, ticket=Leave())
        endpoint.generate(PROMPT, 1, ticket=Leave("t2"))


def test_what_the_model_refuses_does_not_open_the_breaker(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, breaker_after=2) as endpoint:
        server.put("work", faults.says({"error": {"code": "moderation_blocked"}}, 400))
        for _ in range(5):
            assert failing(lambda: endpoint.generate(PROMPT, 0, ticket=Leave())).kind == "refused"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_calls_side_by_side_do_not_mix(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server, concurrency=8) as endpoint:
        with ThreadPoolExecutor(8) as pool:
            made = list(
                pool.map(
                    lambda seed: endpoint.generate(PROMPT, seed, ticket=Leave(f"t{seed}")).pixels,
                    range(24),
                )
            )
        alone = [
            endpoint.generate(PROMPT, seed, ticket=Leave(f"a{seed}")).pixels for seed in range(24)
        ]
        assert all(np.array_equal(one, other) for one, other in zip(made, alone, strict=True))


def test_the_hubs_own_client_works_as_before(clock: Clock) -> None:
    """Outside of a call, the switch lets everything through, offline mode included."""
    from huggingface_hub import get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    with serving("huggingface") as server, opened("huggingface", server):
        with pytest.raises(OfflineModeIsEnabled):
            get_session().get(f"{server.base}/x")
        assert server.seen == []
