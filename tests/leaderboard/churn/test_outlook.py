"""Who is about to fall, on histories made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.churn.headline import Worlds
from leaderboard.churn.membership import stays
from leaderboard.churn.outlook import p_leaves, p_top
from leaderboard.churn.panel import Panel
from leaderboard.churn.strengths import Levels, Trend
from tests.leaderboard.history.histories import DAY0

END = 200.0
QUIET = Trend(0.0, 0.0, 1.0)
"""Releases around 0."""


def worlds(
    strength: dict[str, float],
    trend: Trend = QUIET,
    came: dict[str, float] | None = None,
    left: dict[str, float] | None = None,
    spread: float = 0.0,
    draws: int = 400,
    truncated: bool = False,
) -> Worlds:
    """Histories of 200 days: strengths with a known spread, days of coming and of going."""
    models = tuple(strength)
    came, left = came or {}, left or {}
    appeared = np.array([[came.get(m, -math.inf)] * 2 for m in models])
    gone = np.array([[left.get(m, math.inf)] * 2 for m in models])
    mean = np.array(list(strength.values()))
    nought = np.zeros(len(models))
    panel = Panel(
        models=models,
        start=DAY0,
        days=np.array([0.0, END]),
        rating=np.tile(mean, (2, 1)),
        variance=None,
        appeared=appeared,
        left=gone,
        truncated=truncated,
    )
    drawn = mean + spread * np.random.default_rng(7).normal(size=(draws, len(models)))
    enter, leave = (np.tile(one[:, 0], (draws, 1)) for one in (appeared, gone))
    return Worlds(
        panel=panel,
        chosen=np.arange(len(models)),
        levels=Levels(mean, nought, nought, nought + math.inf, trend),
        strength=drawn,
        grid=np.zeros(0),
        came=enter,
        went=leave,
        stays=stays(drawn, enter, leave, np.zeros(0), 0.0, END, 2),
        end=END,
    )


FIVE = {"a": 50.0, "b": 40.0, "c": 30.0, "d": 20.0, "e": 10.0}
MANY = {f"n{i}": -500.0 - i for i in range(60)}
"""Models so weak that they only show how often models are released."""
BUSY = {name: 3.0 * i + 1 for i, name in enumerate(MANY)}


def odds(of: Worlds, k: int = 2, wander: float = 0.0, seed: int = 0) -> dict[str, float]:
    found = p_leaves(of, k, wander, seed)
    assert found is not None
    return found


@given(st.integers(0, 1000), st.integers(1, 6), st.floats(0, 5))
@settings(max_examples=25, deadline=None)
def test_odds_are_odds(seed: int, k: int, wander: float) -> None:
    of = worlds(FIVE | MANY, Trend(0.0, 0.2, 20.0), BUSY, {"e": 150.0}, spread=8.0, draws=50)
    for found in (odds(of, k, wander, seed), p_top(of, k)):
        assert set(found) == set(of.panel.models) - {"e"}
        assert all(0 <= p <= 1 for p in found.values())
    assert sum(p_top(of, k).values()) == pytest.approx(k)


def test_far_ahead_and_without_releases_nobody_leaves() -> None:
    assert odds(worlds(FIVE))["a"] == 0
    assert odds(worlds(FIVE))["b"] == 0
    assert odds(worlds(FIVE))["c"] == 1
    assert p_top(worlds(FIVE), 2) == {"a": 1, "b": 1, "c": 0, "d": 0, "e": 0}


def test_many_strong_releases_push_out_whoever_is_at_the_edge() -> None:
    found = odds(worlds(FIVE | MANY, Trend(60.0, 0.0, 5.0), BUSY))
    assert found["b"] > 0.98
    # Nine releases in thirty days, half of them expected above 60: two of them push out a.
    assert found["a"] > 0.95


def test_weak_releases_push_out_nobody() -> None:
    found = odds(worlds(FIVE | MANY, Trend(-500.0, 0.0, 5.0), BUSY))
    assert found["b"] == 0


def test_one_release_a_month_as_strong_as_the_edge() -> None:
    # Poisson releases at a known rate, each above b with probability 1/2.
    rate = 60 / END * 30
    found = odds(worlds(FIVE | MANY, Trend(40.0, 0.0, 1.0), BUSY, draws=5000))
    assert found["b"] == pytest.approx(1 - math.exp(-rate / 2), abs=0.015)


def test_a_trend_counts_from_the_day_of_release() -> None:
    rising = odds(worlds(FIVE | MANY, Trend(0.0, 0.5, 1.0), BUSY))
    assert rising["a"] > 0.9
    assert odds(worlds(FIVE | MANY, Trend(0.0, 0.1, 1.0), BUSY))["b"] == 0


def test_a_dominated_model_changes_nothing_for_others() -> None:
    without = worlds(FIVE, spread=6.0)
    with_it = worlds(FIVE | {"z": -900.0}, spread=6.0)
    # The same strengths for the others: only the last column is new.
    strength = np.column_stack([without.strength, np.full(400, -900.0)])
    with_it = replace(with_it, strength=strength)
    assert {m: p for m, p in odds(with_it).items() if m != "z"} == odds(without)
    assert {m: p for m, p in p_top(with_it, 2).items() if m != "z"} == p_top(without, 2)


def test_wandering_strengths_bring_close_ones_down() -> None:
    close = worlds({"a": 50.0, "b": 30.0, "c": 29.0}, draws=20_000)
    assert odds(close)["b"] == 0
    # b - c wanders by the variances of both.
    wander = 2.0
    below = 0.5 * (1 + math.erf(-1 / (2 * wander * 30) ** 0.5 / 2**0.5))
    assert odds(close, wander=wander)["b"] == pytest.approx(below, abs=0.02)


def test_models_are_withdrawn_as_often_as_they_were() -> None:
    ten = {f"m{i}": 100.0 - i for i in range(10)}
    of = worlds(ten | {"old": -9.0}, left={"old": 0.0, "m9": 100.0}, draws=20_000)
    exposed = 9 * END + 100.0
    p = 1 - math.exp(-2 / exposed * 30)
    assert odds(of, k=9)["m0"] == pytest.approx(p, abs=0.01)


def test_nothing_is_foretold_of_a_board_that_shows_only_its_top() -> None:
    assert p_leaves(worlds(FIVE, Trend(0.0, 0.0, math.inf)), 2, 0.0, 0) is None
    assert p_leaves(replace(worlds(FIVE), end=0.0), 2, 0.0, 0) is None


def test_the_same_seed_gives_the_same_odds() -> None:
    of = worlds(FIVE | MANY, Trend(30.0, 0.0, 10.0), BUSY, spread=5.0)
    assert odds(of, seed=3) == odds(of, seed=3)
    assert odds(of, seed=3) != odds(of, seed=4)
