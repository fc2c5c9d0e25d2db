"""A curve is found where one is, with intervals that cover, and hardly ever where none is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import expit

from leaderboard.usage.logistic import Curve, drifts, logistic

Shares = Callable[[np.random.Generator, int], np.ndarray]
MONTH = 30


def counted(random: np.random.Generator, share: np.ndarray) -> Curve | str:
    """Monthly counts of such shares, that scatter up to tenfold as binomial ones do."""
    of, scatter = int(random.integers(100, 5000)), float(random.choice([1, 3, 10]))
    p = np.clip(share, 1e-4, 1 - 1e-4)
    if scatter > 1:
        size = max((of - scatter) / (scatter - 1), 0.5)
        p = random.beta(p * size, (1 - p) * size)
    hits = [int(one) for one in random.binomial(of, p)]
    return logistic([MONTH * n for n in range(len(hits))], hits, [of] * len(hits))


def flat(random: np.random.Generator, dates: int) -> np.ndarray:
    return np.full(dates, random.uniform(0.05, 0.9))


def linear(random: np.random.Generator, dates: int) -> np.ndarray:
    return np.linspace(random.uniform(0.02, 0.4), random.uniform(0.5, 0.95), dates)


def wandering(random: np.random.Generator, dates: int) -> np.ndarray:
    return np.clip(random.uniform(0.2, 0.6) + np.cumsum(random.normal(0, 0.04, dates)), 0.01, 0.99)


def wandering_odds(random: np.random.Generator, dates: int) -> np.ndarray:
    return expit(random.normal(-1, 1) + np.cumsum(random.normal(0, 0.8, dates)))


@pytest.mark.parametrize("make", [flat, linear, wandering, wandering_odds])
@pytest.mark.parametrize("dates", [8, 12, 36])
def test_where_there_is_no_curve_hardly_ever_one_is_found(make: Shares, dates: int) -> None:
    random = np.random.default_rng(dates)
    found = [counted(random, make(random, dates)) for _ in range(100)]
    assert sum(isinstance(one, Curve) for one in found) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_a_curve_is_found_and_its_intervals_cover(level: float) -> None:
    random = np.random.default_rng(3)
    told = levels = halves = 0
    for number in range(60):
        dates = (10, 16, 24, 48)[number % 4]
        rate, middle = random.uniform(8, 16), random.uniform(0.4, 0.6)
        x = np.linspace(0, 1, dates)
        found = counted(random, level * expit(rate * (x - middle)))
        if isinstance(found, str):
            continue
        half = (middle - np.log(level / 0.5 - 1) / rate) * MONTH * (dates - 1)
        told += 1
        levels += found.level_low <= level <= found.level_high
        assert found.half is not None
        assert found.half_low is not None
        high = np.inf if found.half_high is None else found.half_high
        halves += found.half_low <= half <= high
    assert told >= 0.85 * 60
    assert levels >= 0.88 * told
    assert halves >= 0.88 * told


def exact(level: float, rate: float, middle: float, dates: int, of: int = 10_000) -> Curve | str:
    x = np.linspace(0, 1, dates)
    hits = [int(one) for one in np.round(of * level * expit(rate * (x - middle)))]
    return logistic([MONTH * n for n in range(dates)], hits, [of] * dates)


def test_without_noise_it_is_the_curve_itself() -> None:
    found = exact(0.8, 12.0, 0.5, 25)
    assert isinstance(found, Curve)
    length = 24 * MONTH
    assert found.level == pytest.approx(0.8, abs=1e-3)
    assert found.rate == pytest.approx(12 / length, rel=1e-2)
    assert found.middle == pytest.approx(0.5 * length, rel=1e-3)
    assert found.half == pytest.approx((0.5 - np.log(0.8 / 0.5 - 1) / 12) * length, rel=1e-3)
    assert found.dispersion == pytest.approx(1, abs=0.5)
    assert found.at(found.half) == pytest.approx(0.5, abs=1e-6)
    assert found.half_low is not None
    assert found.half_high is not None
    assert found.half_low < found.half < found.half_high


def test_below_half_there_is_no_day_of_half() -> None:
    found = exact(0.4, 12.0, 0.5, 25)
    assert isinstance(found, Curve)
    assert found.half is found.half_low is found.half_high is None
    assert found.level_high < 0.5


@pytest.mark.parametrize(
    ("level", "rate", "middle", "dates", "of", "why"),
    [
        (0.8, 12, 0.5, 7, 10_000, "7 dates with counts; a curve needs 8"),
        (0.8, 12, 0.5, 10, 5, "50 counted in all; a curve needs 100"),
        (0.9, 9, 1.3, 25, 10_000, "only the beginning of a curve is seen"),
        (0.9, 9, -0.1, 25, 10_000, "only the end of a curve is seen"),
        (0.9, -12, 0.5, 25, 10_000, "does not rise"),
        (0.8, 500, 0.5, 25, 10_000, "does not rise more than a wandering one"),
    ],
)
def test_what_is_missing_is_the_reason(
    level: float, rate: float, middle: float, dates: int, of: int, why: str
) -> None:
    found = exact(level, rate, middle, dates, of)
    assert isinstance(found, str)
    assert why in found


def test_a_wave_is_no_curve_although_it_rises() -> None:
    x = np.linspace(0, 1, 40)
    share = 0.7 * expit(12 * (x - 0.5)) + 0.03 * np.sin(25 * x) + 0.04
    hits = [int(one) for one in np.round(5000 * share)]
    found = logistic(list(range(40)), hits, [5000] * 40)
    assert (
        found == "what the curve leaves over goes together from date to date: it is another shape"
    )


def test_the_unit_of_time_and_the_first_day_do_not_matter() -> None:
    x = np.linspace(0, 1, 20)
    random = np.random.default_rng(5)
    hits = [int(one) for one in random.binomial(500, 0.8 * expit(12 * (x - 0.5)))]
    one = logistic(list(range(20)), hits, [500] * 20)
    other = logistic([1000 + 7 * n for n in range(20)], hits, [500] * 20)
    assert isinstance(one, Curve)
    assert isinstance(other, Curve)
    assert (other.level, other.middle) == pytest.approx((one.level, 7 * one.middle))
    assert other.half == pytest.approx(7 * (one.half or 0))


def test_a_random_walk_drifts_as_often_as_it_may() -> None:
    """The p-value of rule 2 is below q in a share q of random walks, here known exactly."""
    random = np.random.default_rng(0)
    of, low = 10**9, []
    for _ in range(600):
        walk = 0.5 + np.cumsum(random.normal(0, 1e-3, 30))
        low.append(drifts([int(one) for one in of * walk], [of] * 30)[1])
    for level in (0.05, 0.2, 0.5):
        assert np.mean(np.array(low) <= level) == pytest.approx(level, abs=0.05)
