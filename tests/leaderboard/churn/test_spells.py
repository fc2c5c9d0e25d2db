"""Spells against a recomputation with sets, and the closing of short absences."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.churn.spells import Spell, bridged, spells
from leaderboard.snapshots import Entry, Snapshot
from tests.leaderboard.history.histories import DAY0, board

DAY = timedelta(days=1)


def history(*tops: str, every: int = 10) -> list[Snapshot]:
    """One board per string, a model per letter, the best first."""
    return [board(every * n, *names) for n, names in enumerate(tops)]


@st.composite
def histories(draw: st.DrawFn) -> list[Snapshot]:
    """Boards of a few models on rising days, of any length, the empty one included."""
    days = draw(st.lists(st.integers(0, 120), min_size=1, max_size=14, unique=True))
    names = st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7)
    return [board(day, *draw(names)) for day in sorted(days)]


def by_sets(boards: list[Snapshot], k: int) -> set[tuple[str, int, int, bool, bool]]:
    """Spells as (model, first day, day it was gone or last day, ended, entry seen)."""
    days = [(one.published_at - DAY0).days for one in boards]
    tops = [{entry.model for entry in one.entries[:k]} for one in boards]
    found: set[tuple[str, int, int, bool, bool]] = set()
    for first, top in enumerate(tops):
        for model in top - (tops[first - 1] if first else set()):
            gone = [n for n in range(first, len(tops)) if model not in tops[n]]
            last = gone[0] if gone else len(tops) - 1
            found.add((model, days[first], days[last], bool(gone), first > 0))
    return found


@given(histories(), st.integers(1, 5))
def test_spells_are_those_that_sets_give(boards: list[Snapshot], k: int) -> None:
    found = spells(boards, k)
    assert len(found) == len(set(found))
    assert {
        (s.model, (s.entered_at - DAY0).days, (s.until - DAY0).days, s.ended, s.entry_seen)
        for s in found
    } == by_sets(boards, k)


@given(histories(), st.integers(1, 5), st.randoms(use_true_random=False))
def test_the_order_of_boards_does_not_matter(boards: list[Snapshot], k: int, rng: Random) -> None:
    mixed = list(boards)
    rng.shuffle(mixed)
    assert spells(mixed, k) == spells(boards, k)


@given(histories(), st.integers(1, 5))
def test_a_spell_lasted_as_long_as_its_bounds_allow(boards: list[Snapshot], k: int) -> None:
    for spell in spells(boards, k):
        least, most = spell.bounds
        assert 0 <= least <= spell.days
        assert (most is None) == (not spell.ended or not spell.entry_seen)
        assert most is None or least < spell.days < most


@given(histories(), st.integers(1, 5))
def test_bridging(boards: list[Snapshot], k: int) -> None:
    found = spells(boards, k)
    joined = bridged(found)
    assert bridged(joined) == joined
    assert {s.model for s in joined} == {s.model for s in found}
    # What is joined begins and ends as some spell did, and covers every one of them.
    for model in {s.model for s in found}:
        parts = [s for s in found if s.model == model]
        wholes = [s for s in joined if s.model == model]
        assert {s.entered_at for s in wholes} <= {s.entered_at for s in parts}
        for part in parts:
            inside = [w for w in wholes if w.entered_at <= part.entered_at <= w.until]
            assert [w for w in inside if part.until <= w.until]
        gaps = [b.entered_at - a.until for a, b in pairwise(wholes)]
        assert all(gap > 7 * DAY for gap in gaps)


@pytest.mark.parametrize(("absence", "count"), [(1, 1), (7, 1), (8, 2), (30, 2)])
def test_an_absence_of_a_week_is_bridged_and_no_longer_one(absence: int, count: int) -> None:
    boards = [board(0, "b", "a"), board(5, "a", "b"), board(20, "b", "a")]
    boards += [board(20 + absence, "a", "b"), board(60, "b", "a")]
    found = [s for s in bridged(spells(boards, 1)) if s.model == "a"]
    assert len(found) == count
    if count == 1:
        assert found[0].entered_at == DAY0 + 5 * DAY
        assert found[0].until == DAY0 + 60 * DAY
        assert found[0].before == DAY0
        assert found[0].ended


def test_a_spell_runs_from_the_first_board_with_it_to_the_first_without() -> None:
    found = {(s.model, s.entered_at): s for s in spells(history("ab", "ac", "bc", "bc"), k=2)}
    a = found["a", DAY0]
    assert (a.days, a.ended, a.entry_seen) == (20, True, False)
    c = found["c", DAY0 + 10 * DAY]
    assert (c.days, c.ended, c.entry_seen) == (20, False, True)
    assert len([key for key in found if key[0] == "b"]) == 2


def test_to_be_taken_off_the_board_is_not_to_fall() -> None:
    (fell,) = (s for s in spells(history("ab", "ca", "cd"), k=1) if s.model == "a")
    assert (fell.ended, fell.withdrawn) == (True, False)
    (off,) = (s for s in spells(history("ab", "ab", "bc"), k=1) if s.model == "a")
    assert (off.ended, off.withdrawn) == (True, True)


def test_places_are_the_published_ranks() -> None:
    tied = [Entry(1, "a", score=9.0), Entry(1, "b", score=9.0), Entry(3, "c", score=8.0)]
    unranked = Entry(None, "d", score=99.0)
    found = spells([board(0, *tied, unranked)], k=2)
    assert {spell.model for spell in found} == {"a", "b"}


def test_one_board_has_spells_of_no_length_that_nobody_saw_begin() -> None:
    found = spells([board(0, "a", "b", "c")], 2)
    assert found == (
        Spell("a", None, DAY0, DAY0, DAY0, False),
        Spell("b", None, DAY0, DAY0, DAY0, False),
    )
    assert not spells([], 2)
    assert bridged(found) == found
