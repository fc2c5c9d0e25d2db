"""Every source of prices: read, imported twice, refused by row and column; and the real files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path

import pytest

from evals.errors import InputError, NotFoundError
from evals.prices.book import load_prices
from evals.prices.history import Row, latest, path_of, read_rows
from evals.prices.imports import Imported, import_prices
from evals.prices.sources import kinds, price_source
from evals.prices.sources._litellm_fields import named, rows_of
from evals.prices.types import Entry, Size
from evals.prices.views import price_rows
from evals.pricing import cost
from tests.evals.price_lists import DAY, KINDS

REAL = Path(__file__).parents[2].parent / "shared" / "history"


def put(folder: Path, kind: str, text: str | None = None) -> Path:
    path = folder / f"prices{KINDS[kind].suffix}"
    path.write_text(KINDS[kind].good if text is None else text, encoding="utf-8")
    return path


def book(home: Path) -> dict[str, Entry]:
    return load_prices(home / "no data", home)


def by_id(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.model, []).append(row)
    return found


def counts(done: Imported) -> tuple[int, int, int]:
    return done.new, done.changed, done.unlisted


def test_every_source_has_a_file_here() -> None:
    assert set(kinds()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_lists_prices_that_are_above_0_or_unknown_with_a_reason(
    kind: str, tmp_path: Path
) -> None:
    source = price_source(kind)
    assert source.about.endswith(".")
    feed = source.read(put(tmp_path, kind), DAY)
    assert [listing.day for listing in feed.listings] == sorted(
        listing.day for listing in feed.listings
    )
    for listing in feed.listings:
        assert len({row.key for row in listing.rows}) == len(listing.rows)
        for row in listing.rows:
            price = row.price
            assert price.effective_from == listing.day
            assert row.provider
            assert price.source
            assert (price.usd is None) == bool(price.reason)
            assert price.usd is None or price.usd > 0
            if listing.scope is not None:
                assert row.model.startswith(listing.scope)


@pytest.mark.parametrize("kind", KINDS)
def test_importing_twice_changes_nothing(kind: str, tmp_path: Path) -> None:
    home, path = tmp_path / "home", put(tmp_path, kind)
    first = import_prices(home, kind, path, DAY)
    assert first.new > 0
    before = first.path.read_bytes()
    for later in (DAY, DAY + timedelta(40)):
        assert counts(import_prices(home, kind, path, later)) == (0, 0, 0)
    assert first.path.read_bytes() == before
    assert set(book(home)) >= {row.model for row in read_rows(first.path)}


@pytest.mark.parametrize(
    ("kind", "old", "new", "row", "column"),
    [(kind, *fault) for kind, one in KINDS.items() for fault in one.faults],
)
def test_a_fault_is_one_line_with_row_and_column_and_nothing_is_stored(
    kind: str, old: str, new: str, row: str, column: str, tmp_path: Path
) -> None:
    good = KINDS[kind].good
    assert old in good
    place = good.rindex(old) if old in ("image-edit,2026-04-10",) else good.index(old)
    path = put(tmp_path, kind, good[:place] + new + good[place + len(old) :])
    with pytest.raises(InputError) as caught:
        import_prices(tmp_path / "home", kind, path, DAY)
    line = str(caught.value)
    assert "\n" not in line
    for word in (path.name, row, column):
        assert word in line
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("junk", [b"", b"\xff\xfe\x00", b"[1, 2]", b'"a\nb', b"\x00" * 40])
def test_what_is_no_price_list_is_refused(kind: str, junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "junk"
    path.write_bytes(junk)
    with pytest.raises(InputError, match="junk"):
        import_prices(tmp_path / "home", kind, path, DAY)
    with pytest.raises(InputError, match="missing"):
        import_prices(tmp_path / "home", kind, tmp_path / "missing", DAY)
    assert not (tmp_path / "home").exists()


def test_a_source_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="litellm"):
        price_source("litelm")
    with pytest.raises(InputError, match="name the file"):
        price_source("csv").default()


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
    ("video", {"output_cost_per_video_per_second": 0.1}, {("second", None): 0.1}),
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


def test_what_changes_or_goes_is_added_and_the_past_stays(tmp_path: Path) -> None:
    kind = KINDS["litellm"]
    import_prices(tmp_path, "litellm", put(tmp_path, "litellm"), DAY)
    dearer = kind.good.replace("0.12", "0.15").replace('"bare"', '"bared"', 1)
    later = DAY + timedelta(30)
    done = import_prices(tmp_path, "litellm", put(tmp_path, "litellm", dearer), later)
    assert counts(done) == (1, 1, 1)
    clip, rows = book(tmp_path)["some/clip"], by_id(read_rows(done.path))
    wide = Size(1920, 1080, 24, 24.0)
    assert cost(clip, {}, wide, later - timedelta(1)).usd == pytest.approx(0.12)
    assert cost(clip, {}, wide, later).usd == pytest.approx(0.15)
    assert cost(clip, {}, wide, DAY - timedelta(1)).usd is None
    assert rows["bare"][-1].price.expires == later
    assert rows["bare"][-1].price.reason == "no longer listed"
    # It comes back, and counts again from then on.
    again = import_prices(tmp_path, "litellm", put(tmp_path, "litellm"), later + timedelta(1))
    assert again.unlisted == 1
    assert read_rows(again.path)[-2].price.expires is None


def test_an_earlier_file_is_read_into_the_past(tmp_path: Path) -> None:
    import_prices(tmp_path, "litellm", put(tmp_path, "litellm"), DAY)
    cheap = KINDS["litellm"].good.replace("0.12", "0.11")
    before = DAY - timedelta(50)
    import_prices(tmp_path, "litellm", put(tmp_path, "litellm", cheap), before)
    clip, wide = book(tmp_path)["some/clip"], Size(1920, 1080, 24, 24.0)
    assert cost(clip, {}, wide, DAY - timedelta(1)).usd == pytest.approx(0.11)
    assert cost(clip, {}, wide, DAY).usd == pytest.approx(0.12)


def test_events_are_the_history_of_the_same_lists(tmp_path: Path) -> None:
    import_prices(tmp_path, "litellm-events", put(tmp_path, "litellm-events"), DAY)
    entries = book(tmp_path)
    for day, usd in (
        (date(2024, 2, 1), None),
        (date(2024, 3, 1), 0.04),
        (date(2024, 7, 1), 0.03),
        (date(2024, 9, 1), None),
    ):
        assert cost(entries["some/model"], {}, Size(512, 512), day).usd == usd
    small = cost(entries["dall-e-2"], {}, Size(256, 256), DAY)
    assert small.usd == pytest.approx(2.4414e-07 * 256**2)


def test_boards_price_by_arena_and_day(tmp_path: Path) -> None:
    import_prices(tmp_path, "artificial-analysis", put(tmp_path, "artificial-analysis"), DAY)
    entries = book(tmp_path)
    one = entries["artificial-analysis/text-to-image/model-one-high"]
    assert (one.name, one.provider) == ("Model One (high)", "Maker")
    first, last = date(2026, 4, 10), date(2026, 4, 12)
    assert cost(one, {}, Size(64, 64), first).usd == pytest.approx(0.133)
    assert cost(one, {}, Size(64, 64), last).usd == pytest.approx(0.12)
    edit = entries["artificial-analysis/image-edit/model-one-high"]
    assert cost(edit, {}, Size(64, 64), last).usd == pytest.approx(0.266)
    clip = entries["artificial-analysis/text-to-video/clip-one"]
    assert cost(clip, {}, Size(64, 64, 48, 24.0), last).usd == pytest.approx(0.2)
    zero = entries["artificial-analysis/text-to-video/clip-two"]
    assert "published at 0" in cost(zero, {}, Size(64, 64, 48, 24.0), last).basis
    # Model Two left the board; nobody left the boards of arenas that had none that day.
    gone = entries["artificial-analysis/text-to-image/model-two"]
    assert gone.prices[-1].expires == last
    assert clip.prices[-1].expires is None


def test_a_table_of_ones_own_says_nothing_of_what_is_not_in_it(tmp_path: Path) -> None:
    import_prices(tmp_path, "csv", put(tmp_path, "csv"), DAY)
    rest = "\n".join(KINDS["csv"].good.splitlines()[:2]) + "\n"
    assert counts(import_prices(tmp_path, "csv", put(tmp_path, "csv", rest), DAY)) == (0, 0, 0)
    mine = book(tmp_path)["mine-clip"].prices[0]
    assert (mine.tier.size, mine.tier.up_to_seconds, mine.effective_from) == ("4k", 5.0, DAY)


def test_a_history_that_somebody_damaged_is_named_and_not_guessed(tmp_path: Path) -> None:
    done = import_prices(tmp_path, "csv", put(tmp_path, "csv"), DAY)
    done.path.write_text(done.path.read_text().replace("0.04", "free"))
    with pytest.raises(InputError, match=r"imported-csv.csv: row 2, column usd.*import again"):
        book(tmp_path)


def test_an_unknown_size_of_litellm_is_told(tmp_path: Path) -> None:
    text = KINDS["litellm"].good.replace("second_4k", "second_16k")
    done = import_prices(tmp_path, "litellm", put(tmp_path, "litellm", text), DAY)
    assert "output_cost_per_second_16k of some/clip" in done.notes[0]


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


@pytest.mark.skipif(not REAL.exists(), reason="the collected histories are not here")
def test_the_collected_histories_are_read_and_repeat_nothing(tmp_path: Path) -> None:
    for kind, name in (
        ("litellm-events", "price_litellm_events.csv"),
        ("artificial-analysis", "aa_web_spring.csv"),
    ):
        first = import_prices(tmp_path, kind, REAL / name, DAY)
        assert first.known > 0.8 * first.models
        assert counts(import_prices(tmp_path, kind, REAL / name, DAY)) == (0, 0, 0)
    rows = read_rows(path_of(tmp_path / "prices", "artificial-analysis"))
    wan = "artificial-analysis/image-edit/wan-2.5-preview"
    prices = [row.price for row in rows if row.model == wan]
    assert [(price.usd, price.effective_from) for price in prices] == [
        (0.03, date(2026, 4, 10)),
        (0.021, date(2026, 5, 5)),
    ]
    assert len(latest(rows, date(2026, 4, 9))) == 0


def test_rows_survive_the_file(tmp_path: Path) -> None:
    feed = price_source("csv").read(put(tmp_path, "csv"), DAY)
    done = import_prices(tmp_path, "csv", put(tmp_path, "csv"), DAY)
    listed = [row for listing in feed.listings for row in listing.rows]
    assert [replace(row) for row in read_rows(done.path)] == listed
