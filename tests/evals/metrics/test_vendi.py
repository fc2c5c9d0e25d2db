"""The Vendi score: its authors' two examples, and what an effective number must keep."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow


def score(rows: Any) -> float:
    import torch

    metric = metrics.get("vendi").build()
    for row in np.asarray(rows, dtype=np.float64):
        metric.update(torch.from_numpy(row))
    return float(metric.compute())


def rows_with(kernel: Any) -> Any:
    """Rows whose cosines are a given kernel with ones on the diagonal: its symmetric root."""
    values, vectors = np.linalg.eigh(kernel)
    return vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T


def entropy_of(kernel: Any) -> float:
    """exp(−Σ λ ln λ) over the eigenvalues of K/n, as in the paper."""
    values = np.linalg.eigvalsh(np.asarray(kernel) / len(kernel))
    values = values[values > 1e-15]
    return float(np.exp(-(values * np.log(values)).sum()))


SAMPLES = np.array([0, 0, 10, 10, 20, 20])
EXAMPLES = [
    (np.exp(-np.abs(SAMPLES[:, None] - SAMPLES[None])), 2.9999),
    (np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]]), 2.1573),
]
"""Kernels of the authors' README, and what it says they score."""


@pytest.mark.parametrize(("kernel", "published"), EXAMPLES)
def test_the_authors_examples_come_out(kernel: Any, published: float) -> None:
    for found in (entropy_of(kernel), score(rows_with(kernel))):
        assert math.floor(1e4 * found) / 1e4 == published  # cut off: the first is 2.999999996
    assert score(rows_with(kernel)) == pytest.approx(entropy_of(kernel), abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.integers(1, 30))
@settings(deadline=None, max_examples=30)
def test_it_is_an_effective_number(seed: int, count: int, width: int) -> None:
    """Between 1 and the count, whichever of count and width is more; blind to order and length."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, width))
    found = score(rows)
    assert 1 <= found <= count
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    assert found == pytest.approx(entropy_of(unit @ unit.T), rel=1e-9)
    assert score(rng.permutation(rows)) == pytest.approx(found, rel=1e-9)
    assert score(rows * rng.uniform(0.1, 10, (count, 1))) == pytest.approx(found, rel=1e-9)
    assert score(np.repeat(rows, 3, axis=0)) == pytest.approx(found, rel=1e-9)


@pytest.mark.parametrize("count", [2, 5, 40])
def test_copies_are_one_picture_and_right_angles_are_as_many_as_there_are(count: int) -> None:
    assert score(np.ones((count, 7))) == pytest.approx(1.0)
    assert score(np.eye(count)) == pytest.approx(count)


def test_one_picture_has_no_diversity() -> None:
    with pytest.raises(ScoreError, match="two or more pictures, there are 1"):
        score([[1.0, 0.0]])
