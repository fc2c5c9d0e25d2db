"""Own survival curves, against lifelines', which is an oracle because the code is ours."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.exceptions import StatError

from leaderboard.churn.curves import average, incidence, product_limit

Stay = tuple[float, float, bool]
"""Age at which it came under observation, age at its end, and whether it ended."""


# Entries lie between the whole ages at which stays end, for which of two things that happen at
# one age is first is a convention, tested by hand below.
STAYS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.5, 2.5, 5.5]), st.integers(1, 12).map(float), st.booleans()
    ).map(lambda one: (one[0], one[0] // 1 + one[1], one[2])),
    min_size=1,
    max_size=30,
)


def columns(stays: list[Stay]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    entry, until, ended = zip(*stays, strict=True)
    return np.array(entry), np.array(until), np.array(ended)


def fitted(stays: list[Stay]) -> Any:
    """lifelines' fit, which refuses stays of which all under observation ended early."""
    entry, until, ended = columns(stays)
    fitter: Any = KaplanMeierFitter()
    try:
        fitter.fit(until, ended, entry=entry)
    except StatError:
        reject()
    return fitter


@given(STAYS)
@settings(max_examples=60, deadline=None)
def test_delayed_entry_is_lifelines(stays: list[Stay]) -> None:
    own = product_limit(*columns(stays))
    other = fitted(stays).survival_function_.iloc[:, 0]
    assert own.days.tolist() == sorted({until for _, until, ended in stays if ended})
    assert own.share == pytest.approx([float(other.loc[day]) for day in own.days], abs=1e-9)


@given(STAYS)
@settings(max_examples=60, deadline=None)
def test_greenwoods_variance_is_lifelines(stays: list[Stay]) -> None:
    fitter = fitted(stays)
    own = product_limit(*columns(stays))
    # lifelines keeps the sum d / (n (n - d)), which Greenwood multiplies by the curve squared.
    sums: Any = fitter._cumulative_sq_
    for day, share, variance in zip(own.days, own.share, own.variance, strict=True):
        if share > 0:
            assert variance == pytest.approx(share**2 * float(sums.loc[day]), abs=1e-9)
        else:
            assert variance == 0


@given(STAYS, st.data())
def test_a_weight_is_so_many_of_them(stays: list[Stay], data: st.DataObject) -> None:
    times = np.array([data.draw(st.integers(1, 3)) for _ in stays])
    repeated = [one for one, n in zip(stays, times, strict=True) for _ in range(n)]
    weighted = product_limit(*columns(stays), times.astype(float))
    assert weighted.share == pytest.approx(product_limit(*columns(repeated)).share)


def test_at_one_age_an_exit_is_before_an_entry() -> None:
    # Who comes under observation at age 5 was not at risk of the exit at age 5.
    own = product_limit(*columns([(0.0, 5.0, True), (0.0, 9.0, False), (5.0, 9.0, False)]))
    assert own.share.tolist() == [0.5]


def made(seed: int, size: int, draws: int = 1, days: float = 40.0) -> dict[str, Any]:
    """Exponential lives of a known mean, each followed for a while drawn evenly."""
    rng = np.random.default_rng(seed)
    life, seen = rng.exponential(days, (draws, size)), rng.uniform(0, 4 * days, (draws, size))
    return {
        "draw": np.repeat(np.arange(draws), size),
        "entry": np.zeros(draws * size),
        "until": np.minimum(life, seen).ravel(),
        "ended": (life <= seen).ravel(),
        "draws": draws,
    }


def test_draws_are_averaged() -> None:
    one = made(3, 12, draws=7)
    weight = np.random.default_rng(0).exponential(size=7 * 12)
    plain, weighted = average(**one), average(**one, weight=weight)
    for curve, weights in ((plain, np.ones(7 * 12)), (weighted, weight)):
        shares, own = [], []
        for draw in range(7):
            mine = one["draw"] == draw
            entry, until, ended = (one[name][mine] for name in ("entry", "until", "ended"))
            steps = product_limit(entry, until, ended, weights[mine])
            at = [int((steps.days <= day).sum()) for day in curve.days]
            shares.append(np.array([1.0, *steps.share])[at])
            own.append(np.array([0.0, *steps.variance])[at])
        assert curve.share == pytest.approx(np.mean(shares, axis=0))
        if curve is weighted:
            # With random weights the draws are samples themselves.
            assert curve.variance == pytest.approx(np.var(shares, axis=0, ddof=1))
        else:
            exact = np.mean(own, axis=0)
            lasting = np.maximum(exact - np.var(shares, axis=0, ddof=1), exact / 2)
            assert curve.variance == pytest.approx(lasting)


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 6))
@settings(deadline=None)
def test_the_band_holds_the_curve_and_the_interval_the_median(
    seed: int, size: int, draws: int
) -> None:
    curve = average(**made(seed, size, draws))
    low, high = curve.band()
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= curve.share + 1e-12).all()
    assert (high >= curve.share - 1e-12).all()
    assert (np.diff(curve.share) <= 1e-12).all()
    found = curve.interval()
    if not len(curve.days):
        assert curve.median is None
        assert found is None
        return
    assert found is not None
    start, end = found
    if curve.median is None:
        assert end is None
        assert 0 < start <= curve.longest
    else:
        assert start <= curve.median
        assert end is None or end >= curve.median


