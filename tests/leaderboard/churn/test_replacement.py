"""Half of the top of a date gone: against the truth of drawn histories, and the claim."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.churn.answers import Claim, Estimate
from leaderboard.churn.membership import Stays
from leaderboard.churn.replacement import (
    claim,
    half_time,
    remaining_curve,
    repeated,
    replaced_within,
    unbroken,
)
from leaderboard.churn.spells import spells
from tests.leaderboard.churn.made_stays import steady
from tests.leaderboard.history.histories import DAY0, board

DAY = timedelta(days=1)


def test_without_memory_half_is_gone_after_the_half_life() -> None:
    stays = steady(1, 4000, 40.0, k=40, draws=20, same=True)
    found = half_time(remaining_curve(stays, 4000, 0))
    assert found.days == pytest.approx(40, rel=0.06)
    low, high = found.interval or (0.0, None)
    assert low < (found.days or 0) < (high or 0)


def test_the_interval_covers() -> None:
    covered = 0
    for seed in range(100):
        stays = steady(seed, 400, 40.0, draws=60, same=True)
        low, high = half_time(remaining_curve(stays, 400, seed)).interval or (math.inf, None)
        covered += low <= 40 <= (math.inf if high is None else high)
    assert 90 <= covered <= 99


def test_it_asks_for_the_time_left_and_not_for_the_whole_stay() -> None:
    # One place is held for ten days at a time, the other for ever: half of those who ever enter
    # are gone after ten days, yet of a date's two one stays.
    rows = [(10.0 * n, 10.0 * n + 10) for n in range(40)]
    entered = np.array([-np.inf, *(begin for begin, _ in rows)])
    until = np.array([400.0, *(end for _, end in rows)])
    ended = until < 400
    count = len(until)
    stays = Stays(
        np.repeat(np.arange(30), count),
        np.tile(np.arange(count), 30),
        np.tile(entered, 30),
        np.tile(until, 30),
        np.tile(ended, 30),
        np.zeros(30 * count, dtype=np.bool_),
        30,
    )
    curve = remaining_curve(stays, 400, 0)
    assert replaced_within(curve, 6.0).days == pytest.approx(0.3, abs=0.02)
    assert replaced_within(curve, 10.0).days == pytest.approx(0.5, abs=0.02)
    assert replaced_within(curve, 30.0).days == pytest.approx(0.5, abs=0.02)


@given(st.integers(0, 1000), st.sampled_from([15.0, 30.0, 60.0]))
@settings(max_examples=20, deadline=None)
def test_the_share_that_is_gone_agrees_with_the_curve(seed: int, days: float) -> None:
    curve = remaining_curve(steady(seed, 300, 50.0, draws=10, same=True), 300, seed)
    found = replaced_within(curve, days)
    left = [share for day, share in zip(curve.days, curve.share, strict=True) if day <= days]
    assert found.days == pytest.approx(1 - left[-1] if left else 0.0)
    if found.interval is not None:
        low, high = found.interval
        assert 0 <= low <= (found.days or 0) <= (high or 0) <= 1
    median = half_time(curve).days
    if median is not None:
        assert (found.days or 0) >= 0.5 - 1e-9 if days >= median else (found.days or 0) < 0.5


def test_the_same_seed_gives_the_same_numbers() -> None:
    stays = steady(2, 300, 50.0, draws=10, same=True)
    assert half_time(remaining_curve(stays, 300, 4)) == half_time(remaining_curve(stays, 300, 4))


def test_a_top_that_stays_has_no_half_time() -> None:
    stays = Stays(
        np.array([0, 0]),
        np.array([0, 1]),
        np.array([-np.inf, -np.inf]),
        np.array([90.0, 90.0]),
        np.array([False, False]),
        np.array([False, False]),
        1,
    )
    curve = remaining_curve(stays, 90, 0)
    found = half_time(curve)
    assert (found.days, found.interval) == (None, None)
    assert found.reason
    assert claim(found) == "unknown"
    assert replaced_within(curve, 91.0).days is None
    assert replaced_within(curve, 91.0).reason == "the history is shorter than 91 days"


def test_a_top_that_nobody_left_bounds_its_half_time_all_the_same() -> None:
    entered, until = np.full(5, -np.inf), np.full(5, 203.0)
    nobody = np.zeros(5, dtype=np.bool_)
    stays = Stays(np.zeros(5, dtype=np.intp), np.arange(5), entered, until, nobody, nobody, 1)
    half, gone = unbroken(stays, 30.0)
    # No exit in 1015 days: with 97.5 % the rate is below -log(.025) / 1015.
    rate = -np.log(0.025) / 1015
    assert half.days is None
    assert half.at_least_days == pytest.approx(np.log(2) / rate)
    assert half.interval == (half.at_least_days, None)
    assert claim(half) == "below"
    assert gone.days == 0.0
    assert gone.interval is not None
    assert gone.interval[1] == pytest.approx(1 - np.exp(-30 * rate))


def test_a_half_time_beyond_the_history_is_bounded_from_below() -> None:
    stays = steady(3, 120, 300.0, k=40, draws=60, same=True)
    found = half_time(remaining_curve(stays, 120, 0))
    assert found.days is None
    low, high = found.interval or (0.0, 0.0)
    assert 60 < low <= 120
    assert high is None
    assert claim(found) == "below"


@pytest.mark.parametrize(
    ("interval", "verdict"),
    [
        ((31.0, 90.0), "below"),
        ((31.0, None), "below"),
        ((30.0, 90.0), "inside"),
        ((10.0, 30.0), "inside"),
        ((10.0, None), "inside"),
        ((10.0, 29.0), "above"),
        (None, "unknown"),
    ],
)
def test_the_claim(interval: tuple[float, float | None] | None, verdict: Claim) -> None:
    assert claim(Estimate(None, interval)) == verdict


def test_published_spells_stand_in_every_draw() -> None:
    boards = [board(0, "a", "b"), board(10, "a", "c"), board(30, "c", "d"), board(40, "c", "a")]
    found = spells(boards, 2)
    stays = repeated(found, DAY0, 3)
    assert stays.draw.tolist() == [n for n in range(3) for _ in found]
    rows = list(zip(stays.entered, stays.until, stays.ended, stays.withdrawn, strict=True))
    assert rows[: len(found)] * 3 == rows
    assert rows[: len(found)] == [
        (
            (s.entered_at - DAY0) / DAY if s.entry_seen else -math.inf,
            (s.until - DAY0) / DAY,
            s.ended,
            s.withdrawn,
        )
        for s in found
    ]
    same = [s.model for s in found]
    numbers = stays.model[: len(found)].tolist()
    assert len(set(zip(same, numbers, strict=True))) == len(set(same)) == len(set(numbers))
    assert len(repeated((), DAY0, 3).draw) == 0
