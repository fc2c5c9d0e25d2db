"""The bump chart joins what stayed and nothing else."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.answers import SnapshotRow
from leaderboard.dashboard import bump

START = datetime(2025, 1, 28, tzinfo=UTC)


def rows_of(boards: list[list[str]], gaps: list[int]) -> list[SnapshotRow]:
    """Boards of models in order of rank, `gaps` days apart."""
    at, rows = START, list[SnapshotRow]()
    for models, gap in zip(boards, gaps, strict=False):
        at += timedelta(days=gap)
        rows += [
            SnapshotRow("arena", "text-to-image", at, rank, model, model[:1], None)
            for rank, model in enumerate(models, 1)
        ]
    return rows


HISTORIES = st.lists(
    st.lists(st.sampled_from(["aa", "ab", "ba", "bb"]), min_size=1, max_size=4, unique=True),
    min_size=1,
    max_size=8,
).flatmap(
    lambda boards: st.builds(
        rows_of,
        st.just(boards),
        st.lists(st.integers(1, 120), min_size=len(boards), max_size=len(boards)),
    )
)


@given(HISTORIES)
def test_stretches_hold_every_place_once(rows: list[SnapshotRow]) -> None:
    drawn = [
        (run.model, at, rank)
        for run in bump.stretches(rows)
        for at, rank in zip(run.at, run.ranks, strict=True)
    ]
    assert sorted(drawn) == sorted((r.model, r.published_at, r.rank) for r in rows)


@given(HISTORIES)
def test_a_line_joins_neighbouring_boards_only(rows: list[SnapshotRow]) -> None:
    boards = sorted({row.published_at for row in rows})
    for run in bump.stretches(rows):
        for earlier, later in itertools.pairwise(run.at):
            assert boards.index(later) == boards.index(earlier) + 1
            assert later - earlier <= bump.GAP


@given(HISTORIES)
def test_reigns_cover_every_board_and_change_hands(rows: list[SnapshotRow]) -> None:
    reigns = bump.leaders(rows)
    firsts = sorted((r.published_at, r.model) for r in rows if r.rank == 1)
    told = [next(m for m, a, b in reigns if a <= at <= b) for at, _ in firsts]
    assert told == [model for _, model in firsts]
    assert all(a[0] != b[0] for a, b in itertools.pairwise(reigns))


@given(HISTORIES, st.integers(1, 200))
def test_labels_of_one_lane_do_not_run_into_each_other(rows: list[SnapshotRow], days: int) -> None:
    width = timedelta(days=days)
    placed = bump.lanes(bump.leaders(rows), width)
    for lane in {lane for *_, lane in placed}:
        starts = [first for _, first, each in placed if each == lane]
        assert all(b - a >= width for a, b in itertools.pairwise(starts))


def test_a_vendor_that_is_not_chosen_fades() -> None:
    rows = rows_of([["aa", "ba"], ["aa", "ba"]], [1, 30])
    figure = bump.bump(rows, frozenset({"a"}))
    colours = {trace.hovertext[0].split("<br>")[0]: trace.line.color for trace in figure.data}
    assert colours["<b>ba</b>"] == bump.GRID
    assert colours["<b>aa</b>"] != bump.GRID
