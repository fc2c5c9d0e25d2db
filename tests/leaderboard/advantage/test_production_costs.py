"""What traditional work costs: shipped, replaced by the home's own file, refused where wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evals import registry
from evals.errors import RegistryError
from leaderboard.advantage.costs import FILE, load_costs, read_costs

GOOD = """
[video.animation]
usd_low = 100
usd_high = 2000.5
photoreal = false
what = "series"
source = "our invoices"
date = 2026-11-01
"""


def test_what_ships_covers_the_kinds_of_work_of_the_shipped_suites(tmp_path: Path) -> None:
    shipped = load_costs(tmp_path)
    known = registry.load(tmp_path).suites
    for modality, suite in (("image", "everyday"), ("video", "everyday-video")):
        domains = {one.domain for one in shipped if one.modality == modality}
        tags = {tag for prompt in known[suite].prompts for tag in prompt.domains}
        # How things stand to each other is a test of ability, and no kind of work that is sold.
        assert tags - {"composition"} <= domains
        sides = {one.photoreal for one in shipped if one.modality == modality}
        assert sides == {True, False}
    assert all("not re-read" in one.source and one.usd_low < one.usd_high for one in shipped)
    # Simulated kinds of pictures have no price by hand.
    assert not {"flat", "shaded", "sketch"} & {one.domain for one in shipped}


def test_the_home_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD)
    (own,) = load_costs(tmp_path)
    assert (own.modality, own.domain, own.usd_low, own.usd_high) == (
        "video",
        "animation",
        100,
        2000.5,
    )
    assert (own.photoreal, own.source, own.date) == (False, "our invoices", date(2026, 11, 1))


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("usd_low = 100", "usd_low = 0", "video.animation.usd_low", "greater than 0"),
        ("usd_low = 100", "usd_low = -3", "video.animation.usd_low", "greater than 0"),
        ("usd_low = 100", "usd_low = nan", "video.animation.usd_low", ""),
        ("usd_high = 2000.5", "usd_high = inf", "video.animation.usd_high", ""),
        ("usd_high = 2000.5", "usd_high = 99", "video.animation.usd_low", "above usd_high 99"),
        ("[video.animation]", "[vidio.animation]", "vidio", 'did you mean "video"'),
        ("[video.animation]", "[video.all]", "video.all", "no kind of work"),
        ("[video.animation]", '[video."a/b"]', "video.a/b", "the domain may hold"),
        ("date = 2026-11-01", 'date = "soon"', "video.animation.date", ""),
        ("date = 2026-11-01", "", "video.animation.date", "is missing"),
        ('source = "our invoices"', "", "video.animation.source", "is missing"),
        ("photoreal = false", "photoreall = false", "video.animation.photoreall", "photoreal"),
        (GOOD, "[video]\nanimation = 3", "video.animation", "should be a table"),
        (GOOD, "video = 3", "video", "should be a table"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_key(
    tmp_path: Path, old: str, new: str, key: str, said: str
) -> None:
    path = tmp_path / FILE
    assert old in GOOD
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(RegistryError) as error:
        read_costs(path)
    line = str(error.value)
    assert FILE in line
    assert key in line
    assert said in line
    assert "\n" not in line
