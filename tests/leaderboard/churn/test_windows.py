"""Half-life through time and the test of a change, on histories whose rate is known."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.churn.membership import Stays
from leaderboard.churn.published import poisson_interval
from leaderboard.churn.windows import WIDTH, change, windows
from tests.leaderboard.churn.made_stays import steady
from tests.leaderboard.history.histories import DAY0

DAY = timedelta(days=1)


def test_with_a_constant_rate_all_stretches_agree() -> None:
    found = windows(steady(1, 2000, 30.0, k=40), DAY0, 2000)
    assert len(found) > 50
    for one in found:
        assert one.estimate.days == pytest.approx(30, rel=0.25)
        low, high = one.estimate.interval or (math.inf, None)
        assert low < (one.estimate.days or 0) < (high or 0)


def test_a_stretch_is_days_held_over_exits() -> None:
    stays = steady(2, 300, 30.0, draws=3)
    for one in windows(stays, DAY0, 300):
        low, high = (one.begins - DAY0) / DAY, (one.ends - DAY0) / DAY
        held = sum(
            max(0.0, min(until, high) - max(entered, low))
            for entered, until in zip(stays.entered, stays.until, strict=True)
        )
        gone = int((stays.ended & (stays.until > low) & (stays.until <= high)).sum())
        assert one.exits == pytest.approx(gone / 3)
        assert one.estimate.days == pytest.approx(math.log(2) * held / gone, rel=1e-3)


@pytest.mark.parametrize("end", [20.0, 200.0, 360.0, 1000.0])
def test_only_the_stretch_that_reaches_the_last_board_is_provisional(end: float) -> None:
    found = windows(steady(3, end, 30.0), DAY0, end)
    assert [one.provisional for one in found] == [False] * (len(found) - 1) + [True]
    assert (found[-1].ends - DAY0) / DAY == pytest.approx(end)
    for one in found:
        assert one.begins >= DAY0
        assert (one.ends - one.begins) / DAY == pytest.approx(min(WIDTH, end / 2))


def test_the_interval_covers() -> None:
    covered = asked = 0
    for seed in range(60):
        last = windows(steady(seed, 360, 40.0), DAY0, 360)[-1].estimate
        if last.interval is not None:
            asked += 1
            covered += last.interval[0] <= 40 <= (last.interval[1] or math.inf)
    assert asked == 60
    assert covered >= 54


def test_draws_that_differ_widen_the_interval() -> None:
    one = windows(steady(4, 360, 40.0, draws=8, same=True), DAY0, 360)[-1]
    many = windows(steady(4, 360, 40.0, draws=8), DAY0, 360)[-1]
    for found, widened in ((one, False), (many, True)):
        low, high = found.estimate.interval or (math.nan, None)
        fewest, most = poisson_interval(found.exits)
        assert (math.log((high or 0) / low) > math.log(most / fewest) + 1e-6) is widened


def test_a_stretch_without_exits_has_a_lower_bound() -> None:
    stays = Stays(
        np.zeros(5, int),
        np.arange(5),
        np.full(5, -np.inf),
        np.full(5, 100.0),
        np.zeros(5, dtype=np.bool_),
        np.zeros(5, dtype=np.bool_),
        1,
    )
    for one in windows(stays, DAY0, 100):
        assert one.estimate.days is None
        assert one.estimate.reason
        assert one.estimate.at_least_days == pytest.approx(math.log(2) * 250 / -math.log(0.025))
    assert change(stays, DAY0, 100, 0) is None
    assert windows(stays, DAY0, 0.0) == ()


def test_a_change_is_seldom_found_where_there_is_none() -> None:
    found = [change(steady(seed, 400, 40.0), DAY0, 400, seed) for seed in range(100)]
    p = [one.p_value for one in found if one is not None and one.p_value is not None]
    assert len(p) > 95
    assert np.mean(np.array(p) < 0.05) <= 0.1
    assert 0.35 < np.mean(p) < 0.65


@pytest.mark.parametrize("halves", [(200.0, 20.0), (20.0, 200.0)])
def test_a_tenfold_change_is_found_whichever_way(halves: tuple[float, float]) -> None:
    stays = steady(5, 600, halves, draws=4)
    found = change(stays, DAY0, 600, 1)
    assert found is not None
    assert found.at is not None
    assert (found.p_value or 1) < 0.01
    assert (found.at - DAY0) / DAY == pytest.approx(300, abs=60)
    assert found.before_days == pytest.approx(halves[0], rel=0.6)
    assert found.after_days == pytest.approx(halves[1], rel=0.6)


@given(st.integers(0, 500), st.integers(0, 5))
@settings(max_examples=20, deadline=None)
def test_a_change_is_told_in_range(seed: int, draws: int) -> None:
    stays = steady(seed, 300, 40.0, draws=draws + 1)
    found = change(stays, DAY0, 300, seed)
    assert found == change(stays, DAY0, 300, seed)
    if found is not None:
        assert found.at is not None
        assert DAY0 < found.at < DAY0 + 300 * DAY
        assert 0 < (found.p_value or 0) <= 1


def test_too_few_exits_to_look_for_a_change() -> None:
    stays = steady(1, 400, 40.0)
    few = np.flatnonzero(stays.ended)[3:]
    ended = stays.ended.copy()
    ended[few] = False
    assert change(replace(stays, ended=ended), DAY0, 400, 0) is None
