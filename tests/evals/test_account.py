"""Money is reserved before a call and settled after it, and no call is paid twice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.account import Account, Leave
from evals.backends import RawMedia, Ticket
from evals.budget import Expected, Limits
from evals.calls import Call, CallLine, calls_of, newest, reconciled
from evals.errors import LoadError
from evals.executors import Ended
from evals.generate import Attempt, not_loaded
from evals.types import Failure, Generation, Prompt, Trial
from tests.evals.worlds import NOON

PICTURE = np.zeros((8, 8, 3), np.uint8)
PAID = Expected(0.1, 1.0, paid=True)
LOCAL = Expected(0.1, 1.0, paid=False)


@dataclass
class Endpoint:
    device: str = "endpoint"
    concurrency: int = 2
    idempotent: bool = False

    def generate(
        self, prompt: Prompt, seed: int, start: np.ndarray | None = None, *, ticket: Ticket
    ) -> RawMedia:
        raise AssertionError


def trial(number: int = 0, model: str = "m") -> Trial:
    return Trial(model, "r", "s", "v", f"p{number}", 0, 1)


def account(
    lines: list[CallLine],
    limits: Limits = Limits(),  # noqa: B008 - frozen
    expected: Mapping[str, Expected] | None = None,
    calls: Mapping[str, Call] | None = None,
    times: Iterator[float] | None = None,
    **given: object,
) -> Account:
    timer = times if times is not None else iter(range(10_000))
    return Account(
        limits,
        expected or {"m": PAID},
        calls or {},
        lines.append,
        lambda: NOON,
        lambda: float(next(timer)),
        **given,  # type: ignore[arg-type]
    )


def came(
    number: int, outcome: RawMedia | Failure, usd: float | None, billed: bool = False
) -> tuple:
    ok = isinstance(outcome, RawMedia)
    ended = Ended(trial(number), Attempt(NOON, outcome, 1.0, "endpoint", billed))
    failure = None if ok else outcome
    return ended, Generation("ok" if ok else "failed", NOON, 1.0, cost_usd=usd, failure=failure)


DONE = RawMedia(PICTURE)
BROKEN = Failure("timeout", "gone", "infrastructure")


def test_a_call_is_on_disk_before_it_is_made_and_settled_after() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    assert [(line.event, line.usd) for line in lines] == [("reserved", 0.1)]
    leave.submitted({"id": "7"})
    book.settle(*came(0, DONE, 0.04))
    assert [line.event for line in lines] == ["reserved", "submitted", "settled"]
    (call,) = calls_of(lines)
    assert (call.spent, call.doubtful, call.job) == (0.04, False, {"id": "7"})
    assert book.spent == pytest.approx(0.04)


def test_calls_in_flight_count_at_what_they_may_cost() -> None:
    book = account([], Limits(usd=0.25))
    assert isinstance(book.opens(trial(0), Endpoint()), Leave)
    assert isinstance(book.opens(trial(1), Endpoint()), Leave)
    refused = book.opens(trial(2), Endpoint())
    assert isinstance(refused, Failure)
    assert (refused.kind, refused.blame) == ("budget", "infrastructure")


@given(
    st.integers(1, 12),
    st.lists(st.floats(0.001, 0.2), min_size=1, max_size=60),
    st.floats(0.05, 2.0),
    st.randoms(use_true_random=False),
)
def test_no_call_begins_that_would_pass_the_budget_at_the_dearest_bill_so_far(
    at_once: int, bills: list[float], limit: float, dice: random.Random
) -> None:
    """A price list may be too low: what a bill shows holds for all calls after it."""
    book = account([], Limits(usd=limit), {"m": Expected(0.001, 1.0, paid=True)})
    waiting, flying, dearest, spent = list(enumerate(bills)), [], 0.001, 0.0
    while waiting or flying:
        while waiting and len(flying) < at_once:
            number, bill = waiting.pop(0)
            if isinstance(book.opens(trial(number), Endpoint()), Failure):
                waiting.clear()
                break
            flying.append((number, bill))
            assert spent + len(flying) * dearest <= limit * (1 + 1e-9)
        if flying:
            number, bill = flying.pop(dice.randrange(len(flying)))
            book.settle(*came(number, DONE, bill))
            dearest, spent = max(dearest, bill), spent + bill
    assert book.spent == pytest.approx(spent)


def test_a_wrong_price_is_found_by_the_first_bill() -> None:
    for at_once in (1, 4, 8):
        book = account([], Limits(usd=1.0), {"m": Expected(0.01, 1.0, paid=True)})
        flying, number = [], 0
        while True:
            while len(flying) < at_once and isinstance(
                book.opens(trial(number), Endpoint()), Leave
            ):
                flying.append(number)
                number += 1
            if not flying:
                break
            book.settle(*came(flying.pop(0), DONE, 0.042))
        assert (number, book.spent) == (23, pytest.approx(23 * 0.042))


def test_once_refused_nobody_is_ahead() -> None:
    cheap = {"m": PAID, "cheap": Expected(0.001, 1.0, paid=True)}
    book = account([], Limits(usd=0.05), cheap)
    assert isinstance(book.opens(trial(), Endpoint()), Failure)
    assert isinstance(book.opens(trial(1, "cheap"), Endpoint()), Failure)


def test_what_failed_before_it_was_billed_costs_nothing() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    book.opens(trial(), Endpoint())
    book.settle(*came(0, BROKEN, None))
    assert (book.spent, lines[-1].usd) == (0.0, 0.0)
    assert not calls_of(lines)[0].doubtful


def test_what_failed_and_may_have_been_billed_stays_spent_and_is_not_made_again() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    book.opens(trial(), Endpoint())
    book.settle(*came(0, BROKEN, None, billed=True))
    assert book.spent == pytest.approx(0.1)
    calls = newest(calls_of(lines))
    again = account([], calls=calls).opens(trial(), Endpoint())
    assert isinstance(again, Failure)
    assert (again.kind, "--pay-again" in again.message) == ("maybe_paid", True)
    assert isinstance(account([], calls=calls, pay_again=True).opens(trial(), Endpoint()), Leave)


def cut_off(*events: str) -> dict[str, Call]:
    """What a run left that was killed in the middle of a call."""
    job = {"id": "7"}
    lines = [
        CallLine(trial(), event, NOON, 0.1, job if event == "submitted" else None)
        for event in events
    ]  # type: ignore[arg-type]
    return newest(calls_of(lines))


def test_a_job_that_was_handed_in_is_resumed_and_not_reserved_again() -> None:
    lines: list[CallLine] = []
    book = account(lines, calls=cut_off("reserved", "submitted"))
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    assert (leave.job, lines) == ({"id": "7"}, [])
    book.settle(*came(0, DONE, 0.1))
    assert [line.event for line in lines] == ["settled"]


def test_a_job_that_was_paid_is_fetched_when_the_budget_is_used_up() -> None:
    book = account([], Limits(usd=0.1), calls=cut_off("reserved", "submitted"), spent=0.1)
    assert isinstance(book.opens(trial(1), Endpoint()), Failure)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    assert leave.job == {"id": "7"}


def test_a_call_cut_off_is_repeated_only_where_that_costs_nothing() -> None:
    calls = cut_off("reserved")
    leave = account([], calls=calls).opens(trial(), Endpoint(idempotent=True))
    assert isinstance(leave, Leave)
    assert (leave.key, leave.job) == (trial().key, None)
    assert isinstance(account([], calls=calls).opens(trial(), Endpoint()), Failure)


def test_a_job_whose_outcome_is_known_is_not_resumed() -> None:
    calls = cut_off("reserved", "submitted", "settled")
    assert isinstance(account([], calls=calls).opens(trial(), Endpoint()), Leave)


def test_a_crash_between_the_result_and_its_settlement_loses_no_money() -> None:
    (call,) = calls_of([CallLine(trial(), "reserved", NOON, 0.1)])
    done = Generation("ok", NOON, 1.0, cost_usd=0.04)
    (settled,) = reconciled([call], {trial().key: done})
    assert (settled.spent, settled.doubtful) == (0.04, False)
    assert reconciled([call], {}) == (call,)


def test_every_reservation_counts_though_the_last_one_decides() -> None:
    lines = [CallLine(trial(), event, NOON, 0.1) for event in ("reserved", "settled", "reserved")]  # type: ignore[arg-type]
    calls = calls_of(lines)
    assert sum(call.spent for call in calls) == pytest.approx(0.2)
    assert newest(calls)[trial().key].doubtful


def test_time_is_watched_from_the_first_call() -> None:
    book = account(
        [], Limits(seconds=3), {"m": replace(LOCAL, usd=None)}, times=iter([100.0, 101.0, 102.5])
    )
    assert book.opens(trial(0)) is None
    assert book.opens(trial(1)) is None
    late = book.opens(trial(2))
    assert isinstance(late, Failure)
    assert late.kind == "time"


def test_rented_hardware_is_spent_too() -> None:
    lines: list[CallLine] = []
    book = account(lines, Limits(usd=0.25), {"m": LOCAL})
    assert book.opens(trial()) is None
    book.settle(*came(0, DONE, 0.2))
    assert isinstance(book.opens(trial(1)), Failure)
    assert lines == []


def test_what_is_free_as_far_as_anyone_knows_is_called_under_a_budget_of_nothing() -> None:
    """As the plan says: see `test_what_costs_nothing_known_ahead_is_not_held_back`."""
    book = account([], Limits(usd=0.0), {"m": Expected(None, None, paid=False)})
    assert book.opens(trial()) is None
    book.settle(*came(0, DONE, None))
    assert book.opens(trial(1)) is None
    # Until one of them turns out to cost something.
    book.settle(*came(1, DONE, 0.01))
    assert isinstance(book.opens(trial(2)), Failure)


def test_a_model_that_cannot_be_priced_stays_outside_a_budget_and_shuts_nobody_out() -> None:
    expected = {"m": Expected(None, 1.0, paid=True, basis="no price"), "n": PAID}
    book = account([], Limits(usd=1), expected)
    refused = book.opens(trial(), Endpoint())
    assert isinstance(refused, Failure)
    assert "no price" in refused.message
    assert isinstance(book.opens(trial(0, "n"), Endpoint()), Leave)
    assert isinstance(account([], Limits(), expected).opens(trial(), Endpoint()), Leave)


def test_work_that_an_endpoint_still_holds_is_left_open_and_resumed() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    leave.submitted({"id": "7"})
    book.settle(*came(0, BROKEN, None, billed=True))
    assert [line.event for line in lines] == ["reserved", "submitted"]
    assert book.spent == pytest.approx(0.1)
    again = account([], calls=newest(calls_of(lines))).opens(trial(), Endpoint())
    assert isinstance(again, Leave)
    assert again.job == {"id": "7"}


@pytest.mark.parametrize(
    "outcome",
    [
        *(
            Failure(kind, "no", "infrastructure")
            for kind in ("job_lost", "job_failed", "gone", "rejected", "bad_answer", "too_large")
        ),
        Failure("refused", "no", "model"),
        DONE,
    ],
    ids=lambda outcome: getattr(outcome, "kind", "ok"),
)
def test_work_that_came_to_an_end_is_settled(outcome: RawMedia | Failure) -> None:
    lines: list[CallLine] = []
    book = account(lines)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    leave.submitted({"id": "7"})
    book.settle(*came(0, outcome, None, billed=True))
    assert lines[-1].event == "settled"
    # Asked after again it would end in the same way, for ever: it is paid for anew, or left.
    calls = newest(calls_of(lines))
    assert isinstance(account([], calls=calls).opens(trial(), Endpoint()), Failure)
    anew = account([], calls=calls, pay_again=True).opens(trial(), Endpoint())
    assert isinstance(anew, Leave)
    assert anew.job is None


def test_work_that_failed_and_is_not_charged_is_handed_in_again() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    leave.submitted({"id": "7"})
    book.settle(*came(0, Failure("job_failed", "no memory", "infrastructure"), None))
    assert (book.spent, lines[-1].usd) == (0.0, 0.0)
    again = account([], calls=newest(calls_of(lines))).opens(trial(), Endpoint())
    assert isinstance(again, Leave)
    assert again.job is None


def test_a_repetition_that_costs_nothing_does_not_make_the_first_try_free() -> None:
    calls = cut_off("reserved")
    lines: list[CallLine] = []
    book = account(lines, calls=calls)
    book.opens(trial(), Endpoint(idempotent=True))
    book.settle(*came(0, Failure("endpoint_down", "later", "infrastructure"), None))
    assert lines == []
    book.opens(trial(), Endpoint(idempotent=True))
    book.settle(*came(0, DONE, 0.04))
    assert [(line.event, line.usd) for line in lines] == [("settled", 0.04)]


def test_a_key_that_expires_while_work_is_done_does_not_make_it_free() -> None:
    lines: list[CallLine] = []
    book = account(lines)
    leave = book.opens(trial(), Endpoint())
    assert isinstance(leave, Leave)
    leave.submitted({"id": "7"})
    error = LoadError("401", kind="auth")
    book.settle(Ended(trial(), error), not_loaded(NOON, error))
    assert book.spent == pytest.approx(0.1)
    assert calls_of(lines)[0].doubtful
