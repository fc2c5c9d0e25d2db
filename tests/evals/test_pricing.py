"""Seconds × price per hour; what is unknown stays unknown, with a reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import pricing
from evals.pricing import Hardware, Price

DAY = date(2026, 7, 1)


def box(*prices: tuple[float, date], device: pricing.DeviceKind = "cpu") -> Hardware:
    return Hardware(
        "box", "A box", device, tuple(Price(usd, day, "made up") for usd, day in prices)
    )


@given(st.floats(1e-6, 1e6), st.floats(1e-4, 1e3))
def test_cost_is_proportional_to_time(seconds: float, usd_per_hour: float) -> None:
    cost = pricing.cost(seconds, box((usd_per_hour, DAY)), DAY, "cpu")
    assert cost.usd == pytest.approx(seconds / 3600 * usd_per_hour)
    assert "USD/h" in cost.basis


@given(st.integers(-400, 400))
def test_the_price_in_force_is_the_latest_that_has_begun(offset: int) -> None:
    days = [DAY - timedelta(100), DAY, DAY + timedelta(100)]
    hardware = box(*[(float(i + 1), day) for i, day in enumerate(days)])
    price = pricing.price_at(hardware, DAY + timedelta(offset))
    begun = sum(day <= DAY + timedelta(offset) for day in days)
    assert (price.usd_per_hour if price else 0) == begun


@pytest.mark.parametrize(
    ("hardware", "seconds", "ran_on", "reason"),
    [
        (None, 1.0, "cpu", "no hardware named"),
        (box((1.0, DAY)), None, "cpu", "no latency"),
        (box((1.0, DAY)), 1.0, "cuda", "ran on cuda"),
        (box((1.0, DAY + timedelta(1))), 1.0, "cpu", "no price"),
        (box(), 1.0, "cpu", "no price"),
        (box((0.0, DAY)), 1.0, "cpu", "not a price"),
        (box((-2.0, DAY)), 1.0, "cpu", "not a price"),
    ],
)
def test_an_unknown_cost_is_none_with_the_reason(
    hardware: Hardware | None, seconds: float | None, ran_on: str, reason: str
) -> None:
    cost = pricing.cost(seconds, hardware, DAY, ran_on)
    assert cost.usd is None
    assert reason in cost.basis
