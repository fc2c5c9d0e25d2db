"""LiteLLM's price map: its ids, its fields, and the whole of the installed one."""

from __future__ import annotations

import json
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest

from evals.errors import InputError
from evals.prices.history import path_of, read_rows
from evals.prices.imports import import_prices
from evals.prices.sources import price_source
from evals.prices.sources._litellm_fields import named, rows_of
from evals.prices.types import Size
from evals.prices.views import price_rows
from evals.pricing import cost
from tests.evals.prices.price_lists import DAY, KINDS, book, put


def test_without_litellm_the_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.prices.sources.litellm.find_spec", lambda _: None)
    with pytest.raises(InputError, match="pip install litellm, or name the file"):
        price_source("litellm").default()


@pytest.mark.parametrize(
    ("model", "of", "size", "quality"),
    [
        ("low/1024-x-1024/gpt-image-1", "gpt-image-1", "1024x1024", "low"),
        ("azure/hd/1792-x-1024/dall-e-3", "azure/dall-e-3", "1792x1024", "hd"),
        ("256-x-256/dall-e-2", "dall-e-2", "256x256", None),
        ("max-x-max/50-steps/stability.xl", "stability.xl", None, "50-steps"),
        ("1024-x-1024/50-steps/bedrock/nova", "bedrock/nova", "1024x1024", "50-steps"),
        ("fal_ai/max/3840-x-2160/openai/g/edit", "fal_ai/openai/g/edit", "3840x2160", "max"),
        ("fal_ai/fal-ai/flux/dev", "fal_ai/fal-ai/flux/dev", None, None),
        ("openai/high", "openai/high", None, None),
    ],
)
def test_an_id_of_litellm_says_whose_tier_it_is(
    model: str, of: str, size: str | None, quality: str | None
) -> None:
    found = named(model)
    assert (found.of, found.tier.size, found.tier.quality) == (of, size, quality)


PRICES = [
    (
        "image",
        {"output_cost_per_image": 0.04, "input_cost_per_image": 0.0},
        {("image", None): 0.04},
    ),
    ("image", {"input_cost_per_image": 0.02}, {("image", None): 0.02}),
    (
        "image",
        {"output_cost_per_image": 0.134, "input_cost_per_image": 0.0011},
        {("image", None): 0.134, ("input_image", None): 0.0011},
    ),
    (
        "image",
        {"input_cost_per_pixel": 2e-9, "output_cost_per_pixel": 1e-9},
        {("megapixel", None): 0.003},
    ),
    (
        "image",
        {
            "output_cost_per_image": 0.08,
            "output_cost_per_image_0.5K": 0.06,
            "output_cost_per_image_1K": 0.08,
            "output_cost_per_image_4K": 0.16,
        },
        {("image", "0.5K"): 0.06, ("image", "1K"): 0.08, ("image", "4K"): 0.16},
    ),
    (
        "image",
        {"output_cost_per_image_token": 4e-5, "output_cost_per_image_token_batches": 2e-5},
        {("image_token", None): 4e-5},
    ),
    (
        "image",
        {"output_cost_per_image_token": 4e-5, "input_cost_per_image_token": 1e-5},
        {("image_token", None): 4e-5, ("input_image_token", None): 1e-5},
    ),
    # The same price in both directions is one.
    (
        "image",
        {"output_cost_per_image": 0.05, "input_cost_per_image": 0.05},
        {("image", None): 0.05},
    ),
    # So much for a megapixel of 1024 x 1024, told twice.
    (
        "image",
        {"output_cost_per_image": 0.025, "output_cost_per_pixel": 0.025 / 1024**2},
        {("whole_megapixel", None): 0.025},
    ),
    ("video", {"output_cost_per_video_per_second": 0.1}, {("second", None): 0.1}),
    # No size is left for the price without one.
    (
        "video",
        {
            "output_cost_per_second": 0.1,
            "output_cost_per_second_720p": 0.08,
            "output_cost_per_second_1080p": 0.12,
        },
        {("second", "720p"): 0.08, ("second", "1080p"): 0.12},
    ),
    (
        "video",
        {"output_cost_per_second": 0.4, "output_cost_per_second_4k": 0.6},
        {("second", "1080p"): 0.4, ("second", "4k"): 0.6},
    ),
    (
        "video",
        {
            "output_cost_per_second": 0.3,
            "output_cost_per_second_480p": 0.2,
            "output_cost_per_second_1080p": 0.68,
            "input_cost_per_image": 0.01,
        },
        {
            ("second", "480p"): 0.2,
            ("second", "720p"): 0.3,
            ("second", "1080p"): 0.68,
            ("input_image", None): 0.01,
        },
    ),
]


