"""What is tried again and how often, what is not, and how long is waited between."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.endpoints import patience
from evals.errors import GenerationError
from tests.evals.loopback import faults
from tests.evals.loopback.bench import PROMPT, Clock, Leave, opened, serving
from tests.evals.loopback.cases import ATTEMPTS, PROVIDERS, QUEUES, outcome
from tests.evals.loopback.server import Fault


@given(st.integers(1, 200), st.integers(0, 10_000))
def test_waits_grow_and_are_bounded(attempt: int, seed: int) -> None:
    wait = patience.backoff(attempt, random.Random(seed))
    assert 0 <= wait <= min(patience.LONGEST_S, patience.FIRST_S * 2.0 ** (attempt - 1))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("-5", 0.0),
        ("Thu, 01 Jan 2015 00:00:00 GMT", 0.0),
        ("1e400", float("inf")),
        ("nan", None),
        ("soon", None),
        ("Thu, 01 Jan 99999999999999999 00:00:00 GMT", None),
    ],
)
def test_odd_retry_afters(header: str, seconds: float | None) -> None:
    assert patience.asked(header, datetime(2026, 1, 1, tzinfo=UTC)) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_is_a_number_or_nothing(header: str) -> None:
    found = patience.asked(header, datetime(2026, 1, 1, tzinfo=UTC))
    assert found is None or found >= 0


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_storm_of_429_is_waited_out_until_the_deadline(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server, deadline_s=90.0) as endpoint:
        server.put("work", faults.status(429))
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind == "rate_limited"
        assert isinstance(found, GenerationError)
        assert not found.billed
        assert clock.skipped <= 90.0
        assert server.count("work") > ATTEMPTS


@pytest.mark.parametrize("header", ["0", "-5", "0.001", "Thu, 01 Jan 2015 00:00:00 GMT"])
@pytest.mark.parametrize("code", [429, 503])
def test_who_asks_for_no_patience_is_not_stormed(code: int, header: str, clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, deadline_s=30.0) as endpoint:
        server.put("work", faults.status(code, Retry_After=header))
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind in ("rate_limited", "unavailable")
        assert server.count("work") <= 31


@pytest.mark.parametrize("provider", PROVIDERS)
def test_who_asks_for_patience_gets_it(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put(
            "work",
            faults.status(429, Retry_After="7"),
            faults.status(429, Retry_After="Thu, 01 Jan 2026 00:00:20 GMT"),
            faults.status(503),
            None,
        )
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 4
        assert clock.waits[0] == 7.0
        assert clock.waits[1] == pytest.approx(13.0, abs=0.5)


@pytest.mark.parametrize("step", ["question", "content"])
@pytest.mark.parametrize("provider", QUEUES)
def test_questions_and_downloads_are_repeated(provider: str, step: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put(step, faults.status(500), faults.reset, faults.status(502), None)
        endpoint.generate(PROMPT, 0, ticket=Leave())
        assert server.count("work") == 1
        assert sum(server.bills.values()) - server.bills[""] == 1


@pytest.mark.parametrize("trouble", [faults.reset, faults.status(502), faults.status(500)])
def test_with_an_idempotency_key_work_is_repeated_and_billed_once(
    trouble: Fault, clock: Clock
) -> None:
    with serving("openai") as server, opened("openai", server, idempotent=True) as endpoint:
        server.put("work", trouble, trouble, None)
        made = endpoint.generate(PROMPT, 0, ticket=Leave("one trial"))
        assert made.pixels.shape == (32, 48, 3)
        assert server.count("work") == 3
        assert {seen.headers["idempotency-key"] for seen in server.seen} == {"one trial"}
        # The second reset counts again, as this server bills before it looks; what it made is one.
        assert len(server.dialect.work) == 1  # pyright: ignore[reportAttributeAccessIssue]


def test_the_same_answer_twice_for_one_key_is_one_bill(clock: Clock) -> None:
    with serving("openai") as server, opened("openai", server, idempotent=True) as endpoint:
        one, again = (endpoint.generate(PROMPT, 0, ticket=Leave("k")).pixels for _ in range(2))
        assert (one == again).all()
        assert server.bills == {"k": 1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_one_work_is_never_asked_for_twice(provider: str, clock: Clock) -> None:
    with serving(provider) as server, opened(provider, server) as endpoint:
        server.put("work", faults.reset, None)
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert isinstance(found, GenerationError)
        assert found.billed
        assert server.count("work") == 1


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nobody_listens(provider: str, clock: Clock) -> None:
    with serving(provider) as server:
        pass
    with opened(provider, server) as endpoint:
        found = outcome(lambda: endpoint.generate(PROMPT, 0, ticket=Leave()))
        assert found.kind == "unreachable"
        assert isinstance(found, GenerationError)
        assert not found.billed
        assert len(clock.waits) == ATTEMPTS - 1
