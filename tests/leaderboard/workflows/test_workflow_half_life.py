"""The joint half-life: arithmetic, sharing, and that it means what it says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from leaderboard.workflows import half_life
from leaderboard.workflows.answers import Life
from leaderboard.workflows.ask import answer
from leaderboard.workflows.chain import Step
from tests.leaderboard.workflows.made import chain, known


def life(
    name: str,
    days: float | None,
    low: float | None = None,
    high: float | None = None,
    vendor: str | None = None,
    p_30: float | None = None,
) -> Life:
    return Life(
        (name,),
        f"task of {name}",
        "all",
        ("hero",),
        name,
        vendor,
        "arena",
        days,
        low,
        high,
        None,
        p_30,
        None,
        None,
        None,
    )


def test_fourteen_independent_steps_at_thirty_days_last_about_two_days() -> None:
    found = half_life.joint([life(f"m{n}", 30.0, 30.0, 30.0) for n in range(14)])
    assert found.days == pytest.approx(30 / 14)
    assert round(30 / 14, 2) == 2.14
    assert (found.low, found.high) == pytest.approx((30 / 14, 30 / 14))
    assert found.shared_days == pytest.approx(30 / 14)  # nobody shares a vendor


def test_the_median_is_that_of_simulated_independent_stays() -> None:
    rng = np.random.default_rng(3)
    medians = rng.uniform(5, 120, 9)
    found = half_life.joint([life(f"m{n}", float(d)) for n, d in enumerate(medians)])
    stays = rng.exponential(medians / math.log(2), size=(200_000, 9))
    first = stays.min(axis=1)
    assert found.days == pytest.approx(np.median(first), rel=0.02)
    shares = np.bincount(stays.argmin(axis=1), minlength=9) / len(stays)
    told = {
        one.model: one.share
        for one in half_life.with_shares([life(f"m{n}", float(d)) for n, d in enumerate(medians)])
    }
    assert [told[f"m{n}"] for n in range(9)] == pytest.approx(shares, abs=0.01)
    assert found.first == (f"m{int(np.argmin(medians))}",)


@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
def test_shared_shocks_are_those_of_a_simulation_and_leave_every_pick_its_own_half_life(
    shared: float,
) -> None:
    rates = np.array([0.01, 0.02, 0.05])
    lives = [
        life(f"m{n}", math.log(2) / r, vendor="ACME" if n else "acme") for n, r in enumerate(rates)
    ]
    found = half_life.joint(lives, shared)
    rng = np.random.default_rng(4)
    draws = 200_000
    own = (
        rng.exponential(1 / (1 - shared) / rates, (draws, 3))
        if shared < 1
        else np.full((draws, 3), np.inf)
    )
    # Common shocks: one that hits all three, one the faster two, one the fastest alone.
    common = np.full((draws, 3), np.inf)
    for number, step in enumerate(np.diff(rates, prepend=0.0) * shared):
        if step > 0:
            common[:, number:] = np.minimum(
                common[:, number:], rng.exponential(1 / step, draws)[:, None]
            )
    ends = np.minimum(own, common)
    assert np.median(ends, axis=0) == pytest.approx(math.log(2) / rates, rel=0.02)
    assert found.assumed_days == pytest.approx(np.median(ends.min(axis=1)), rel=0.02)
    assert found.days is not None
    assert found.shared_days is not None
    assert (
        found.days
        <= (found.assumed_days or 0)
        <= found.shared_days
        == pytest.approx(math.log(2) / 0.05)
    )


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        half_life.joint([], 1.1)


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Each board's half-life is estimated from exits; the joint one is held against the truth."""
    rng = np.random.default_rng(5)
    inside = trials = 0
    for _ in range(600):
        truth = rng.uniform(20, 100, 6)
        lives: list[Life] = []
        for number, median in enumerate(truth):
            exits, mean = 20, median / math.log(2)
            watched = rng.gamma(exits, mean)
            ends = (chi2.ppf(q, 2 * exits) / 2 / watched for q in (0.975, 0.5, 0.025))
            low, days, high = (math.log(2) / end for end in ends)
            lives.append(life(f"m{number}", days, low, high))
        found = half_life.joint(lives)
        assert found.low is not None
        assert found.high is not None
        joint = 1 / (1 / truth).sum()
        inside += found.low <= joint <= found.high
        trials += 1
    assert 0.93 <= inside / trials <= 0.97


def test_an_open_upper_end_stays_open_and_unknown_picks_are_counted() -> None:
    found = half_life.joint([life("a", 30.0, 10.0, None), life("b", None)])
    assert (found.known, found.picks) == (1, 2)
    assert found.low == pytest.approx(10, rel=0.1)
    assert found.high is None
    nothing = half_life.joint([life("b", None)])
    assert (nothing.days, nothing.low, nothing.first) == (None, None, ())


def test_odds_of_the_picks_give_a_half_life_of_their_own_where_all_are_known() -> None:
    both = [life("a", None, p_30=0.5), life("b", None, p_30=0.25)]
    assert half_life.joint(both).odds_days == pytest.approx(10.0)  # 1/2 and two halvings in 30 days
    assert half_life.joint([*both, life("c", None)]).odds_days is None


def test_steps_that_share_a_pick_are_counted_once() -> None:
    market = {"text-to-image": {"fine": (1200.0, 0.05), "cheap": (1000.0, 0.01)}}
    base = known(market, {"text-to-image": (30.0, 20.0, 40.0)}, vendors={"fine": "A", "cheap": "A"})
    steps = [Step(f"s{n}", "text-to-image") for n in range(14)]
    same = answer(base, chain(*steps))
    assert same.joint.picks == 1
    assert same.joint.days == pytest.approx(30)
    assert same.lives[0].steps == tuple(f"s{n}" for n in range(14))
    mixed = answer(base, chain(*steps[:-1], replace(steps[-1], role="hero")))
    assert (mixed.joint.picks, mixed.joint.days, mixed.joint.shared_days) == (
        2,
        pytest.approx(15),
        pytest.approx(30),
    )
    # In the final mode one model does everything, whatever the roles in the file.
    assert answer(base, chain(*steps), mode="final").joint.picks == 1


def test_two_picks_of_one_board_are_no_better_known_than_one() -> None:
    one = life("a", 30.0, 15.0, 60.0)
    alone = half_life.joint([one])
    both = half_life.joint([one, replace(one, model="b", steps=("b",))])
    assert (alone.low, alone.high) == pytest.approx((15, 60))
    assert (both.low, both.high) == pytest.approx((7.5, 30))
    apart = half_life.joint([one, replace(one, model="b", steps=("b",), task="another")])
    assert apart.low is not None
    assert apart.high is not None
    assert 7.5 < apart.low < 15 < apart.high < 30
