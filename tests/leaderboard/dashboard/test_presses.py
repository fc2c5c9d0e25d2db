"""A press counts once the page is at rest, and a rattle of presses counts once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.dashboard.presses import PAUSE_S, Presses, drawn, pressed

gaps = st.lists(st.floats(0, PAUSE_S * 0.99), max_size=50)


@given(before=st.floats(PAUSE_S * 1.01, 100), rattle=gaps)
def test_presses_that_follow_each_other_quickly_count_once(
    before: float, rattle: list[float]
) -> None:
    state, now = drawn(Presses(), 0.0), before
    counted = 0
    for gap in [0.0, *rattle]:
        now += gap
        state = pressed(state, now)
        counted += not state.hasty
    assert counted == 1


@given(waits=st.lists(st.floats(PAUSE_S * 1.01, 100), max_size=20))
def test_presses_of_somebody_who_looks_first_all_count(waits: list[float]) -> None:
    state, now = drawn(Presses(), 0.0), 0.0
    for wait in waits:
        now += wait
        state = pressed(state, now)
        assert not state.hasty
        state = drawn(state, now)


@given(taken=st.floats(0, 100), early=st.floats(0, PAUSE_S * 0.99))
def test_a_page_that_was_slow_to_come_is_looked_at_before_it_is_judged(
    taken: float, early: float
) -> None:
    state = drawn(pressed(drawn(Presses(), 0.0), 1.0), 1.0 + taken)
    assert pressed(state, 1.0 + taken + early).hasty
