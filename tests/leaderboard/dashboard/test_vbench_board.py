"""A VBench table on the pages: a board with its parts, and no board of voters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from leaderboard.history.imports import import_boards
from leaderboard.refresh import refresh
from tests.leaderboard.dashboard.test_pages import drawn, words
from tests.leaderboard.history.histories import DAY0, NOW, as_lines, board, write_tidy
from tests.vbench_files import GEN_3, write


@pytest.fixture(scope="module")
def table_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vbench")
    home = folder / "home"
    voted = [board(0, "rocket", "sledge", "kite", arena="text-to-video")]
    import_boards(home, "tidy", str(write_tidy(folder / "b.csv", as_lines(voted))), NOW)
    table = {"Gen-3": GEN_3, "close": GEN_3 | {"color": 80.0}}
    day = DAY0 + timedelta(days=30)
    import_boards(home, "vbench", str(write(folder / "t.csv", table)), day)
    refresh(home, NOW)
    return home


def test_the_board_shows_totals_that_can_be_told_apart(
    table_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("board", table_home, monkeypatch, source="vbench", task="text-to-video")
    assert not app.exception
    assert "as published 31 Jan 2026" in words(app).replace("\\", "")
    numbers = app.dataframe[0].value
    assert list(numbers["model"]) == ["Gen-3", "close"]
    assert list(numbers["rating"]) == pytest.approx([82.32, 82.30], abs=0.01)
    assert numbers["semantic"][0] == pytest.approx(75.17, abs=0.01)
    assert list(numbers["color"]) == [80.9, 80.0]
    assert '"%.2f"' in app.dataframe[0].proto.columns


def test_it_stands_beside_no_board_of_voters(
    table_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("picks", table_home, monkeypatch)
    assert not app.exception
    assert "rocket" in words(app)
    assert "Gen-3" not in words(app)
