"""Half-lives as published: against the reference of the real histories, and other libraries."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import poisson

from evals.home import data_root
from leaderboard.churn.curves import average, product_limit
from leaderboard.churn.published import (
    curve,
    exponential,
    interval_censored,
    kaplan_meier,
    poisson_interval,
    published,
)
from leaderboard.churn.spells import Spell, bridged, spells
from leaderboard.history.series import by_arena
from leaderboard.identity import apply_aliases, load_aliases
from leaderboard.sources import source
from tests.leaderboard.history.histories import DAY0, NOW, REAL, board, needs_real

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import surpyval
    from lifelines.datasets import load_lung

DAY = timedelta(days=1)

REFERENCE = {
    "text-to-image": ((17, 12, 39, 45, 26, 87), (15, 10, 45, 54, 29, 113)),
    "image-edit": ((16, 11, 34, 49, 27, 98), (15, 10, 50, 54, 29, 113)),
    "text-to-video": ((16, 11, 39, 49, 27, 98), (16, 11, 39, 49, 27, 98)),
    "image-to-video": ((15, 10, 60, 54, 29, 113), (14, 9, 118, 60, 32, 131)),
}
"""README of the real histories: spells, exits, Kaplan-Meier, exponential with its interval."""


def stay(days: float, ended: bool = True, first: bool = False, span: float = 0.0) -> Spell:
    """A spell of so many days; it began within `span` days before and ended likewise."""
    entered = DAY0 + 10 * DAY
    before = None if first else entered - max(span, 1.0) * DAY
    until = entered + days * DAY
    last = until - max(span, 1.0) * DAY if ended else until
    return Spell("m", before, entered, max(last, entered), until, ended)


@needs_real
@pytest.mark.parametrize("arena", sorted(REFERENCE))
def test_the_reference_table(arena: str) -> None:
    feed = source("tidy").read(REAL / "arena_ai_daily.csv", NOW)
    (one,) = (found for found in by_arena(feed) if found.arena == arena)
    aliases = load_aliases(REAL / "no-home-here")
    named = apply_aliases(one.snapshots, aliases)[0]
    for found, expected in zip(
        (published(spells(one.snapshots, 5)), published(bridged(spells(named, 5)))),
        REFERENCE[arena],
        strict=True,
    ):
        assert (found.spells, found.exits) == expected[:2]
        days = (
            found.kaplan_meier.days,
            found.exponential.days,
            *(found.exponential.interval or ()),
        )
        assert days == pytest.approx(expected[2:], abs=1)


def lung(sex: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Days and deaths of the North Central Cancer Treatment Group; sex 1 is male, 2 female."""
    table: Any = load_lung()
    table = table if sex is None else table[table["sex"] == sex]
    return table["time"].to_numpy(float), table["status"].to_numpy() > 0


@pytest.mark.parametrize(("sex", "median"), [(None, 310.0), (1, 270.0), (2, 426.0)])
def test_the_median_of_the_lung_study(sex: int | None, median: float) -> None:
    days, died = lung(sex)
    assert set(np.unique(died)) == {False, True}
    nought = np.zeros(len(days))
    assert average(np.zeros(len(days), int), nought, days, died, 1).median == median
    found = kaplan_meier([stay(t, bool(e)) for t, e in zip(days, died, strict=True)])
    assert found.days == median


def test_the_intervals_of_the_lung_study() -> None:
    # R: survfit(Surv(time, status) ~ 1, lung, conf.type = "log-log") prints 284 and 361.
    days, died = lung()
    found = kaplan_meier([stay(t, bool(e)) for t, e in zip(days, died, strict=True)])
    assert found.interval == (284.0, 361.0)


