"""Tiers of clips: the smallest that holds a clip, at the day; what is unknown stays unknown."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.clip_prices import ClipPrice, Tier, clip_cost, merge, read_clip_prices, tier_price
from evals.errors import RegistryError
from evals.types import Media

DAY = date(2026, 7, 1)
limits = st.tuples(
    st.none() | st.sampled_from([360, 480, 720, 1080]), st.none() | st.sampled_from([4.0, 5.0, 8.0])
)


def tier(
    usd: float = 0.05, lines: int | None = None, seconds: float | None = None, day: date = DAY
) -> Tier:
    return Tier(usd, day, "made up", lines, seconds)


def book(*tiers: Tier) -> ClipPrice:
    return ClipPrice("api", "An API", tiers)


def clip(width: int, height: int, seconds: float, fps: float = 8.0) -> Media:
    frames = round(seconds * fps)
    return Media("0" * 64, "media/00/0.mp4", "video/mp4", width, height, 9, frames, fps)


@given(st.lists(limits, min_size=1, unique=True), st.integers(1, 1300), st.floats(0.1, 12))
def test_a_clip_is_billed_at_a_tier_that_holds_it_and_none_within_that_does(
    made: list[tuple[int | None, float | None]], lines: int, seconds: float
) -> None:
    found = tier_price(book(*(tier(1.0, *one) for one in made)), lines, seconds, DAY)
    holding = [
        (one[0] or 10**9, one[1] or 10**9)
        for one in made
        if (one[0] is None or lines <= one[0]) and (one[1] is None or seconds <= one[1])
    ]
    if found is None:
        assert holding == []
        return
    chosen = (found.up_to_lines or 10**9, found.up_to_seconds or 10**9)
    assert chosen in holding
    assert not any(one != chosen and one[0] <= chosen[0] and one[1] <= chosen[1] for one in holding)


@given(st.permutations(range(3)), st.integers(-400, 400))
def test_of_the_same_limits_the_latest_begun_counts_whatever_the_order(
    order: list[int], offset: int
) -> None:
    days = [DAY - timedelta(100), DAY, DAY + timedelta(100)]
    made = [tier(float(i + 1), 480, None, days[i]) for i in order]
    found = tier_price(book(*made), 480, 5.0, DAY + timedelta(offset))
    begun = sum(day <= DAY + timedelta(offset) for day in days)
    assert (found.usd_per_clip_second if found else 0) == begun


def test_size_is_of_the_shorter_side_and_cost_is_by_the_second() -> None:
    prices = book(tier(0.05, 480), tier(0.1, 720), tier(0.4, 1080))
    for width, height in ((832, 480), (480, 832)):
        cost = clip_cost(prices, clip(width, height, 5.0), DAY)
        assert cost.usd == pytest.approx(0.25)
        assert "5 s of clip at 0.05 USD/s" in cost.basis
    assert clip_cost(prices, clip(1280, 720, 2.5), DAY).usd == pytest.approx(0.25)


@pytest.mark.parametrize(("frames", "fps"), [(120, 24.0), (121, 24.0), (81, 16.0)])
def test_a_clip_is_as_long_as_sellers_say_though_it_has_a_frame_at_both_ends(
    frames: int, fps: float
) -> None:
    prices = book(tier(0.05, 480, 5.0), tier(0.2, 480, 10.0))
    made = Media("0" * 64, "media/00/0.mp4", "video/mp4", 832, 480, 9, frames, fps)
    assert clip_cost(prices, made, DAY).usd == pytest.approx(0.05 * frames / fps)
    longer = Media("0" * 64, "media/00/0.mp4", "video/mp4", 832, 480, 9, frames + 2, fps)
    assert clip_cost(prices, longer, DAY).usd == pytest.approx(0.2 * (frames + 2) / fps)


def test_a_clip_that_no_tier_holds_costs_nobody_knows_what_and_the_nearest_are_named() -> None:
    prices = book(tier(0.05, 480, 10.0), tier(0.06, 360, 10.0), tier(0.1, 720, 5.0))
    cost = clip_cost(prices, clip(1280, 720, 8.0), DAY)
    assert cost.usd is None
    assert "720 lines for 8 s" in cost.basis
    assert "up to 480 lines, up to 10 s and up to 720 lines, up to 5 s" in cost.basis
    assert "360" not in cost.basis


@pytest.mark.parametrize(
    ("prices", "made", "reason"),
    [
        (book(tier(day=DAY + timedelta(1))), clip(64, 64, 2.0), "first one is from 2026-07-02"),
        (book(tier(0.0)), clip(64, 64, 2.0), "not a price"),
        (book(tier(-1.0)), clip(64, 64, 2.0), "not a price"),
        (book(tier()), None, "there is no clip"),
        (book(tier()), Media("0" * 64, "x.png", "image/png", 64, 64, 9), "there is no clip"),
    ],
)
def test_an_unknown_cost_is_none_with_the_reason(
    prices: ClipPrice, made: Media | None, reason: str
) -> None:
    cost = clip_cost(prices, made, DAY)
    assert cost.usd is None
    assert reason in cost.basis


FILE = """
[api]
name = "An API"
[[api.tiers]]
usd_per_clip_second = 0.05
up_to_lines = 480
effective_from = 2026-01-01
source = "a page"
[[api.tiers]]
usd_per_clip_second = 0.1
effective_from = 2026-01-01
source = "a page"
"""


def test_a_file_is_read_and_the_later_layer_wins(tmp_path: Path) -> None:
    path = tmp_path / "clips.toml"
    path.write_text(FILE)
    found = read_clip_prices(path)
    small, large = found["api"].tiers
    assert (small.usd_per_clip_second, small.up_to_lines, large.up_to_lines) == (0.05, 480, None)
    other = book(tier(9.0))
    assert merge([found, {"api": other}]) == {"api": other}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("up_to_lines = 480", "up_to_lines = 0"), "up_to_lines"),
        (("up_to_lines = 480", "up_to_hight = 480"), "up_to_hight"),
        (("up_to_lines = 480\n", ""), "same limits"),
        (("0.05", "nan"), "usd_per_clip_second"),
        ((FILE, "api = 3"), "api"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, change: tuple[str, str], named: str) -> None:
    path = tmp_path / "clips.toml"
    path.write_text(FILE.replace(*change))
    with pytest.raises(RegistryError, match=named) as caught:
        read_clip_prices(path)
    assert "clips.toml" in str(caught.value)
