"""The Usage page: traffic beside rank, what production says, and what was not told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from leaderboard.dashboard import usage_charts
from leaderboard.usage.answers import (
    Lag,
    ModelUsage,
    PickTraffic,
    RankPoint,
    Share,
    Typical,
    UsageReport,
)
from tests.leaderboard.dashboard.drawing import drawn

AT = datetime(2026, 3, 1, tzinfo=UTC)
NAME = "<b>a</b>"
REPORT = UsageReport(
    *("text-to-image", "arena", False, date(2026, 2, 1), date(2026, 3, 1), 1000, 30),
    picks=(PickTraffic("all", "hero", NAME, 90, 0.9, 600, 0.6, 0.02, 3.0, 9.0),),
    models=(ModelUsage(NAME, 600, 0.6, 600, 12, 0.02, 0.01, 0.04, 0, None, None, 0.04, "why"),),
    unmatched=(Share(date(2026, 2, 1), "a stranger", 40, 0.04),),
    weeks=(Share(date(2026, 2, 23), NAME, 60, 0.6), Share(date(2026, 2, 23), "b", 40, 0.4)),
    classes=(),
    ranks=(RankPoint(AT, NAME, 1),),
    switches=(Lag("switch", NAME, "all", "hero", None, AT, 3, None, 0.1, 0.9, None),),
    rises=(Lag("rise", "b", None, None, 2, AT, None, None, None, None, "too little"),),
    typical_switch=Typical(1, 1, 3, 4),
    typical_rise=Typical(0, 0, None, None),
)


@pytest.fixture
def page(published_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Draws the page with these reports."""

    def draw(*reports: UsageReport) -> AppTest:
        return drawn(monkeypatch, published_home, "usage", reports)

    return draw


def test_traffic_and_lags_are_told(page) -> None:
    app = page(REPORT)
    assert not app.exception
    said = (
        "\n".join(
            one.value for kind in ("markdown", "caption", "text") for one in getattr(app, kind)
        )
        .replace("\\", "")
        .replace("\u200b", "")
    )
    assert "90 calls of its alias (90.0 %)" in said
    assert "Traffic follows a switch of a pick within 4 days in half of the cases" in said
    assert "a rise in rank: nothing can be told yet" in said
    assert "a stranger (40)" in said
    lags = app.dataframe[1].value
    assert list(lags["why not"]) == ["", "too little"]


def test_simulated_models_are_marked(page) -> None:
    app = page(replace(REPORT, simulated=True))
    assert any("calibration world" in one.value for one in app.caption)


def test_without_a_log_it_says_what_to_type(page) -> None:
    assert "churnboard usage import" in page().code[0].value


def test_names_are_escaped_and_shares_fill_the_week() -> None:
    many = [Share(date(2026, 2, 23), f"m{n}", 1, 1 / 20) for n in range(19)]
    weeks = (*many, Share(date(2026, 2, 23), NAME, 1, 1 / 20))
    figure = usage_charts.traffic(weeks, usage_charts.colours(weeks))
    assert sum(bar.y[0] for bar in figure.data) == pytest.approx(100)
    assert not any("<b>a" in (bar.name or "") for bar in figure.data)
    assert usage_charts.OTHERS in {bar.name for bar in figure.data}
    assert "<b>" not in usage_charts.ranks(REPORT.ranks, {}).data[0].name