@pytest.mark.parametrize(("modality", "fields", "prices"), PRICES)
def test_fields_of_litellm_are_prices_by_unit_and_size(
    modality: str, fields: dict[str, float], prices: dict[tuple[str, str | None], float]
) -> None:
    rows = rows_of("m", modality, "p", fields, DAY)  # type: ignore[arg-type]
    assert {(row.price.unit, row.price.tier.size): row.price.usd for row in rows} == pytest.approx(
        prices
    )
    assert len(rows) == len(prices)


def test_pictures_that_a_call_may_begin_with_for_nothing_cost_nothing(tmp_path: Path) -> None:
    clip = {
        "mode": "video_generation",
        "output_cost_per_second": 0.08,
        "input_cost_per_image": 0.04,
    }
    free = {**clip, "provider_specific_entry": {"seller_free_input_images": 5}}
    text = json.dumps({"dear/clip": clip, "free/clip": free})
    import_prices(tmp_path, "litellm", put(tmp_path, "litellm", text), DAY)
    second = Size(1280, 720, 24, 24.0)
    for name, usd in (("dear/clip", 0.12), ("free/clip", 0.08)):
        found = cost(book(tmp_path)[name], {"input_images": 1.0}, second, DAY)
        assert found.usd == pytest.approx(usd)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "without a price"),
        ({"input_cost_per_pixel": 0.0}, "at 0"),
        ({"output_cost_per_image": -1.0}, "below 0"),
        ({"input_cost_per_token": 4e-8}, "text token only"),
    ],
)
def test_an_entry_without_a_price_is_kept_as_unknown(fields: dict[str, float], reason: str) -> None:
    (row,) = rows_of("m", "image", "p", fields, DAY)
    assert row.price.usd is None
    assert reason in row.price.reason


def test_a_price_by_the_pixel_of_a_known_size_is_one_by_the_image() -> None:
    (row,) = rows_of("hd/1024-x-1024/d", "image", "p", {"input_cost_per_pixel": 8e-8}, DAY)
    assert (row.price.unit, row.of) == ("image", "d")
    assert row.price.usd == pytest.approx(8e-8 * 1024**2)


def test_the_list_of_a_model_holds_its_tiers_that_are_listed_elsewhere(tmp_path: Path) -> None:
    import_prices(tmp_path, "litellm", put(tmp_path, "litellm"), DAY)
    entries = book(tmp_path)
    for name in ("gpt-image-1", "low/1024-x-1024/gpt-image-1"):
        assert cost(entries[name], {}, Size(1024, 1024), DAY).usd == 0.011
    assert cost(entries["gpt-image-1"], {"image_tokens": 100.0}, None, DAY).usd == 0.004
    # Yet each price is one row of the book.
    rows = price_rows(entries.values(), DAY)
    assert len(rows) == len(read_rows(path_of(tmp_path / "prices", "litellm")))


def test_an_unknown_size_of_litellm_is_told(tmp_path: Path) -> None:
    text = KINDS["litellm"].good.replace("second_4k", "second_16k")
    done = import_prices(tmp_path, "litellm", put(tmp_path, "litellm", text), DAY)
    assert "output_cost_per_second_16k of some/clip" in done.notes[0]


def test_a_field_that_nobody_knows_is_told(tmp_path: Path) -> None:
    text = KINDS["litellm"].good.replace("output_cost_per_second_4k", "output_cost_per_clip")
    done = import_prices(tmp_path, "litellm", put(tmp_path, "litellm", text), DAY)
    assert "output_cost_per_clip of some/clip" in done.notes[0]


@pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")
def test_the_installed_map_has_hundreds_of_prices_and_none_is_free(tmp_path: Path) -> None:
    done = import_prices(tmp_path, "litellm", None, date(2026, 11, 23))
    rows = price_rows(book(tmp_path).values(), date(2026, 11, 23))
    for modality, least in (("image", 400), ("video", 80)):
        known = {r["model"] for r in rows if r["modality"] == modality and r["usd"] is not None}
        assert len(known) >= least
    assert all(row["usd"] is None or 1e-9 < row["usd"] < 10 for row in rows)
    assert {row["status"] for row in rows} == {"current", "expired", "unknown"}
    assert all((row["usd"] is None) == (row["status"] == "unknown") for row in rows)
    assert all(row["reason"] for row in rows if row["usd"] is None)
    expired = {row["model"] for row in rows if row["status"] == "expired"}
    assert len(expired) >= 20
    assert done.notes == ()
