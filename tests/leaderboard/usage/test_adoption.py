"""How long until traffic follows: found where it was made, and not found where there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.pick_answers import Action, LogEntry, Role
from leaderboard.snapshots import Snapshot
from leaderboard.usage.adoption import rise_lags, rises, switch_lags, typical
from leaderboard.usage.answers import Lag
from leaderboard.usage.days import Day
from tests.leaderboard.history.histories import board
from tests.leaderboard.usage.logs import day, flowing

START = datetime(2026, 1, 1, tzinfo=UTC)


def turn(
    number: int, model: str | None, action: Action = "switched", role: Role = "hero"
) -> LogEntry:
    at = START + timedelta(days=number, hours=9)
    return LogEntry(
        *(at, "text-to-image", "all", role, action, "better", model, "z", at, None, None),
        *("x", at, "a reason"),
    )


def moving(share: Callable[[int], float], until: int, a_day: int = 200) -> list[Day]:
    """Traffic in which `a` has that share of each day, and `b` the rest."""
    log: list[Day] = []
    for number in range(until):
        own = round(share(number) * a_day)
        log += [day(number, "a", own)] if own else []
        log += [day(number, "b", a_day - own)] if own < a_day else []
    return log


@pytest.mark.parametrize("lag", [0, 1, 4, 17])
def test_a_switch_is_followed_on_the_day_of_the_majority(lag: int) -> None:
    log = moving(lambda n: 0.9 if n >= 10 + lag else 0.1, 40)
    (found,) = switch_lags(flowing(log), [turn(10, "a")])
    assert found.days == lag
    assert found.reason is None
    assert (found.before, found.after) == (pytest.approx(0.1), pytest.approx(0.9))


def test_a_switch_that_is_not_followed_says_so_and_how_long_it_was_watched() -> None:
    log = flowing(moving(lambda n: 0.5, 40))
    first, second = switch_lags(log, [turn(10, "a"), turn(20, "c")])
    assert (first.days, first.watched, first.reason) == (None, 11, "not by the next switch")
    assert (second.days, second.watched, second.reason) == (None, 20, "not by the end of the log")


def test_a_switch_without_calls_tells_nothing() -> None:
    log = flowing([day(1, "a", 100), day(12, "a", 9)])
    (few,) = switch_lags(log, [turn(10, "a")])
    (none,) = switch_lags(log, [turn(10, "a", role="workhorse")])
    assert few.days is few.watched is none.days is none.watched is None
    assert few.reason == "no day after it has 10 calls of its alias"
    assert none.reason == "no call of its alias is logged"


def test_only_switches_are_asked_about() -> None:
    log = flowing(moving(lambda n: 1.0, 30))
    assert (
        switch_lags(log, [turn(1, "a", "chosen"), turn(2, "a", "held"), turn(3, None, "dropped")])
        == ()
    )


def boards(at: int, until: int = 100) -> list[Snapshot]:
    """`a` rises from the third to the first place on day `at`."""
    return [
        board(n, *(("a", "b", "c") if n >= at else ("b", "c", "a")))
        for n in sorted({*range(0, until, 7), at})
    ]


def test_a_rise_is_the_first_date_of_the_best_rank() -> None:
    (found,) = rises(boards(40))
    assert (found.model, found.rank, found.at) == ("a", 1, START + timedelta(days=40))
    assert rises([board(0, "a", "b"), board(7, "b", "a")])[0].model == "b"
    late = rises([board(0, "a"), board(7, "a", "new")])
    assert [(one.model, one.rank) for one in late] == [("new", 2)]


@pytest.mark.parametrize("lag", [0, 5, 30])
def test_a_step_is_dated_at_the_step(lag: int) -> None:
    log = moving(lambda n: 0.7 if n >= 40 + lag else 0.1, 120)
    (found,) = rise_lags(flowing(log), boards(40))
    assert found.days == lag


def test_a_steady_climb_is_dated_at_its_middle() -> None:
    log = moving(lambda n: 0.1 + 0.6 * min(max((n - 40) / 40, 0), 1), 130)
    (found,) = rise_lags(flowing(log), boards(40))
    assert found.days == pytest.approx(20, abs=1)


@pytest.mark.parametrize(
    ("first", "until", "a_day", "why"),
    [
        (30, 120, 200, "the log begins less than 14 days before it"),
        (0, 60, 200, "the log ends less than 28 days after it"),
        (0, 120, 5, "fewer than 100 calls before it, or at the end"),
    ],
)
def test_too_little_is_said(first: int, until: int, a_day: int, why: str) -> None:
    log = [
        one for one in moving(lambda n: 0.5, until, a_day) if (one.day - START.date()).days >= first
    ]
    (found,) = rise_lags(flowing(log), boards(40))
    assert (found.days, found.watched, found.reason) == (None, None, why)


def test_where_nothing_moves_a_lag_is_hardly_ever_found() -> None:
    """The null: calls of a constant share, 200 logs; binomial noise is no growth."""
    random = np.random.default_rng(0)
    found = 0
    for _ in range(200):
        drawn = random.binomial(40, 0.3, size=120) / 40
        log = moving(lambda n, drawn=drawn: float(drawn[n]), 120, a_day=40)
        (lag,) = rise_lags(flowing(log), boards(40))
        found += lag.days is not None
    assert found <= 4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 25), st.integers(2, 9), st.randoms(use_true_random=False))
def test_units_of_traffic_and_order_do_not_matter(lag: int, times: int, order) -> None:
    log = moving(lambda n: 0.8 if n >= 40 + lag else 0.2, 110)
    more = [day(n // 2, one.model, one.calls * times) for n, one in enumerate(log)]
    order.shuffle(more)
    expected = rise_lags(flowing(log), boards(40))[0].days
    assert rise_lags(flowing(more), boards(40))[0].days == expected == lag


def lag_of(days: int | None, watched: int | None = None) -> Lag:
    return Lag("switch", "a", "all", "hero", None, START, days, watched, None, None, None)


def test_the_middle_counts_those_that_have_not_ended() -> None:
    ended = [lag_of(n) for n in (1, 2, 3)]
    found = typical(ended)
    assert (found.lags, found.ended, found.above, found.up_to) == (3, 3, 2, 3)
    later = typical([*ended, lag_of(None, 50), lag_of(None, 50)])
    assert (later.above, later.up_to) == (3, 4)
    assert typical([*ended, *[lag_of(None, 50)] * 4]).up_to is None
    assert typical([lag_of(None, None)]).lags == 0


def test_an_empty_log_is_no_error() -> None:
    none: Sequence[Day] = ()
    assert switch_lags(flowing(none), [turn(10, "a")])[0].reason is not None
    assert rise_lags(flowing(none), boards(40))[0].reason == "no call is logged"
    assert rise_lags(flowing(none), ()) == ()
