"""A model that is billed by the second of clip: from its file to what a generation of it cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from evals import pricing, registry
from evals.backends import RawMedia
from evals.errors import RegistryError
from evals.generate import Made as Kept
from evals.generate import Studio, Timing, attempt, keep
from evals.prices.tiers import Tier
from evals.prices.types import Entry, Price
from evals.types import Prompt
from tests.evals.worlds import NOON, Write

MODEL = """
name = "Somebody's"
task = "text-to-video"
backend = "procedural"
price = "api"

[settings]
kind = "noise"
"""
PRICES = """
[api]
name = "An API"
[[api.tiers]]
usd_per_clip_second = 0.05
up_to_lines = 32
effective_from = 2026-01-01
source = "made up"
"""
API = Entry(
    "api",
    "An API",
    (Price("second", 0.05, date(2026, 1, 1), "made up", Tier(up_to_lines=32)),),
    modality="video",
)


class Made:
    """A generator of one clip, or of what is none."""

    device = "cuda"

    def __init__(self, frames: int, side: int = 16) -> None:
        dice = np.random.default_rng(0)
        self.pixels = dice.integers(0, 256, (frames, side, side, 3), dtype=np.uint8)

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        return RawMedia(self.pixels, fps=8.0)


def generate(generator: Made, folder: Path) -> Kept:
    timing = Timing(lambda: NOON, iter(range(9)).__next__)
    tried = attempt(generator, Prompt("p", "a clip"), 0, timing)
    return keep(tried, API, Studio(folder, "text-to-video"))


def test_its_file_names_the_price(data: Path, home: Path, write: Write) -> None:
    write("models/bought.toml", MODEL)
    write("prices/clips.toml", PRICES)
    known = registry.load(home, data)
    model = known.model("bought")
    entry = known.price_of(model)
    assert entry is not None
    assert replace(entry, origin="") == API
    ahead = pricing.estimate_of(entry, model, NOON.date())
    assert ahead.usd is None
    assert "second of clip" in ahead.basis


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("api", "apy"), '"api"?'),
        (('price = "api"', 'price = "api"\nhardware = "box"'), "by the hour"),
        (("text-to-video", "text-to-image"), "text-to-image makes none"),
    ],
)
def test_a_price_that_cannot_be_is_refused(
    data: Path, home: Path, write: Write, change: tuple[str, str], named: str
) -> None:
    write("models/bought.toml", MODEL.replace(*change))
    write("prices/clips.toml", PRICES)
    with pytest.raises(RegistryError, match="price") as caught:
        registry.load(home, data)
    assert named in str(caught.value)


def test_a_clip_costs_its_seconds_whatever_it_ran_on_and_however_long_it_took(
    tmp_path: Path,
) -> None:
    made = generate(Made(16), tmp_path).generation
    assert made.status == "ok"
    assert made.cost_usd == pytest.approx(2.0 * 0.05)
    assert made.quantities["clip_seconds"] == 2.0


def test_a_clip_beyond_the_tiers_and_what_is_no_clip_cost_nobody_knows_what(
    tmp_path: Path,
) -> None:
    large = generate(Made(16, 64), tmp_path).generation
    assert (large.status, large.cost_usd) == ("ok", None)
    assert "up to 32 lines" in (large.cost_basis or "")
    single = generate(Made(1), tmp_path).generation
    assert (single.status, single.cost_usd) == ("failed", None)
    assert "no clip" in (single.cost_basis or "")
