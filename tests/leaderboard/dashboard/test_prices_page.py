"""The Prices page: what a generation is sold for, and what to type where nobody's prices are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from evals.prices.answers import PricedModel, PriceReport, Tier
from leaderboard.dashboard import price_charts
from leaderboard.documents import from_document, to_document
from leaderboard.queries import open_edition, prices
from leaderboard.refresh import refresh
from tests.leaderboard.dashboard.drawing import drawn

DAY = date(2026, 11, 30)


def priced(id: str, usd: float | None, seller: str | None = "a", kind: str = "image"):
    status = "current" if usd is not None else "unknown"
    tiers = (Tier(None, usd, "image", DAY, None, status),)
    return PricedModel(id, id, seller, kind, status, usd, f"why {id}", tiers, "said by *them*")  # type: ignore[arg-type]


REPORT = PriceReport(
    DAY,
    "one picture of 1024 × 1024",
    "one clip of 5 s",
    (
        priced("<b>bold</b>", 0.01, "<i>x</i>"),
        priced("clip", 0.5, "b", "video"),
        priced("dear", 0.2),
        priced("nobody-knows", None, None),
    ),
)


@pytest.fixture
def page(published_home: Path, monkeypatch: pytest.MonkeyPatch):
    """Draws the page with this report."""

    def draw(report: PriceReport | None) -> AppTest:
        return drawn(monkeypatch, published_home, "prices", report)

    return draw


def test_models_are_listed_from_the_cheapest_and_the_unknown_last(page) -> None:
    app = page(REPORT)
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["model"]) == ["<b>bold</b>", "dear", "nobody-knows"]
    assert list(table["status"]) == ["current", "current", "unknown"]
    assert [one.value for one in app.metric] == ["2", "0", "1"]


def test_a_seller_and_a_word_narrow_them_down(page) -> None:
    app = page(REPORT)
    app.text_input(key="name").set_value("DEA").run()
    assert list(app.dataframe[0].value["model"]) == ["dear"]
    assert any("why dear" in one.value.replace("\\", "") for one in app.caption)
    app.text_input(key="name").set_value("no such").run()
    assert not app.exception
    assert not app.dataframe
    app.text_input(key="name").set_value("").run()
    app.selectbox(key="seller").set_value(price_charts.NOBODY).run()
    assert list(app.dataframe[0].value["model"]) == ["nobody-knows"]


def test_clips_are_apart(page) -> None:
    app = page(REPORT)
    app.segmented_control(key="made").set_value("video").run()
    assert not app.exception
    assert list(app.dataframe[0].value["model"]) == ["clip"]


def test_without_prices_it_says_what_to_type(page) -> None:
    assert page(None).code[0].value.startswith("churnboard prices import litellm\n")


def test_names_are_text_in_the_figure() -> None:
    drawn = price_charts.strip(REPORT.models, REPORT.picture).to_json()
    assert "<b>bold" not in drawn
    assert "<i>x" not in drawn


def test_an_edition_holds_the_book_of_its_day(home: Path) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    refresh(home, at)
    with open_edition(home) as edition:
        assert prices(edition) is None
    (home / "prices").mkdir(exist_ok=True)
    (home / "prices" / "own.toml").write_text(
        '["own"]\nname = "Own"\nprovider = "us"\n[[own.prices]]\nusd_per_image = 0.25\n'
        'effective_from = 2026-01-01\nsource = "ours"\n'
    )
    refresh(home, at.replace(hour=1))
    with open_edition(home) as edition:
        report = prices(edition)
    assert report is not None
    assert [(one.id, one.usd) for one in report.models] == [("own", 0.25)]
    assert from_document(PriceReport, to_document(report)) == report
