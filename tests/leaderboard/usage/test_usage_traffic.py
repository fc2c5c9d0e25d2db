"""Whose calls they were, who got which share, and what production says of a model."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from leaderboard.picks.policy import Usage
from leaderboard.usage.measured import measured
from leaderboard.usage.names import Asked, Holders, asked, meant
from leaderboard.usage.rates import quantile, wilson
from leaderboard.usage.traffic import flows, shares
from tests.leaderboard.usage.logs import DAY0, NAMES, NOBODY, day, flowing

AT = datetime(2026, 1, 30, 12, tzinfo=UTC)
SHARED = {"gpt": ("gpt high", "gpt low"), "gpt high": ("gpt high",), "gpt low": ("gpt low",)}

days = st.lists(
    st.builds(
        day,
        st.integers(0, 40),
        st.sampled_from(["a", "b", "vendor/a", "stranger"]),
        st.integers(1, 50),
        alias=st.sampled_from([None, "hero-text-to-image", "workhorse-text-to-image-flat"]),
        task=st.just("text-to-image"),
    ),
    min_size=1,
    max_size=20,
)


@given(days)
def test_shares_of_a_stretch_sum_to_one_and_no_call_is_lost(log: list) -> None:
    every = flowing(log)
    found = shares(every)
    assert sum(one.calls for one in found) == sum(one.calls for one in log)
    for begins in {one.begins for one in found}:
        own = [one for one in found if one.begins == begins]
        assert math.isclose(sum(one.share for one in own), 1)
        assert len({one.name for one in own}) == len(own)
    (total,) = {one.begins for one in shares(every, step=None)}
    assert total == min(one.day for one in log)


@given(days, st.permutations(range(20)))
def test_the_order_of_counts_does_not_matter(log: list, order: list[int]) -> None:
    shuffled = [log[n] for n in order if n < len(log)]
    assert shares(flowing(log)) == shares(flowing(shuffled))


def test_aliases_are_read() -> None:
    assert asked("hero-image-to-video") == Asked("hero", "image-to-video", "all")
    assert asked("workhorse-text-to-image-flat") == Asked("workhorse", "text-to-image", "flat")
    assert asked("hero") is asked(None) is asked("hero-text") is asked("text-to-image") is None


def test_a_shared_call_string_is_whose_role_was_asked_for() -> None:
    held = Holders({("hero", "all"): ((DAY0, "gpt high"), (DAY0 + timedelta(5), "gpt low"))})
    wanted = asked("hero-text-to-image")
    assert meant("gpt", SHARED, wanted, DAY0, held) == ("gpt high", "several")
    assert meant("gpt", SHARED, wanted, DAY0 + timedelta(5), held) == ("gpt low", "several")
    assert meant("gpt", SHARED, None, DAY0, held) == (None, "several")
    assert meant("gpt low", SHARED, wanted, DAY0, held) == ("gpt low", "one")


def test_a_call_without_task_or_alias_is_told_by_its_model() -> None:
    log = [day(0, "a", 3, alias=None), day(0, "b", 4, alias=None), day(0, "x", 5, alias=None)]
    found = flows(log, "text-to-image", NAMES, NOBODY, elsewhere={"b"})
    assert [flow.name for flow in found] == ["a"]


def test_failures_and_latencies_are_of_the_window() -> None:
    slow = tuple(float(n) for n in range(1, 101))
    log = [
        day(0, "a", 500, failed=500),
        day(20, "vendor/a", 150, failed=15, latencies=slow),
        day(25, "b", 50, failed=50),
    ]
    found = measured(flowing(log), ["a", "b", "c"], AT, Usage(window_days=20, min_calls=100))
    assert set(found) == {"a", "b"}
    one = found["a"]
    assert (one.calls, one.judged, one.failed, one.failure_rate) == (150, 150, 15, 0.1)
    assert one.share == 0.75
    assert (one.latency_p50_s, one.latency_p95_s, one.timed) == (50.0, 95.0, 100)
    assert one.reason is None
    assert found["b"].failure_rate is None
    assert found["b"].latency_p50_s is None
    assert found["b"].reason is not None
    assert "50 calls with a known outcome" in found["b"].reason


def test_failures_of_a_shared_string_count_for_all_and_its_latency_for_nobody() -> None:
    log = [day(25, "gpt", 200, alias=None, task="text-to-image", failed=100, latencies=(1.0,) * 99)]
    found = measured(flowing(log, SHARED), list(SHARED)[1:], AT, Usage(min_calls=10))
    assert {one.failure_rate for one in found.values()} == {0.5}
    assert {one.calls for one in found.values()} == {0}
    assert {one.latency_p50_s for one in found.values()} == {None}


def test_traditional_work_is_no_model_s_traffic() -> None:
    log = [day(25, "a", 10, kind="traditional"), day(25, "a", 30)]
    assert measured(flowing(log), ["a"], AT, Usage())["a"].calls == 30


@given(st.integers(1, 500), st.data())
def test_wilson_agrees_with_scipy(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    low, high = wilson(hits, of)
    theirs = binomtest(hits, of).proportion_ci(method="wilson")
    assert low == pytest.approx(theirs.low, abs=1e-6)
    assert high == pytest.approx(theirs.high, abs=1e-6)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_is_the_first_that_covers_its_share(values: list[float], share: float) -> None:
    ordered = tuple(sorted(values))
    found = quantile(ordered, share)
    assert sum(value <= found for value in ordered) >= share * len(ordered) - 1e-6
    assert sum(value < found for value in ordered) <= share * len(ordered)
