"""The bump chart joins what stayed and nothing else."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.dashboard import bump
from leaderboard.dashboard.places import Place

START = datetime(2025, 1, 28, tzinfo=UTC)


def places_of(boards: list[list[str]], gaps: list[int]) -> list[Place]:
    """Boards of models in order of rank, `gaps` days apart."""
    at, drawn = START, list[Place]()
    for models, gap in zip(boards, gaps, strict=False):
        at += timedelta(days=gap)
        drawn += [
            Place(at, model, model[:1], rank, None, rank, rank, at_edge=False, repeated=False)
            for rank, model in enumerate(models, 1)
        ]
    return drawn


HISTORIES = st.lists(
    st.lists(st.sampled_from(["aa", "ab", "ba", "bb"]), min_size=1, max_size=4, unique=True),
    min_size=1,
    max_size=8,
).flatmap(
    lambda boards: st.builds(
        places_of,
        st.just(boards),
        st.lists(st.integers(1, 120), min_size=len(boards), max_size=len(boards)),
    )
)


@given(HISTORIES)
def test_stretches_hold_every_place_once(places: list[Place]) -> None:
    drawn = [place for run in bump.stretches(places) for place in run.places]
    assert sorted(drawn, key=repr) == sorted(places, key=repr)
    assert all(len({place.model for place in run.places}) == 1 for run in bump.stretches(places))


@given(HISTORIES)
def test_a_line_joins_neighbouring_boards_only(places: list[Place]) -> None:
    boards = sorted({place.published_at for place in places})
    for run in bump.stretches(places):
        for earlier, later in itertools.pairwise(place.published_at for place in run.places):
            assert boards.index(later) == boards.index(earlier) + 1
            assert later - earlier <= bump.GAP


@given(HISTORIES)
def test_reigns_cover_every_board_and_change_hands(places: list[Place]) -> None:
    reigns = bump.leaders(places)
    firsts = sorted((p.published_at, p.model) for p in places if p.rank == 1)
    told = [next(m for m, a, b in reigns if a <= at <= b) for at, _ in firsts]
    assert told == [model for _, model in firsts]
    assert all(a[0] != b[0] for a, b in itertools.pairwise(reigns))


def test_sharing_the_first_place_does_not_end_a_reign() -> None:
    places = places_of([["aa"], ["aa"], ["aa"]], [1, 30, 30])
    middle = places[1].published_at
    places.append(Place(middle, "Aa", "A", 1, None, 1, 1, at_edge=False, repeated=False))
    assert [model for model, *_ in bump.leaders(places)] == ["aa"]


@given(HISTORIES, st.integers(1, 200))
def test_labels_of_one_lane_do_not_run_into_each_other(places: list[Place], days: int) -> None:
    width = timedelta(days=days)
    placed = bump.lanes(bump.leaders(places), width)
    for lane in {lane for *_, lane in placed}:
        starts = [first for _, first, each in placed if each == lane]
        assert all(b - a >= width for a, b in itertools.pairwise(starts))


def test_a_vendor_that_is_not_chosen_fades() -> None:
    places = places_of([["aa", "ba"], ["aa", "ba"]], [1, 30])
    figure = bump.bump(places, highlight=frozenset({"a"}))
    colours = {
        trace.hovertext[0].split("<br>")[0]: trace.line.color
        for trace in figure.data
        if trace.hovertext is not None
    }
    assert colours["<b>ba</b>"] == bump.GRID
    assert colours["<b>aa</b>"] != bump.GRID


def test_models_of_a_single_vendor_are_told_apart_by_colour() -> None:
    one = places_of([["aa", "ab", "ac"]], [1])
    assert len(set(bump.colouring(one).values())) == 3
    several = places_of([["aa", "ab", "ba"]], [1])
    colours = bump.colouring(several)
    assert colours["aa"] == colours["ab"] != colours["ba"]


def test_a_leader_that_comes_back_is_named_once() -> None:
    places = places_of([["aa"], ["ba"], ["aa"], ["ba"], ["bb"]], [1, 30, 30, 30, 30])
    shown = [note.text for note in bump.bump(places).layout.annotations]
    assert sorted(shown) == ["aa", "ba", "bb"]


def test_names_are_escaped_in_labels_and_hovers() -> None:
    figure = bump.bump(places_of([["<i>x</i>", "y"]], [1]), top=1)
    shown = [note.text for note in figure.layout.annotations]
    shown += [text for trace in figure.data for text in trace.hovertext or ()]
    assert not any("<i>" in text for text in shown)
    assert any("&lt;i&gt;" in text for text in shown)


def test_thick_strokes_cover_only_what_is_sure_on_both_ends() -> None:
    at = [START + timedelta(days=7 * i) for i in range(4)]
    sure = [True, True, False, True]
    run = [
        Place(day, "aa", "a", 2, None, 2, 2, at_edge=not known, repeated=False)
        for day, known in zip(at, sure, strict=True)
    ]
    figure = bump.bump(run, top=1)
    thick = [trace for trace in figure.data if trace.line.width == bump.SURE]
    thin = [trace for trace in figure.data if trace.line.width == bump.UNSURE]
    assert [day for trace in thick for day in trace.x if day is not None] == at[:2]
    assert [day for trace in thin for day in trace.x] == at
