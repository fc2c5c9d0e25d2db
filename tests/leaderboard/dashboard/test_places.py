"""Which places are drawn, and which of them the published intervals cannot tell apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.answers import SnapshotRow
from leaderboard.dashboard.places import Place, places

START = datetime(2026, 3, 19, tzinfo=UTC)


def board(day: int, scores: dict[str, float], half: float | None) -> list[SnapshotRow]:
    """One board by falling score, each interval `half` wide to both sides."""
    order = sorted(scores, key=lambda model: -scores[model])
    return [
        SnapshotRow(
            "arena_scrape",
            "text-to-image",
            START + timedelta(days=day),
            rank,
            model,
            None,
            scores[model],
            None if half is None else scores[model] - half,
            None if half is None else scores[model] + half,
        )
        for rank, model in enumerate(order, 1)
    ]


def by_model(found: tuple[Place, ...]) -> dict[str, Place]:
    return {place.model: place for place in found}


def test_overlapping_intervals_share_places_and_reach_across_the_edge() -> None:
    scores = {"a": 1400.0, "b": 1300.0, "c": 1295.0, "d": 1290.0, "e": 1100.0}
    found = by_model(places(board(0, scores, half=4.0), top=2))
    assert {m: (p.first, p.last) for m, p in found.items()} == {
        "a": (1, 1),
        "b": (2, 3),
        "c": (2, 4),
        "d": (3, 4),
        "e": (5, 5),
    }
    # The edge lies between b and c: d overlaps only c, which is on its own side.
    assert {model for model, place in found.items() if place.at_edge} == {"b", "c"}


def test_without_intervals_a_place_is_the_rank_and_nothing_is_at_the_edge() -> None:
    found = places(board(0, {"a": 1.0, "b": 1.0, "c": 0.9}, half=None), top=2)
    assert all(place.first == place.rank == place.last for place in found)
    assert not any(place.at_edge for place in found)


def test_repeats_are_dropped_but_for_the_last_before_a_change_and_the_last_of_all() -> None:
    one, other = {"a": 3.0, "b": 2.0}, {"a": 2.0, "b": 3.0}
    days = [one, one, one, other, other, other, other]
    rows = [row for day, scores in enumerate(days) for row in board(day, scores, half=1.0)]
    found = places(rows, top=1)
    drawn = {(place.published_at - START).days: place.repeated for place in found}
    assert drawn == {0: False, 2: True, 3: False, 6: True}


def test_lines_without_a_rank_are_not_drawn() -> None:
    rows = board(0, {"a": 3.0, "b": 2.0}, half=None)
    rows.append(SnapshotRow("arena_scrape", "text-to-image", START, None, "x", None, 9.0))
    assert {place.model for place in places(rows, top=5)} == {"a", "b"}
    assert places(rows[2:], top=5) == ()


@given(
    st.lists(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 9), min_size=1), min_size=1),
    st.integers(1, 4),
    st.floats(0.1, 5),
)
def test_every_change_is_drawn_where_it_is_first_seen(
    boards: list[dict[str, int]], top: int, half: float
) -> None:
    rows = [
        row
        for day, scores in enumerate(boards)
        for row in board(day, {model: float(score) for model, score in scores.items()}, half)
    ]
    found = places(rows, top)
    fresh = {(place.published_at - START).days for place in found if not place.repeated}
    changes = {
        day
        for day, scores in enumerate(boards)
        if day == 0 or _order(scores) != _order(boards[day - 1])
    }
    assert fresh == changes
    for place in found:
        assert place.first <= place.rank <= place.last
        assert not place.at_edge or place.first <= top < place.last


def _order(scores: dict[str, int]) -> list[tuple[str, int]]:
    """Models as `board` ranks them: by falling score, ties in the order given."""
    return sorted(scores.items(), key=lambda item: -item[1])
