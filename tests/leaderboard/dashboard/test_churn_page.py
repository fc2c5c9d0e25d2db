"""The Churn page on reports with everything in them, and on reports with next to nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.churn.answers import ChurnReport, FindingRow
from leaderboard.dashboard import reads
from tests.leaderboard.dashboard import report_factory
from tests.leaderboard.dashboard.test_pages import drawn, words
from tests.sample_home import SLY

FULL = report_factory.full("arena", "text-to-image")
BARE = report_factory.bare("arena", "text-to-video")


@pytest.fixture
def page(published_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Draws the page as if the edition held these reports."""

    def draw(*reports: ChurnReport, **address: str) -> AppTest:
        monkeypatch.setattr(reads, "churn", lambda _edition: reports)
        app = drawn("churn", published_home, monkeypatch, **address)
        assert not app.exception
        return app

    return draw


def plainly(app: AppTest) -> str:
    """All text of the page without the escapes of Markdown."""
    return words(app).replace("\\", "")


def metrics(app: AppTest) -> dict[str, tuple[str, str]]:
    """Label -> (number, what stands below it)."""
    return {
        metric.label: (metric.value.replace("\\", ""), metric.delta.replace("\\", ""))
        for metric in app.metric
    }


def test_the_headline_stands_beside_the_naive_figure_with_intervals(page) -> None:
    shown = metrics(page(FULL))
    assert shown["half-life of a place"] == ("54 days", "95 %:\u200b 33–91 days")
    assert shown["naive, as published"][0] == "45 days"
    assert shown["half of the top 5 gone"][0] == "61 days"
    assert shown["replaced within 30 days"][0] == "24 %"


def test_a_board_without_a_headline_says_why_and_gives_no_number(page) -> None:
    app = page(BARE)
    assert metrics(app)["half-life of a place"] == ("no number", "3 exits missing")
    text = plainly(app)
    for expected in ("ranks only", "cannot be judged", "cannot be shown"):
        assert expected in text


def test_the_source_is_credited(page) -> None:
    assert "CC BY 4.0" in plainly(page(FULL))


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_boards_are_marked(page, simulated: bool) -> None:
    text = plainly(page(replace(FULL, simulated=simulated)))
    assert ("simulated" in text) is simulated


def test_the_address_chooses_source_arena_and_top(page) -> None:
    ten = replace(FULL, top=10, arena="text-to-video")
    app = page(FULL, BARE, ten, arena="text-to-video", top="10")
    assert app.session_state["arena"] == "text-to-video"
    assert "half of the top 10 gone" in metrics(app)


def test_who_is_about_to_fall_is_listed_by_risk(page) -> None:
    tables = [table.value for table in page(FULL).table]
    at_risk = next(table for table in tables if "out in 30 days" in table)
    assert at_risk["out in 30 days"].to_list() == ["71 %", "57 %", "43 %", "29 %", "14 %"]
    assert at_risk["place"].to_list() == ["5", "4", "3", "2", "1"]


def test_text_of_the_data_is_shown_and_not_interpreted(page) -> None:
    reason = replace(BARE.half_life.estimate, reason=f"{SLY} is unknown")
    report = replace(
        BARE,
        half_life=replace(BARE.half_life, estimate=reason),
        findings=(FindingRow("check", 1, SLY, (SLY,)),),
    )
    app = page(report)
    read_as_markdown = [e.value for kind in ("markdown", "caption") for e in getattr(app, kind)]
    cells = [str(c) for table in app.table for row in table.value.to_numpy() for c in row]
    assert any("Sly" in value for value in read_as_markdown)
    assert any("Sly" in cell for cell in cells)
    for value in (*read_as_markdown, *cells):
        assert SLY not in value
        assert "<b>" not in value.replace("\\<", "")


def test_boards_that_are_not_kept_leave_out_the_chart_and_say_so(page) -> None:
    assert "no chart" in plainly(page(replace(FULL, source="elsewhere")))


def test_no_history_yet_says_what_to_type(page) -> None:
    assert any("churnboard import" in block.value for block in page().code)
