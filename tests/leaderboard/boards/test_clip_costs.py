"""What a second of clip costs: over all clips together, and unknown as soon as one is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard import queries
from leaderboard.boards.clip_costs import clip_costs
from leaderboard.evidence import Sample
from tests import video_home
from tests.leaderboard.factory import START
from tests.leaderboard.test_cli import answer, run

positive = st.floats(1e-3, 1e3)


def clip(
    seconds: float | None,
    cost: float | None = 1.0,
    latency: float | None = 1.0,
    size: tuple[int, int] | None = (64, 64),
) -> Sample:
    width, height = size or (None, None)
    return Sample(
        "m",
        "p",
        0,
        "ok",
        START,
        latency_s=latency,
        cost_usd=cost,
        clip_seconds=seconds,
        width=width,
        height=height,
    )


@given(st.lists(st.tuples(positive, positive, positive), min_size=1, max_size=8))
def test_buying_every_second_at_that_price_costs_what_all_clips_cost(
    made: list[tuple[float, float, float]],
) -> None:
    found = clip_costs([clip(seconds, cost, latency) for seconds, cost, latency in made])
    length = sum(seconds for seconds, _, _ in made)
    assert found["usd_per_clip_second"] is not None
    assert found["compute_s_per_clip_second"] is not None
    assert found["clip_seconds"] is not None
    assert found["usd_per_clip_second"] * length == pytest.approx(sum(cost for _, cost, _ in made))
    assert found["compute_s_per_clip_second"] * length == pytest.approx(
        sum(latency for *_, latency in made)
    )
    assert found["clip_seconds"] * len(made) == pytest.approx(length)


def test_one_unknown_term_makes_that_cost_unknown_and_no_other() -> None:
    found = clip_costs([clip(2.0, cost=None), clip(2.0)])
    assert found["usd_per_clip_second"] is None
    assert found["compute_s_per_clip_second"] == 0.5
    assert clip_costs([clip(2.0, latency=None), clip(2.0)])["compute_s_per_clip_second"] is None


def test_pictures_and_nothing_at_all_have_no_costs_of_clips() -> None:
    for made in ([], [clip(None), clip(None)]):
        assert set(clip_costs(made).values()) == {None}


def test_the_commonest_size_is_told_and_of_as_common_ones_the_largest() -> None:
    small, large = clip(1.0, size=(64, 64)), clip(1.0, size=(704, 480))
    for made, size in (([small, small, large], (64, 64)), ([small, large], (704, 480))):
        found = clip_costs(made)
        assert (found["clip_width"], found["clip_height"]) == size
    assert clip_costs([clip(1.0, size=None)])["clip_width"] is None


def test_from_records_to_the_board_the_picks_and_their_json(tmp_path: Path) -> None:
    home = video_home.build(tmp_path, prompts=24)
    with queries.open_edition(home) as edition:
        board = queries.board(edition, "text-to-video")
        (pick, *_) = queries.picks(edition).picks
    rows = {row.model: row for row in board.rows}
    dear, unpriced = rows["quagga-x1"], rows["quoll-x3"]
    assert dear.usd_per_clip_second == pytest.approx(0.002)
    assert dear.compute_s_per_clip_second == unpriced.compute_s_per_clip_second == 0.25
    assert unpriced.usd_per_clip_second is None
    assert (dear.clip_seconds, dear.clip_width, dear.clip_height) == (2.0, 64, 64)
    assert pick.usd_per_clip_second == rows[pick.model].usd_per_clip_second
    assert pick.compute_s_per_clip_second == 0.25
    told = answer(home, "board")["boards"][0]
    by_model = {row["model"]: row for row in told["rows"]}
    assert by_model["quagga-x1"]["usd_per_clip_second"] == pytest.approx(0.002)
    assert by_model["quoll-x3"]["usd_per_clip_second"] is None
    shown = run(home, "board")
    assert "$/clip s" in shown
    assert "2 s, 64 × 64" in shown
    assert "s/clip s" in run(home, "picks")


def test_a_board_of_pictures_says_nothing_of_clips(published_home: Path) -> None:
    with queries.open_edition(published_home) as edition:
        rows = queries.board(edition, "text-to-image").rows
    assert {row.clip_seconds for row in rows} == {None}
    assert "/clip s" not in run(published_home, "board")