@pytest.mark.parametrize("seed", range(5))
def test_kaplan_meier_is_surpyvals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    life, lost = np.ceil(rng.exponential(40, 30)), np.ceil(rng.uniform(0, 90, 30))
    days, ended = np.minimum(life, lost), life <= lost
    drawn = curve([stay(t, bool(e)) for t, e in zip(days, ended, strict=True)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = surpyval.KaplanMeier.fit(x=days, c=(~ended).astype(int))
    left = dict(zip(other.x.tolist(), other.R.tolist(), strict=True))
    assert len(drawn) > 10
    for point in drawn[1:]:
        assert point.share == pytest.approx(left[point.days])
    own = product_limit(np.zeros(30), days, ended)
    assert own.share == pytest.approx([left[day] for day in own.days.tolist()])


@pytest.mark.parametrize("count", [0, 1, 5, 12, 40])
def test_the_interval_of_a_count_leaves_one_in_forty_on_each_side(count: int) -> None:
    low, high = poisson_interval(count)
    assert poisson.cdf(count, high) == pytest.approx(0.025)
    if count:
        assert poisson.sf(count - 1, low) == pytest.approx(0.025)
    else:
        assert low == 0


def test_the_exponential_half_life() -> None:
    found = exponential(780.0, 12)
    rate = math.log(2) / (found.days or 0)
    assert rate == pytest.approx(12 / 780)
    low, high = found.interval or (0, 0)
    fewest = brentq(lambda mean: float(poisson.sf(11, mean)) - 0.025, 1, 30)
    assert high == pytest.approx(780 * math.log(2) / fewest)
    most = brentq(lambda mean: float(poisson.cdf(12, mean)) - 0.025, 1, 60)
    assert low == pytest.approx(780 * math.log(2) / most)


def test_without_exits_there_is_a_lower_bound() -> None:
    found = exponential(300.0, 0)
    assert found.days is None
    assert found.at_least_days == pytest.approx(300 * math.log(2) / -math.log(0.025))
    assert found.reason
    assert exponential(0.0, 0).at_least_days is None


def test_spells_that_were_there_at_first_have_days_but_no_age() -> None:
    found = published([stay(30, first=True), stay(10), stay(20, ended=False), stay(40)])
    assert (found.spells, found.exits, found.entered, found.entered_exits) == (4, 3, 3, 2)
    assert found.exponential.days == pytest.approx(math.log(2) * 100 / 3)
    assert found.kaplan_meier.days == 40


def test_nothing_entered() -> None:
    found = published([stay(30, ended=False, first=True)])
    assert found.kaplan_meier.days is None
    assert "nothing entered" in (found.kaplan_meier.reason or "")
    assert curve([stay(30, first=True)]) == ()
    assert published([]).spells == 0


def test_what_entered_on_the_last_board_has_no_length_yet() -> None:
    found = kaplan_meier([stay(0, ended=False), stay(0, ended=False)])
    assert (found.days, found.at_least_days) == (None, None)
    (point,) = curve([stay(0, ended=False)])
    assert (point.days, point.share) == (0, 1)


def test_an_unreached_median_is_none_with_a_bound() -> None:
    found = kaplan_meier([stay(10), stay(30, ended=False), stay(20, ended=False)])
    assert found.days is None
    assert found.at_least_days == 30
    assert found.interval is None


def test_a_curve_that_touches_one_half_has_reached_it() -> None:
    # 1 - 1/3, then 1 - 1/4, ...: the product is one half only in exact arithmetic.
    tops = ("bcdaef", "adebcf", "abcdef", "dbeacf", "abdcef")
    found = spells([board(10 * n, *names) for n, names in enumerate(tops)], 3)
    assert published(found).kaplan_meier.days == 10


def by_hand(found: Sequence[Spell]) -> float | None:
    """The first time at which the product-limit estimate is at most one half."""
    survival = 1.0
    for day in sorted({spell.days for spell in found if spell.ended}):
        at_risk = sum(spell.days >= day for spell in found)
        survival *= 1 - sum(spell.days == day and spell.ended for spell in found) / at_risk
        if survival <= 0.5:
            return day
    return None


def test_the_embedded_history() -> None:
    path = data_root() / "history" / "arena_monthly_top8.csv"
    found = by_arena(source("arena-monthly").read(path, NOW))
    assert {len(one.snapshots) for one in found if one.arena == "text-to-image"} == {22}
    for one in found:
        seen = [spell for spell in spells(one.snapshots, 5) if spell.entry_seen]
        estimate = published(spells(one.snapshots, 5)).kaplan_meier
        assert estimate.days == by_hand(seen)
        low, high = estimate.interval or (math.inf, None)
        assert low <= (estimate.days or 0)
        assert high is None or high >= (estimate.days or 0)


@pytest.mark.parametrize("seed", range(4))
def test_the_weibull_fit_is_surpyvals(seed: int) -> None:
    rng = np.random.default_rng(seed)
    lives = rng.weibull(1.5, 30) * 40
    found: list[Spell] = []
    low, high = [], []
    for life in np.ceil(lives / 7) * 7 + 7:
        ended = life < 70
        found.append(stay(min(life, 70.0), ended, span=7))
        least, most = found[-1].bounds
        low.append(least)
        high.append(math.inf if most is None else most)
    estimate = interval_censored(found).weibull
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = surpyval.Weibull.fit(xl=np.array(low), xr=np.array(high))
    scale, shape = other.params
    assert estimate.days == pytest.approx(scale * math.log(2) ** (1 / shape), rel=1e-3)
    least, most = estimate.interval or (0.0, None)
    assert least < (estimate.days or 0) < (most or 0)


def test_the_interval_of_the_weibull_median_covers() -> None:
    rng = np.random.default_rng(5)
    truth = 40 * math.log(2) ** (1 / 1.5)
    covered = 0
    for _ in range(25):
        # Each begins somewhere in the week before day 7, and the boards are weekly.
        ends = rng.uniform(0, 7, 25) + rng.weibull(1.5, 25) * 40
        gone = np.ceil(ends / 7) * 7 - 7
        found = [stay(days, span=7) for days in gone.tolist() if days > 0]
        low, high = interval_censored(found).weibull.interval or (math.inf, None)
        covered += low <= truth <= (high or math.inf)
    assert covered >= 21


def test_too_few_exits_say_how_many_more() -> None:
    found = interval_censored([stay(20, span=7), stay(30, span=7), stay(40, ended=False)])
    for estimate in (found.turnbull, found.weibull):
        assert estimate.days is None
        assert estimate.reason == "1 more exits are needed"


def test_turnbulls_median_is_the_middle_of_what_is_left_open() -> None:
    found = interval_censored([stay(20, span=10), stay(20, span=10), stay(20, span=10)])
    assert found.turnbull.days == 20
    assert found.turnbull.interval is None
    assert found.weibull.reason == "the Weibull fit did not converge"
    running = [stay(90, ended=False) for _ in range(5)]
    found = interval_censored([*running, *(stay(20, span=10) for _ in range(3))])
    assert found.turnbull.days is None
    assert found.turnbull.at_least_days == 90
