"""Tables for people: whatever the width of the terminal, a board names its models."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leaderboard import tables
from leaderboard.answers import Board, BoardRow
from leaderboard.churn.answers import Estimate
from tests.leaderboard.dashboard.report_factory import full
from tests.leaderboard.factory import START

ROW = BoardRow(
    model="reference-small-r8",
    name="Reference S, release 8",
    vendor=None,
    anchor=None,
    simulated=True,
    rank=10,
    rank_low=10,
    rank_high=12,
    rating=-1014.2,
    rating_low=-1848.0,
    rating_high=-289.0,
    p_best=0.004,
    p_top5=0.1,
    comparisons=2640,
    prompts=60,
    failure_rate=0.0125,
    latency_p50_s=0.0763,
    latency_p95_s=0.1,
    cost_usd=1.81e-6,
    cost_basis=None,
    scores={"clip_score": 28.4, "caption_accuracy": 0.81},
)
BOARD = Board(
    "evals",
    "text-to-image",
    "all",
    START,
    "calibration",
    "ddcced050ae4",
    True,
    None,
    ("clip_score",),
    (ROW, replace(ROW, model="renderer", name="Exact renderer", anchor="upper", rank=None)),
    (),
)


@pytest.mark.parametrize("width", [80, 100, 130, 200])
def test_a_board_names_its_models(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    tables.show_board(BOARD)
    shown = capsys.readouterr().out
    words = set(shown.split())
    for row in BOARD.rows:
        assert set(row.name.split()) <= words
    for number in ("-1014", "[-1848,", "-289]", "0.0018"):
        assert number in words
    assert max(map(len, shown.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 130])
def test_a_board_says_which_places_are_tied(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = (replace(ROW, rank_low=1, rank_high=1), ROW, replace(ROW, rank_low=None, rank_high=None))
    for board in (BOARD, replace(BOARD, source="arena", suite_id=None)):
        tables.show_board(replace(board, rows=rows))
        shown = capsys.readouterr().out
        assert "tied 10–12" in shown
        assert "< 1 %" in shown
        places = [line.split()[0] for line in shown.splitlines() if ROW.name in line]
        # Without a set the published rank is all there is to say.
        assert places == ["1", "tied", "10"]


def test_a_place_that_lasts_hours_is_not_said_to_last_no_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hours = Estimate(0.21, (0.08, None))
    report = full()
    tables.show_half_lives(
        [
            replace(
                report,
                half_life=replace(report.half_life, estimate=hours),
                replaced_half_time=Estimate(None, (0.3, 9.2), at_least_days=0.4),
            )
        ]
    )
    told = capsys.readouterr().out
    assert "0.2 [0.08, –]" in told
    assert "> 0.4 [0.3, 9.2]" in told
