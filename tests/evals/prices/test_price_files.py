"""Price lists that people write, the book they make, and histories that only grow."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.errors import RegistryError
from evals.prices.book import load_prices, named
from evals.prices.files import read_prices, size_of
from evals.prices.history import Row, append, changes, latest, path_of, read_rows
from evals.prices.tiers import Tier
from evals.prices.types import Price, Size, Unit
from evals.pricing import cost

DAY = date(2026, 7, 1)
FILE = """
["some/api:v1"]
name = "An API"
provider = "somebody"
[["some/api:v1".prices]]
usd_per_clip_second = 0.05
up_to_lines = 480
effective_from = 2026-01-01
source = "a page"
[["some/api:v1".prices]]
usd_per_clip_second = 0.1
size = "4K"
expires = 2026-12-31
effective_from = 2026-01-01
source = "a page"
[["some/api:v1".prices]]
usd_per_input_image = 0.01
effective_from = 2026-01-01
source = "a page"
"""


def test_a_file_is_read_unit_by_unit(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(FILE)
    (entry,) = read_prices(path).values()
    assert (entry.id, entry.provider, entry.modality) == ("some/api:v1", "somebody", "video")
    small, large, picture = entry.prices
    assert (small.unit, small.usd, small.tier.up_to_lines) == ("second", 0.05, 480)
    assert (large.tier.size, large.expires) == ("4k", date(2026, 12, 31))
    assert picture.unit == "input_image"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("up_to_lines = 480", "up_to_lines = 0", "up_to_lines"),
        ("up_to_lines = 480", "up_to_hight = 480", "up_to_hight"),
        ("up_to_lines = 480", 'up_to_lines = 480\nsize = "480p"', "give one"),
        ('size = "4K"', "up_to_lines = 480", "same limits"),
        ('size = "4K"', 'size = "huge"', "1024x1024"),
        ("0.05", "nan", "usd_per_clip_second"),
        ("0.05", "0.05\nusd_per_hour = 1.0", "usd_per_clip_second and"),
        ("usd_per_clip_second = 0.05", "", "one has none"),
        ("usd_per_input_image", "usd_per_image", "pictures and of clips"),
        ("usd_per_input_image", "usd_per_hour", "list of their own"),
        ("provider", 'device = "cpu"\nprovider', "by the hour only"),
        ("0.05", '"cheap"', "usd_per_clip_second"),
        ("2026-01-01", '"soon"', "effective_from"),
        (FILE, "api = 3", "api"),
        (FILE, '[api]\nname = "x"', "prices"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in FILE
    path = tmp_path / "own.toml"
    path.write_text(FILE.replace(old, new, 1))
    with pytest.raises(RegistryError, match=named) as caught:
        read_prices(path)
    assert "own.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_home_goes_before_imports_and_those_before_what_ships(tmp_path: Path) -> None:
    data, home = tmp_path / "data", tmp_path / "home"
    price = '[{id}]\nname = "{name}"\n[[{id}.prices]]\nusd_per_image = 1.0\n' + (
        'effective_from = 2026-01-01\nsource = "s"\n'
    )
    (data / "prices").mkdir(parents=True)
    shipped = "".join(price.format(id=name, name="shipped") for name in "abc")
    (data / "prices" / "some.toml").write_text(shipped)
    rows = [
        Row(name, name, "imported", "p", "image", Price("image", 2.0, DAY, "s")) for name in "bc"
    ]
    append(path_of(home / "prices", "litellm"), rows)
    (home / "prices" / "own.toml").write_text(price.format(id="c", name="own"))
    book = load_prices(data, home)
    assert {name: entry.name for name, entry in book.items()} == {
        "a": "shipped",
        "b": "imported",
        "c": "own",
    }
    assert load_prices(data, tmp_path / "nowhere").keys() == {"a", "b", "c"}
    (home / "prices" / "more.toml").write_text(price.format(id="c", name="again"))
    with pytest.raises(RegistryError, match=r"own.toml.*more.toml has a list|more.toml.*own.toml"):
        load_prices(data, home)


def test_a_name_is_found_by_itself_without_case_and_in_part(tmp_path: Path) -> None:
    rows = [
        Row(name, name, title, "p", "image", Price("image", 2.0, DAY, "s"))
        for name, title in (("a/Big-1", "Big One"), ("a/big-1-mini", "Big Mini"), ("b/x", "Xylo"))
    ]
    append(path_of(tmp_path / "prices", "csv"), rows)
    book = load_prices(tmp_path / "none", tmp_path)
    assert named(book, "a/Big-1") == ["a/Big-1"]
    assert named(book, "A/BIG-1") == ["a/Big-1"]
    assert named(book, "big") == ["a/Big-1", "a/big-1-mini"]
    assert named(book, "xylo") == ["b/x"]
    assert named(book, "nothing") == []


def test_classes_of_sizes_are_written_as_tiers_know_them() -> None:
    assert size_of("4k", "image") == "4K"
    assert size_of("4K", "video") == "4k"
    assert size_of("1024-x-1536", "image") == "1024x1536"
    assert size_of("1080P", "video") == "1080p"


units: st.SearchStrategy[Unit] = st.sampled_from(["image", "megapixel"])
listings = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.dictionaries(
            st.tuples(st.sampled_from("abc"), units, st.sampled_from([None, "1K"])),
            st.none() | st.sampled_from([1.0, 2.0]),
            max_size=5,
        ),
    ),
    max_size=7,
)


def listed(prices: dict[tuple[str, Unit, str | None], float | None], day: date) -> list[Row]:
    return [
        Row(model, model, model, "p", "image",
            Price(unit, usd, day, "s", Tier(size), None, "" if usd else "none"))
        for (model, unit, size), usd in prices.items()
    ]  # fmt: skip


@given(listings)
def test_a_history_only_grows_repeats_nothing_and_says_what_was_listed(
    made: list[tuple[int, dict[tuple[str, Unit, str | None], float | None]]],
) -> None:
    rows: list[Row] = []
    seen: dict[date, dict[tuple[str, Unit, str | None], float | None]] = {}
    for offset, prices in sorted(made, key=lambda one: one[0]):
        day = DAY + timedelta(offset)
        added = changes(rows, listed(prices, day), day, "")
        assert all(row.price.effective_from == day for row in added)
        rows += added
        assert changes(rows, listed(prices, day), day, "") == []
        seen[day] = prices
    for day, prices in seen.items():
        there = {
            (key[0], key[1], key[2].size): row.price.usd
            for key, row in latest(rows, day).items()
            if not row.price.over(day)
        }
        assert there == prices
        for row in latest(rows, day).values():
            assert row.price.effective_from <= day


@given(st.sampled_from(["a", 'b"c', "d,e", "é ü"]), st.floats(1e-9, 1e6), st.booleans())
def test_rows_survive_their_file(
    tmp_path_factory: pytest.TempPathFactory, text: str, usd: float, known: bool
) -> None:
    path = path_of(tmp_path_factory.mktemp("prices"), "csv")
    price = Price(
        "second",
        usd if known else None,
        DAY,
        text,
        Tier("720p", text, None, 5.5),
        DAY + timedelta(9),
        "" if known else text,
    )
    rows = [Row(text, "of", text, text, "video", price)]
    append(path, rows)
    append(path, rows)
    append(path, [])
    assert read_rows(path) == rows * 2
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_price_of_any_unit_can_be_a_models(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        '[gpu]\nname = "Rented by the second"\n[[gpu.prices]]\nusd_per_hour = 3.6\n'
        'effective_from = 2026-01-01\nsource = "s"\n'
    )
    entry = read_prices(path)["gpu"]
    billed = {"predict_seconds": 2.0, "seconds": 9.0}
    assert cost(entry, billed, Size(8, 8), DAY, "endpoint").usd == pytest.approx(0.002)
