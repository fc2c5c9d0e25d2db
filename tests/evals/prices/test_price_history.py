"""Prices over time: what changes, goes or comes back, and the past that stays; by every source."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from evals.errors import InputError
from evals.prices.history import latest, path_of, read_rows
from evals.prices.imports import import_prices
from evals.prices.sources import price_source
from evals.prices.types import Size
from evals.pricing import cost
from tests.evals.prices.price_lists import DAY, KINDS, book, by_id, counts, put

REAL = Path(__file__).parents[3].parent / "shared" / "history"


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
