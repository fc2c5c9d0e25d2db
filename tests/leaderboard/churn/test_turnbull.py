"""The curve of lengths between bounds, against SurPyval's."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.churn.turnbull import turnbull

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import surpyval

Bounds = list[tuple[float, float | None]]
BOUNDS = st.lists(
    st.tuples(st.integers(0, 8), st.one_of(st.none(), st.integers(1, 4))).map(
        lambda pair: (7.0 * pair[0], None if pair[1] is None else 7.0 * (pair[0] + pair[1]))
    ),
    min_size=1,
    max_size=25,
)


def curve(bounds: Bounds) -> dict[float, float]:
    """Share that is left at the end of every cell."""
    found = turnbull(bounds)
    return dict(zip(found.high.tolist(), (1 - np.cumsum(found.share)).tolist(), strict=True))


@given(BOUNDS)
def test_cells_lie_within_bounds_and_share_all(bounds: Bounds) -> None:
    found = turnbull(bounds)
    assert found.share.sum() == pytest.approx(1)
    assert (found.low < found.high).all()
    assert (found.low[1:] >= found.high[:-1]).all()
    for least, most in bounds:
        high = math.inf if most is None else most
        assert ((found.low >= least) & (found.high <= high)).any()


@given(BOUNDS)
@settings(max_examples=30, deadline=None)
def test_no_other_probabilities_are_likelier(bounds: Bounds) -> None:
    """Gentleman and Geyer (1994): at the maximum no cell's gradient is above the number of
    lengths."""
    found = turnbull(bounds)
    high = np.array([math.inf if most is None else most for _, most in bounds])
    low = np.array([least for least, _ in bounds])
    holds = (low[:, None] <= found.low) & (found.high <= high[:, None])
    gradient = (holds / (holds @ found.share)[:, None]).sum(axis=0)
    assert gradient.max() <= len(bounds) * (1 + 1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_it_is_surpyvals_curve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    life = rng.weibull(1.5, 25) * 30
    low = np.floor(life / 7) * 7 + rng.choice([0.0, 3.0], 25)
    high = np.where(life > 50, math.inf, low + 14)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = surpyval.Turnbull.fit(xl=low, xr=high, turnbull_estimator="Kaplan-Meier")
    left = dict(zip(other.x.tolist(), other.R.tolist(), strict=True))
    bounds: Bounds = [
        (a, b if math.isfinite(b) else None)
        for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]
    for day, share in curve(bounds).items():
        if math.isfinite(day):
            assert share == pytest.approx(left[day], abs=2e-3)


def test_exact_lengths_give_the_median() -> None:
    bounds: Bounds = [(n - 1e-9, float(n)) for n in (3, 5, 8, 9)]
    assert turnbull(bounds).median == pytest.approx((5, 5))


def test_without_upper_bounds_the_median_is_open() -> None:
    assert turnbull([(10.0, None), (30.0, None)]).median == (30.0, math.inf)
