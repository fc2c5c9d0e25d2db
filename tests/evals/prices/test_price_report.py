"""The price book as one answer: what one usual generation costs, never a 0 where nobody knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.prices.report import price_report
from evals.prices.tiers import Tier
from evals.prices.types import Entry, Price

DAY = date(2026, 11, 30)
BEFORE = DAY - timedelta(100)


def listed(id: str, *prices: Price, modality: str = "image") -> Entry:
    return Entry(id, id.title(), prices, "somebody", modality)  # type: ignore[arg-type]


def test_a_book_without_sellers_says_nothing() -> None:
    machine = Entry("a-machine", "A machine", (Price("gpu_hour", 1.0, BEFORE, "here"),), "x")
    assert price_report([machine], DAY) is None
    later = listed("later", Price("image", 1.0, DAY + timedelta(1), "here"))
    assert price_report([later], DAY) is None


def test_one_usual_generation_of_each_unit() -> None:
    report = price_report(
        [
            listed("by-image", Price("image", 0.04, BEFORE, "s")),
            listed("by-megapixel", Price("megapixel", 0.01, BEFORE, "s")),
            listed("by-second", Price("second", 0.1, BEFORE, "s"), modality="video"),
            listed(
                "tiers",
                Price("image", 0.02, BEFORE, "s", Tier(size="512x512")),
                Price("image", 0.08, BEFORE, "s", Tier(size="1024x1024")),
            ),
        ],
        DAY,
    )
    assert report is not None
    usd = {one.id: one.usd for one in report.models}
    assert usd == {
        "by-image": pytest.approx(0.04),
        "by-megapixel": pytest.approx(0.01 * 1024 * 1024 / 1e6, rel=0.05),
        "by-second": pytest.approx(0.5, rel=0.02),
        "tiers": pytest.approx(0.08),
    }
    assert [tier.tier for tier in report.models[-1].tiers] == ["512x512", "1024x1024"]


def test_what_is_over_or_unknown_costs_nobody_knows_what() -> None:
    over = listed("over", Price("image", 0.04, BEFORE, "s", expires=DAY))
    free = listed("free", Price("image", 0.0, BEFORE, "s", reason="listed at 0"))
    report = price_report([over, free], DAY)
    assert report is not None
    assert [(one.id, one.status, one.usd) for one in report.models] == [
        ("free", "unknown", None),
        ("over", "expired", None),
    ]
    assert report.models[0].tiers[0].usd is None
    assert all(one.basis for one in report.models)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["image", "megapixel", "second", "image_token"]),
            st.none() | st.floats(-1, 10),
            st.integers(-20, 20),
            st.none() | st.integers(-10, 10),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_a_cost_is_above_zero_or_unknown_with_a_reason(
    rows: list[tuple[str, float | None, int, int | None]],
) -> None:
    prices = tuple(
        Price(
            unit,  # type: ignore[arg-type]
            usd,
            DAY + timedelta(begins),
            "s",
            expires=None if ends is None else DAY + timedelta(max(ends, begins + 1)),
        )
        for unit, usd, begins, ends in rows
    )
    report = price_report([listed("m", *prices)], DAY)
    begun = [price for price in prices if price.effective_from <= DAY]
    assert (report is None) == (not begun)
    for one in report.models if report is not None else ():
        assert one.basis
        assert one.usd is None or (one.usd > 0 and one.status == "current")
