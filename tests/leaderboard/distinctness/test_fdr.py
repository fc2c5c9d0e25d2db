"""False discoveries, against scipy and in simulation; and how many pictures a model makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.distinctness.fdr import q_values
from leaderboard.distinctness.layout import Floats, Paired
from leaderboard.distinctness.mmd import discrepancy
from leaderboard.distinctness.vendi import vendi, vendi_ratio
from tests.leaderboard.distinctness.worlds import made


@given(st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=40))
def test_q_is_what_scipy_says(p: list[float]) -> None:
    assert q_values(p) == pytest.approx(stats.false_discovery_control(p))


def test_nothing_tested_nothing_said() -> None:
    assert q_values([]) == ()


def test_false_discoveries_stay_below_the_rate() -> None:
    """Ten variants of one base, seven without a style: they share its pictures."""
    shares: list[float] = []
    hits: list[float] = []
    for trial in range(150):
        base = made(np.random.default_rng([1, trial]), 20, width=6)
        p: list[float] = []
        for number in range(10):
            rng = np.random.default_rng([2, trial, number])
            step = np.zeros(6)
            step[0] = 0.35 if number < 3 else 0.0
            noise = 0.3 * rng.normal(size=base.base.shape)
            variant = made_like(base, trial) + noise + step
            p.append(discrepancy(Paired(base.base, variant, base.prompt), 199, seed=number).p)
        found = np.array(q_values(p)) <= 0.1
        shares.append(found[3:].sum() / max(1, found.sum()))
        hits.append(found[:3].mean())
    assert np.mean(shares) < 0.1
    assert np.mean(hits) > 0.9


def made_like(base: Paired, trial: int) -> Floats:
    """What the prompts of that world ask for, without a picture's own noise."""
    rng = np.random.default_rng([1, trial])
    return rng.normal(size=(base.prompts, base.base.shape[1]))[base.prompt]


@given(st.integers(0, 1000), st.integers(2, 30), st.integers(2, 12))
def test_vendi_is_the_entropy_of_the_whole_kernel(seed: int, rows: int, width: int) -> None:
    pictures = np.random.default_rng(seed).normal(size=(rows, width))
    unit = pictures / np.linalg.norm(pictures, axis=1, keepdims=True)
    values: Floats = np.linalg.eigvals(unit @ unit.T / rows).real
    values = values[values > 1e-12]
    assert vendi(pictures) == pytest.approx(np.exp(-(values * np.log(values)).sum()))


def test_a_variant_that_makes_one_picture_has_collapsed() -> None:
    it = made(np.random.default_rng(0), 50)
    one = Paired(it.base, np.tile(it.base[:1], (len(it.base), 1)), it.prompt)
    assert vendi_ratio(one) == pytest.approx(1 / vendi(it.base))
    assert vendi_ratio(Paired(it.base, it.base, it.prompt)) == pytest.approx(1.0)
