"""A model's file in four lines: its id is its name, and its price stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from evals import pricing, registry
from evals.errors import RegistryError
from evals.types import Media
from tests.evals.worlds import NOON, Write

FOUR_LINES = """task = "text-to-image"
backend = "openai"
price = { usd_per_image = 0.02 }
settings = { base_url = "http://127.0.0.1:8000/v1", model = "m-1" }
"""
PICTURE = Media("0" * 64, "media/00/x.png", "image/png", 64, 64, 1)


def test_four_lines_are_enough(data: Path, home: Path, write: Write) -> None:
    write("models/mine.toml", FOUR_LINES)
    known = registry.load(home, data)
    model = known.model("mine")
    assert model.name == "mine"
    cost = pricing.cost(known.price_of(model), {"images": 1.0}, PICTURE, NOON.date())
    assert cost.usd == pytest.approx(0.02)
    assert "mine.toml" in cost.basis
    assert registry.load_priced(home, data).price_of(model) == known.price_of(model)


def test_its_price_may_begin_and_end(data: Path, home: Path, write: Write) -> None:
    dated = "{ usd_per_image = 0.02, effective_from = 2026-06-01, expires = 2026-08-01 }"
    write("models/mine.toml", FOUR_LINES.replace("{ usd_per_image = 0.02 }", dated))
    known = registry.load(home, data)
    entry = known.price_of(known.model("mine"))
    days = [date(2026, 5, 1), date(2026, 7, 1), date(2026, 9, 1)]
    costs = [pricing.cost(entry, {"images": 1.0}, PICTURE, day).usd for day in days]
    assert costs == [None, pytest.approx(0.02), None]


@pytest.mark.parametrize(
    ("price", "named"),
    [
        ("{ usd_per_imag = 0.02 }", '"usd_per_image"?'),
        ("{ usd_per_image = 0.02, usd_per_megapixel = 1.0 }", "one has"),
        ("{ usd_per_clip_second = 0.02 }", "of clips"),
        ("{}", "needs one of"),
        ("3", "price"),
    ],
)
def test_a_price_that_cannot_be_is_refused_by_its_key(
    data: Path, home: Path, write: Write, price: str, named: str
) -> None:
    write("models/mine.toml", FOUR_LINES.replace("{ usd_per_image = 0.02 }", price))
    with pytest.raises(RegistryError, match=r"mine\.toml") as caught:
        registry.load(home, data)
    assert named in str(caught.value)


def test_free_is_no_price(data: Path, home: Path, write: Write) -> None:
    write("models/mine.toml", FOUR_LINES.replace("0.02", "0.0"))
    known = registry.load(home, data)
    model = known.model("mine")
    assert pricing.cost(known.price_of(model), {"images": 1.0}, PICTURE, NOON.date()).usd is None
    assert replace(model, price=None) != model


def test_a_price_that_is_in_no_list_says_where_lists_come_from(
    data: Path, home: Path, write: Write
) -> None:
    write("models/mine.toml", FOUR_LINES.replace("{ usd_per_image = 0.02 }", '"some/fluxx"'))
    write("models/other.toml", FOUR_LINES)
    with pytest.raises(RegistryError, match=r'"price": no price .*; try `churnboard prices import'):
        registry.load(home, data)
    (home / "prices").mkdir(parents=True)
    (home / "prices" / "list.toml").write_text(
        '["some/flux"]\nname = "F"\n[["some/flux".prices]]\nusd_per_image = 0.1\n'
        'effective_from = 2026-01-01\nsource = "s"\n'
    )
    with pytest.raises(RegistryError, match=r'did you mean "some/flux"'):
        registry.load(home, data)