def test_draws_that_agree_add_nothing() -> None:
    once = made(1, 15)
    again = {
        "draw": np.repeat(np.arange(4), 15),
        "entry": np.tile(once["entry"], 4),
        "until": np.tile(once["until"], 4),
        "ended": np.tile(once["ended"], 4),
        "draws": 4,
    }
    one, four = average(**once), average(**again)
    assert four.share == pytest.approx(one.share)
    assert four.variance == pytest.approx(one.variance)
    assert four.interval() == one.interval()


@pytest.mark.parametrize("size", [20, 60])
def test_the_interval_of_the_median_covers(size: int) -> None:
    truth = 40 * math.log(2)
    covered = 0
    for seed in range(300):
        low, high = average(**made(seed, size)).interval() or (math.inf, None)
        covered += low <= truth <= (math.inf if high is None else high)
    assert 0.92 <= covered / 300 <= 0.99


def test_an_unreached_median_is_bounded_from_below() -> None:
    stays: list[Stay] = [(0.0, 10.0, True), (0.0, 20.0, True)]
    stays += [(0.0, 50.0, False)] * 30
    entry, until, ended = columns(stays)
    curve = average(np.zeros(32, int), entry, until, ended, 1)
    assert curve.median is None
    # Even the band stays above one half: all that is known for sure is that it lasts beyond 20.
    assert curve.interval() == (20.0, None)
    assert curve.longest == 50


def test_nothing_at_all() -> None:
    none = np.zeros(0)
    curve = average(np.zeros(0, int), none, none, none.astype(bool), 3)
    assert len(curve.share) == 0
    assert curve.longest == 0
    assert curve.median is None
    assert curve.interval() is None


def causes(seed: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lives without ties, and which of two causes ended each; 0 = last seen."""
    rng = np.random.default_rng(seed)
    each = rng.exponential([60.0, 150.0, 120.0], (size, 3))
    return np.zeros(size), each.min(axis=1), np.array([1, 2, 0])[each.argmin(axis=1)]


@pytest.mark.parametrize("seed", range(5))
def test_the_incidence_of_a_cause_is_that_of_aalen_and_johansen(seed: int) -> None:
    entry, until, cause = causes(seed, 40)
    horizons = (10.0, 30.0, 90.0)
    own = incidence(np.zeros(40, int), entry, until, cause, 1, horizons, 2)
    for number in (1, 2):
        fitter: Any = AalenJohansenFitter(calculate_variance=False)
        fitter.fit(until, cause, event_of_interest=number)
        other = fitter.cumulative_density_.iloc[:, 0]
        expected = [float(other[other.index <= day].iloc[-1]) for day in horizons]
        assert own[:, number - 1] == pytest.approx(expected, abs=1e-9)


@given(STAYS, st.data())
def test_the_causes_share_what_has_left(stays: list[Stay], data: st.DataObject) -> None:
    entry, until, ended = columns(stays)
    kind = np.array([data.draw(st.sampled_from([1, 2])) if e else 0 for e in ended])
    horizons = (3.0, 8.0, 20.0)
    found = incidence(np.zeros(len(kind), int), entry, until, kind, 1, horizons, 2)
    steps = product_limit(entry, until, ended)
    left = [1.0, *steps.share]
    for day, shares in zip(horizons, found, strict=True):
        assert shares.sum() == pytest.approx(1 - left[int((steps.days <= day).sum())])


def test_incidence_is_averaged_over_the_draws() -> None:
    parts = [causes(seed, 20) for seed in (1, 2)]
    joined = (np.concatenate(column) for column in zip(*parts, strict=True))
    both = incidence(np.repeat([0, 1], 20), *joined, 2, (50.0,), 2)
    each = [incidence(np.zeros(20, int), *part, 1, (50.0,), 2) for part in parts]
    assert both == pytest.approx(np.mean(each, axis=0))
