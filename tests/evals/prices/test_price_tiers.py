"""Tiers: the smallest that holds a picture or clip, by size before length."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.prices.tiers import SIDES, Tier, holds, measures_of, order, size_fault, told
from evals.prices.types import Entry, Price, Size
from evals.pricing import cost

DAY = date(2026, 7, 1)
limits = st.tuples(
    st.none() | st.sampled_from([360, 480, 720, 1080]), st.none() | st.sampled_from([4.0, 5.0, 8.0])
)


def tier(usd: float = 0.05, lines: int | None = None, seconds: float | None = None) -> Price:
    return Price("second", usd, DAY, "made up", Tier(up_to_lines=lines, up_to_seconds=seconds))


def book(*prices: Price) -> Entry:
    return Entry("api", "An API", prices, modality="video")


def clip(width: int, height: int, seconds: float, fps: float = 8.0) -> Size:
    return Size(width, height, round(seconds * fps), fps)


@given(st.lists(limits, min_size=1, unique=True), st.integers(16, 1300), st.integers(1, 96))
def test_a_clip_is_billed_at_the_smallest_tier_that_holds_it(
    made: list[tuple[int | None, float | None]], lines: int, frames: int
) -> None:
    shape = Size(lines * 2, lines, frames, 8.0)
    # Every tier has a price of its own, so the cost says which was taken.
    prices = [tier(1.0 + number, *one) for number, one in enumerate(made)]
    found = cost(book(*prices), {}, shape, DAY)
    between = (frames - 1) / 8.0
    holding = sorted(
        (one[0] or 10**9, one[1] or 10**9, 1.0 + number)
        for number, one in enumerate(made)
        if (one[0] is None or lines <= one[0]) and (one[1] is None or between <= one[1])
    )
    if not holding:
        assert found.usd is None
    else:
        assert found.usd == pytest.approx(holding[0][2] * frames / 8.0)


@given(st.integers(64, 5000), st.integers(64, 5000))
def test_a_picture_is_billed_at_the_smallest_class_that_holds_it(width: int, height: int) -> None:
    usd = {"0.5K": 1.0, "1K": 2.0, "2K": 3.0, "4K": 4.0}
    entry = Entry(
        "api",
        "An API",
        tuple(Price("image", usd[size], DAY, "made up", Tier(size)) for size in usd),
        modality="image",
    )
    found = cost(entry, {}, Size(width, height), DAY)
    fitting = [usd[size] for size, side in SIDES.items() if width * height <= side**2 * 1.05]
    assert found.usd == (min(fitting) if fitting else None)


def test_size_is_of_the_shorter_side_and_cost_is_by_the_second() -> None:
    prices = book(tier(0.05, 480), tier(0.1, 720), tier(0.4, 1080))
    for width, height in ((832, 480), (480, 832)):
        found = cost(prices, {}, clip(width, height, 5.0), DAY)
        assert found.usd == pytest.approx(0.25)
        assert "5 s of clip at 0.05 USD/s" in found.basis
    assert cost(prices, {}, clip(1280, 720, 2.5), DAY).usd == pytest.approx(0.25)


@pytest.mark.parametrize(("frames", "fps"), [(120, 24.0), (121, 24.0), (81, 16.0)])
def test_a_clip_is_as_long_as_sellers_say_though_it_has_a_frame_at_both_ends(
    frames: int, fps: float
) -> None:
    prices = book(tier(0.05, 480, 5.0), tier(0.2, 480, 10.0))
    made = cost(prices, {}, Size(832, 480, frames, fps), DAY)
    assert made.usd == pytest.approx(0.05 * frames / fps)
    longer = cost(prices, {}, Size(832, 480, frames + 2, fps), DAY)
    assert longer.usd == pytest.approx(0.2 * (frames + 2) / fps)


def test_a_clip_that_no_tier_holds_costs_nobody_knows_what_and_the_nearest_are_named() -> None:
    prices = book(tier(0.05, 480, 10.0), tier(0.06, 360, 10.0), tier(0.1, 720, 5.0))
    found = cost(prices, {}, clip(1280, 720, 8.0), DAY)
    assert found.usd is None
    assert "720 lines for 7.88 s" in found.basis
    assert "up to 480 lines, up to 10 s and up to 720 lines, up to 5 s" in found.basis
    assert "360" not in found.basis


def test_what_is_sold_as_1080p_or_1k_holds_its_other_shapes() -> None:
    assert holds(Tier("1080p"), Size(1920, 1088, 9, 8.0))
    assert holds(Tier("480p"), Size(864, 496, 9, 8.0))
    assert not holds(Tier("1080p"), Size(2560, 1440, 9, 8.0))
    assert holds(Tier("1K"), Size(1264, 848))
    assert holds(Tier("2K"), Size(3168, 1344))
    assert not holds(Tier("1K"), Size(1536, 1024))


def test_of_two_shapes_of_one_size_its_own_counts() -> None:
    wide, tall = Tier("1536x1024"), Tier("1024x1536")
    entry = Entry("api", "An API", (
        Price("image", 0.2, DAY, "made up", wide), Price("image", 0.1, DAY, "made up", tall)
    ))  # fmt: skip
    assert cost(entry, {}, Size(1024, 1536), DAY).usd == 0.1
    assert cost(entry, {}, Size(1536, 1024), DAY).usd == 0.2
    # Of neither shape: which it will be is not known, so the dearer.
    assert cost(entry, {}, Size(1200, 1200), DAY).usd == 0.2


@given(st.integers(1, 99999), st.integers(1, 99999))
def test_a_stated_size_is_read_back(width: int, height: int) -> None:
    size = f"{width}x{height}"
    assert measures_of(size) == (width, height)
    assert size_fault(size) is None
    assert order(Tier(size))[0] == width * height


@pytest.mark.parametrize("size", ["", "0x5", "1024", "axb", "3K", "1024x1024x3", "-1x5"])
def test_what_is_no_size_is_said_to_be_none(size: str) -> None:
    assert size_fault(size) is not None


def test_a_tier_in_words() -> None:
    assert told(Tier("1K", "hd")) == "hd quality, 1K"
    assert told(Tier(up_to_lines=480, up_to_seconds=5)) == "up to 480 lines, up to 5 s"
    assert told(Tier()) == "any size"
