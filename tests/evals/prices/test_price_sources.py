"""Every source of prices: read, imported twice, refused by row and column."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from evals.errors import InputError, NotFoundError
from evals.prices.history import read_rows
from evals.prices.imports import import_prices
from evals.prices.sources import kinds, price_source
from tests.evals.prices.price_lists import DAY, KINDS, book, counts, put


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
