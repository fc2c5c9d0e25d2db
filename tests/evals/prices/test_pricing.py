"""Amount × price of the tier that holds it; what is unknown stays unknown, with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.prices.tiers import ANY, Tier
from evals.prices.types import DeviceKind, Entry, Price, Size, Unit, at_quality, in_force
from evals.pricing import MOST_INPUT_TOKENS, cost, estimate, estimate_of
from evals.types import Model

DAY = date(2026, 7, 1)
UNITS: tuple[Unit, ...] = (
    "image",
    "megapixel",
    "whole_megapixel",
    "second",
    "image_token",
    "input_image_token",
    "gpu_hour",
)
PICTURE = Size(1024, 1024)
CLIP = Size(832, 480, 121, 24.0)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
tiers = st.builds(
    Tier,
    st.none() | st.sampled_from(["512x512", "1024x1024", "1024x1536", "1K", "4K", "720p", "4k"]),
    st.none() | st.sampled_from(["low", "high"]),
    st.none(),
    st.none() | st.sampled_from([4.0, 5.0, 8.0]),
)
prices = st.builds(
    Price,
    st.sampled_from(UNITS),
    st.none() | st.floats(-1, 10, allow_subnormal=False).map(lambda usd: round(usd, 6)),
    days,
    st.just("made up"),
    tiers,
    st.none() | days,
)
lists = st.lists(prices, max_size=12).map(lambda made: listed(*made))
quantities = st.fixed_dictionaries(
    {},
    optional={
        "images": st.floats(1, 4),
        "image_tokens": st.floats(1, 5000),
        "seconds": st.floats(0.01, 500),
        "input_images": st.floats(0, 3),
    },
)
shapes = st.none() | st.builds(
    Size, st.integers(16, 4096), st.integers(16, 4096), st.integers(1, 300), st.none() | st.just(24)
)


def listed(*made: Price, device: DeviceKind | None = None) -> Entry:
    return Entry("api", "An API", made, device=device)


def price(
    usd: float | None,
    unit: Unit = "image",
    tier: Tier = ANY,
    day: date = DAY,
    expires: date | None = None,
) -> Price:
    return Price(unit, usd, day, "made up", tier, expires)


@given(lists, quantities, shapes, days)
def test_a_cost_is_above_0_or_unknown_with_a_reason(
    entry: Entry, billed: dict[str, float], media: Size | None, day: date
) -> None:
    for found in (
        cost(entry, billed, media, day),
        estimate(entry, "image-edit", day, width=700, height=512, frames=9, fps=3),
    ):
        assert found.basis
        assert "\n" not in found.basis
        assert found.usd is None or found.usd > 0


@given(lists, quantities, shapes, days, st.sampled_from([2.0, 0.5, 64.0]))
def test_scaling_all_prices_scales_costs(
    entry: Entry, billed: dict[str, float], media: Size | None, day: date, factor: float
) -> None:
    scaled = [replace(one, usd=one.usd and one.usd * factor) for one in entry.prices]
    for ask in (
        lambda book: cost(book, billed, media, day),
        lambda book: estimate(book, "upscale", day, width=900, height=900),
    ):
        before, after = ask(entry), ask(replace(entry, prices=tuple(scaled)))
        assert (before.usd is None) == (after.usd is None)
        if before.usd is not None:
            assert after.usd == pytest.approx(before.usd * factor)


@given(lists, quantities, shapes, days)
def test_a_day_never_sees_later_prices(
    entry: Entry, billed: dict[str, float], media: Size | None, day: date
) -> None:
    past = [one for one in entry.prices if one.effective_from <= day]
    assert cost(entry, billed, media, day).usd == (
        cost(replace(entry, prices=tuple(past)), billed, media, day).usd
    )


@given(st.permutations(range(3)), st.integers(-400, 400))
def test_of_one_tier_the_latest_begun_counts_whatever_the_order(
    order: list[int], offset: int
) -> None:
    begins = [DAY - timedelta(100), DAY, DAY + timedelta(100)]
    entry = listed(*(price(float(i + 1), day=begins[i]) for i in order))
    found = in_force(entry, DAY + timedelta(offset))
    begun = sum(day <= DAY + timedelta(offset) for day in begins)
    assert sum(one.usd or 0 for one in found) == begun


@pytest.mark.parametrize(
    ("unit", "billed", "media", "amount"),
    [
        ("image", {}, PICTURE, 1),
        ("image", {"images": 4.0}, None, 4),
        ("megapixel", {"images": 1.0}, PICTURE, 1.048576),
        ("second", {}, CLIP, 121 / 24),
        ("image_token", {"image_tokens": 4160.0}, PICTURE, 4160),
        ("gpu_hour", {"seconds": 90.0}, None, 90 / 3600),
    ],
)
def test_a_cost_is_its_amount_times_its_price(
    unit: Unit, billed: dict[str, float], media: Size | None, amount: float
) -> None:
    found = cost(listed(price(0.25, unit)), billed, media, DAY)
    assert found.usd == pytest.approx(0.25 * amount)
    assert "0.25 USD/" in found.basis
    assert "from 2026-07-01" in found.basis


def test_tokens_that_were_counted_go_before_a_price_by_the_image() -> None:
    entry = listed(price(0.04), price(0.00004, "image_token"))
    assert cost(entry, {"image_tokens": 500.0}, PICTURE, DAY).usd == pytest.approx(0.02)
    assert cost(entry, {}, PICTURE, DAY).usd == pytest.approx(0.04)
    assert estimate(entry, "text-to-image", DAY).usd == pytest.approx(0.04)


def test_pictures_that_a_call_begins_with_are_billed_where_the_list_does() -> None:
    entry = listed(price(0.134), price(0.0011, "input_image"))
    assert cost(entry, {}, PICTURE, DAY).usd == pytest.approx(0.134)
    edit = cost(entry, {"input_images": 2.0}, PICTURE, DAY)
    assert edit.usd == pytest.approx(0.1362)
    assert "2 input image at 0.0011" in edit.basis
    assert estimate(entry, "image-edit", DAY).usd == pytest.approx(0.1351)
    assert estimate(entry, "text-to-image", DAY).usd == pytest.approx(0.134)


@pytest.mark.parametrize(
    ("entry", "billed", "ran_on", "reason"),
    [
        (None, {"seconds": 1.0}, "cpu", "no hardware or price is named"),
        (listed(price(1.0, "gpu_hour"), device="cpu"), {}, "cpu", "no latency"),
        (listed(price(1.0, "gpu_hour"), device="cpu"), {"seconds": 1.0}, "cuda", "ran on cuda"),
        (listed(price(1.0, day=DAY + timedelta(1))), {}, None, "first one is from 2026-07-02"),
        (listed(), {}, None, "no price"),
        (listed(price(0.0)), {}, None, "0 USD/image of api is not a price"),
        (listed(price(-2.0)), {}, None, "not a price"),
        (listed(price(None)), {}, None, "none was published"),
        (listed(replace(price(None), reason="priced by the moon")), {}, None, "by the moon"),
        (listed(price(1.0, expires=DAY)), {}, None, "expired on 2026-07-01"),
        (listed(price(1.0, "image_token")), {}, None, "how many there are is not known"),
        (listed(price(1.0, "second")), {}, None, "no clip of known length"),
        (listed(price(1.0), price(0.0, "input_image")), {"input_images": 1.0}, None, "input image"),
        (listed(price(1.0, tier=Tier("512x512"))), {}, None, "the nearest are 512x512"),
        (
            listed(price(1.0, tier=Tier(None, "low")), price(2.0, tier=Tier(None, "high"))),
            {},
            None,
            "priced by quality (high, low)",
        ),
    ],
)
def test_an_unknown_cost_is_none_with_the_reason(
    entry: Entry | None, billed: dict[str, float], ran_on: str | None, reason: str
) -> None:
    found = cost(entry, billed, PICTURE, DAY, ran_on)
    assert found.usd is None
    assert reason in found.basis


def test_an_expired_price_still_prices_the_past_and_no_new_call() -> None:
    entry = listed(price(0.04, day=DAY - timedelta(90), expires=DAY))
    assert cost(entry, {}, PICTURE, DAY - timedelta(1)).usd == 0.04
    for day in (DAY, DAY + timedelta(5)):
        assert cost(entry, {}, PICTURE, day).usd is None
        assert "expired" in estimate(entry, "text-to-image", day).basis
    assert entry.prices[0].status(DAY) == "expired"


@given(
    st.lists(st.tuples(tiers, st.floats(0.01, 5)), min_size=1, max_size=9),
    st.integers(16, 4096),
    st.integers(16, 4096),
)
def test_an_estimate_is_no_less_than_what_it_then_costs(
    made: list[tuple[Tier, float]], width: int, height: int
) -> None:
    for unit in ("image", "megapixel", "second"):
        entry = listed(*(price(usd, unit, tier) for tier, usd in made))
        frames, fps = (81, 16.0) if unit == "second" else (1, None)
        asked = {"width": width, "height": height}
        clip = {"frames": frames, "fps": fps} if unit == "second" else {}
        bound = estimate(entry, "text-to-image", DAY, **asked, **clip)  # type: ignore[arg-type]
        loose = estimate(entry, "text-to-image", DAY, **clip)  # type: ignore[arg-type]
        for quality in ("low", "high", None):
            found = cost(at_quality(entry, quality), {}, Size(width, height, frames, fps), DAY)
            if found.usd is not None:
                assert bound.usd is not None
                assert bound.usd >= found.usd - 1e-12
                if unit != "megapixel":
                    assert loose.usd is not None
                    assert loose.usd >= found.usd - 1e-12


def test_a_bound_takes_whole_megapixels_and_the_dearest_of_what_is_open() -> None:
    whole = listed(price(0.02, "megapixel"))
    assert estimate(whole, "text-to-image", DAY, width=1024, height=1536).usd == pytest.approx(
        0.02 * 2 * 1.048576
    )
    open_ = listed(price(0.01, tier=Tier("1K", "low")), price(0.2, tier=Tier("1K", "high")))
    assert estimate(open_, "text-to-image", DAY, width=1024, height=1024).usd == 0.2
    unknown = listed(price(0.1, tier=Tier("1K")), price(None, tier=Tier("4K")))
    assert estimate(unknown, "text-to-image", DAY).usd is None
    assert estimate(unknown, "text-to-image", DAY, width=64, height=64).usd == 0.1


def test_a_models_settings_say_what_it_will_make() -> None:
    def model(**settings: object) -> Model:
        return Model("m", "M", "text-to-video", "some", settings)

    entry = listed(
        price(0.05, "second", Tier("480p")), price(0.1, "second", Tier("1080p")),
    )  # fmt: skip
    small = {"width": 832, "height": 480, "frames": 120, "fps": 24}
    assert estimate_of(entry, model(**small), DAY).usd == pytest.approx(0.25)
    assert estimate_of(entry, model(size="1920x1080", seconds=4), DAY).usd == pytest.approx(0.4125)
    assert estimate_of(entry, model(arguments={"duration": 4}), DAY).usd == pytest.approx(0.4125)
    assert "no clip of known length" in estimate_of(entry, model(), DAY).basis
    box = listed(price(36.0, "gpu_hour"), device="cuda")
    assert estimate_of(box, model(), DAY, compute_seconds=2.0).usd == pytest.approx(0.02)


def test_a_quality_has_its_own_tiers_and_else_those_for_any() -> None:
    entry = listed(
        price(0.1), price(0.2, tier=Tier(None, "high")), price(0.001, "input_image")
    )  # fmt: skip
    assert cost(entry, {}, PICTURE, DAY).usd == 0.1
    assert cost(at_quality(entry, "high"), {}, PICTURE, DAY).usd == 0.2
    assert cost(at_quality(entry, "low"), {}, PICTURE, DAY).usd == 0.1
    assert len(at_quality(entry, "high").prices) == 2


@given(st.integers(1, 4096), st.integers(1, 4096))
def test_a_megapixel_that_is_begun_is_billed_whole(width: int, height: int) -> None:
    entry = listed(price(0.025, "whole_megapixel"))
    begun = -(-width * height // 1024**2)
    assert cost(entry, {}, Size(width, height), DAY).usd == pytest.approx(0.025 * begun)
    bound = estimate(entry, "text-to-image", DAY, width=width, height=height)
    assert bound.usd == pytest.approx(0.025 * begun)


def test_a_picture_that_a_call_begins_with_is_billed_by_its_tokens_where_they_are_counted() -> None:
    entry = listed(price(4e-5, "image_token"), price(1e-5, "input_image_token"), price(0.04))
    counted = {"image_tokens": 1000.0, "input_images": 1.0, "input_image_tokens": 300.0}
    assert cost(entry, counted, PICTURE, DAY).usd == pytest.approx(0.043)
    del counted["input_image_tokens"]
    told = cost(entry, counted, PICTURE, DAY)
    assert told.usd == pytest.approx(0.04)
    assert "without the input image" in told.basis
    # Before the call nobody has counted: more than any picture is known to have.
    bound = estimate(entry, "image-edit", DAY, width=64, height=64).usd
    assert bound == pytest.approx(0.04 + 1e-5 * MOST_INPUT_TOKENS)
    assert estimate(entry, "text-to-image", DAY, width=64, height=64).usd == pytest.approx(0.04)
