"""Slots of a schedule: each once, whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.errors import InputError
from leaderboard.cycles.slots import Past, every_text, parse_every, slot_at, turn

DAY = timedelta(days=1)
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 7, number, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "d", "1y", "-1d", "1.5h", "4m", "367d", "1d 2h"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--every"):
        parse_every(text)


@pytest.mark.parametrize("text", ["5m", "90m", "6h", "1d", "3d", "1w"])
def test_an_interval_is_written_as_it_was_read(text: str) -> None:
    assert every_text(parse_every(text)) == text


@given(
    st.integers(0, 4_000_000_000_000_000),
    st.integers(5, 20_000),
)
def test_slots_tile_time(microseconds: int, minutes: int) -> None:
    every = timedelta(minutes=minutes)
    at = datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    slot = slot_at(at, every)
    assert slot.start <= at < slot.end
    assert slot_at(slot.start, every) == slot
    assert slot_at(slot.end, every).start == slot.end


def test_days_begin_at_midnight_and_weeks_on_monday_in_utc() -> None:
    tokyo = datetime(2026, 7, 2, 3, tzinfo=timezone(timedelta(hours=9)))
    assert slot_at(tokyo, DAY).start == day(1)
    assert slot_at(NOON, 7 * DAY).start == datetime(2026, 6, 29, tzinfo=UTC)


def test_the_first_slot_has_missed_nothing() -> None:
    found = turn(Past(), NOON, DAY)
    assert (found.run, found.continued, found.missed, found.notes) == (True, False, None, ())


def test_a_slot_that_was_done_is_not_done_again() -> None:
    past = Past(frozenset({day(1)}), frozenset({day(1)}), None, NOON)
    assert not turn(past, NOON + timedelta(hours=11), DAY).run
    assert turn(past, NOON + DAY, DAY).run


def test_a_slot_that_was_begun_goes_on() -> None:
    found = turn(Past(frozenset(), frozenset({day(1)}), None, NOON), NOON, DAY)
    assert (found.run, found.continued) == (True, True)


def test_ten_slots_that_went_by_are_one_catch_up_and_the_rest_is_told() -> None:
    done = frozenset({day(1)})
    found = turn(Past(done, done, None, day(1)), day(12), DAY)
    assert found.run
    assert found.missed is not None
    assert (found.missed.first, found.missed.last, found.missed.count) == (day(2), day(11), 10)
    assert "10 slots went by" in found.notes[0]


def test_what_was_told_as_missed_is_not_told_twice() -> None:
    past = Past(frozenset({day(1)}), frozenset({day(1), day(5)}), day(4), day(5))
    assert turn(past, day(5) + timedelta(hours=1), DAY).missed is None


def test_a_slot_that_was_left_unfinished_is_taken_up_by_the_next() -> None:
    found = turn(Past(frozenset(), frozenset({day(1)}), None, NOON), NOON + DAY, DAY)
    assert (found.run, found.missed) == (True, None)
    assert "was begun and not finished" in found.notes[0]


def test_a_clock_that_went_back_is_said_and_does_no_slot_twice() -> None:
    done = frozenset({day(1), day(2), day(3)})
    found = turn(Past(done, done, None, day(3) + DAY / 2), NOON + DAY, DAY)
    assert not found.run
    assert "went back" in found.notes[0]


def test_a_clock_that_was_a_year_ahead_once_does_not_stop_the_schedule() -> None:
    ahead = day(1) + 365 * DAY
    past = Past(frozenset({day(1), ahead}), frozenset({day(1), ahead}), ahead - DAY, ahead)
    found = turn(past, day(2), DAY)
    assert found.run
    assert found.missed is None
    assert "was ahead then" in found.notes[0]


def test_a_second_back_is_no_matter() -> None:
    done = frozenset({day(1)})
    assert turn(Past(done, done, None, NOON), NOON - timedelta(seconds=1), DAY).notes == ()


@given(
    st.lists(st.integers(-40, 40), min_size=1, max_size=40),
    st.sampled_from(["6h", "1d", "1w"]),
)
def test_however_the_clock_jumps_no_slot_is_done_twice(jumps: list[int], text: str) -> None:
    every, at, past = parse_every(text), NOON, Past()
    done: list[datetime] = []
    for hours in jumps:
        at += timedelta(hours=hours)
        found = turn(past, at, every)
        newest = at if past.newest is None else max(at, past.newest)
        missed = past.missed
        if found.missed is not None:
            missed = max(found.missed.last, missed or found.missed.last)
        if found.run:
            done.append(found.slot.start)
        past = Past(frozenset(done), frozenset(done), missed, newest)
    assert len(done) == len(set(done))
