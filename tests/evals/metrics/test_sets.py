"""FID, KID and CMMD: two sets of embeddings, against torchmetrics and formulas in numpy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow

Rows = NDArray[np.float32]


def score(name: str, reference: Rows, made: Rows) -> float:
    import torch

    metric = metrics.get(name).build()
    for rows, real in ((reference, True), (made, False)):
        for row in rows:
            metric.update(image_embedding=torch.from_numpy(np.ascontiguousarray(row)), real=real)
    return float(metric.compute())


def two_sets(
    seed: int = 0, sizes: tuple[int, int] = (40, 50), width: int = 12
) -> tuple[Rows, Rows]:
    """Rows of two Gaussians that differ in mean and in spread."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(width, width)) / math.sqrt(width)
    reference = rng.normal(size=(sizes[0], width))
    made = rng.normal(size=(sizes[1], width)) @ mixing + 0.3
    return reference.astype(np.float32), made.astype(np.float32)


def frechet(reference: Rows, made: Rows) -> float:
    """FID by singular values: Tr √(Σ₁Σ₂) is the nuclear norm of the centred rows' products."""
    x, y = reference.astype(np.float64), made.astype(np.float64)
    apart = x.mean(axis=0) - y.mean(axis=0)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    traces = (x**2).sum() / (len(x) - 1) + (y**2).sum() / (len(y) - 1)
    cross = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    return float(apart @ apart + traces - 2 * cross / math.sqrt((len(x) - 1) * (len(y) - 1)))


@pytest.mark.parametrize("seed", range(3))
def test_fid_is_the_frechet_distance_and_that_of_torchmetrics(seed: int) -> None:
    import torch
    from scipy.linalg import sqrtm
    from torchmetrics.image.fid import FrechetInceptionDistance

    reference, made = two_sets(seed)
    found = score("fid", reference, made)
    assert found == pytest.approx(frechet(reference, made), rel=1e-12)

    covariances = [np.cov(rows.astype(np.float64), rowvar=False) for rows in (reference, made)]
    apart = reference.astype(np.float64).mean(axis=0) - made.astype(np.float64).mean(axis=0)
    root = sqrtm(covariances[0] @ covariances[1])
    textbook = apart @ apart + np.trace(sum(covariances) - 2 * np.real(root))
    assert found == pytest.approx(float(textbook), rel=1e-9)

    features = torch.nn.Identity()
    features.num_features = reference.shape[1]
    theirs = FrechetInceptionDistance(feature=features)
    for start in (0, 20):  # in batches, as is usual
        theirs.update(torch.from_numpy(reference[start : start + 20]).double(), real=True)
    theirs.update(torch.from_numpy(made).double(), real=False)
    assert found == pytest.approx(float(theirs.compute()), rel=1e-12)


def test_fid_holds_where_there_are_fewer_pictures_than_features() -> None:
    reference, made = two_sets(sizes=(20, 30), width=64)
    assert score("fid", reference, made) == pytest.approx(frechet(reference, made), rel=1e-6)
    assert score("fid", reference, reference) == pytest.approx(0, abs=1e-4)


def kernel_distance(reference: Rows, made: Rows) -> float:
    """Unbiased squared MMD under (xᵀy/d + 1)³ by loops over pairs."""
    x, y = reference.astype(np.float64), made.astype(np.float64)

    def kernel(one: Any, other: Any) -> float:
        return float(one @ other / len(one) + 1) ** 3

    within = [
        np.mean([kernel(a, b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j])
        for rows in (x, y)
    ]
    return float(sum(within) - 2 * np.mean([kernel(a, b) for a in x for b in y]))


@pytest.mark.parametrize("seed", range(3))
def test_kid_of_sets_of_one_size_is_the_unbiased_distance(seed: int) -> None:
    reference, made = two_sets(seed, sizes=(30, 30))
    assert score("kid", reference, made) == pytest.approx(
        kernel_distance(reference, made), rel=1e-12
    )


@pytest.mark.parametrize("sizes", [(40, 50), (50, 40), (40, 40), (1100, 1005)])
def test_kid_is_that_of_torchmetrics_with_a_seed_and_leaves_the_global_one(
    sizes: tuple[int, int],
) -> None:
    import torch
    from torchmetrics.image.kid import KernelInceptionDistance

    reference, made = two_sets(sizes=sizes, width=4)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    found = score("kid", reference, made)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert score("kid", reference, made) == found

    with pytest.warns(UserWarning, match="save all extracted features"):
        theirs = KernelInceptionDistance(
            feature=torch.nn.Identity(), subset_size=min(1000, *sizes), subsets=100
        )
    theirs.update(torch.from_numpy(reference).double(), real=True)
    theirs.update(torch.from_numpy(made).double(), real=False)
    torch.manual_seed(0)
    assert found == pytest.approx(float(theirs.compute()[0]), rel=1e-10)


def clip_distance(reference: Rows, made: Rows) -> float:
    """1000 · biased squared MMD of directions under exp(−d²/200), by all distances."""
    x, y = (
        rows.astype(np.float64) / np.linalg.norm(rows.astype(np.float64), axis=1, keepdims=True)
        for rows in (reference, made)
    )

    def kernel(one: Any, other: Any) -> float:
        squares = ((one[:, None] - other[None]) ** 2).sum(axis=-1)
        return float(np.exp(-squares / 200).mean())

    return 1000 * (kernel(x, x) + kernel(y, y) - 2 * kernel(x, y))


def test_cmmd_has_its_reference_values() -> None:
    east, north = np.eye(2, dtype=np.float32)[:, None]
    assert score("cmmd", east, north) == pytest.approx(19.9003, abs=5e-5)
    assert score("cmmd", east, -east) == pytest.approx(39.6027, abs=5e-5)
    assert score("cmmd", east, -east) <= metrics.get("cmmd").SPEC.high  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(3))
def test_cmmd_is_the_biased_distance(seed: int) -> None:
    reference, made = two_sets(seed)
    assert score("cmmd", reference, made) == pytest.approx(
        clip_distance(reference, made), abs=1e-10
    )


def test_a_small_cmmd_is_ten_times_the_squared_distance_of_the_means() -> None:
    rng = np.random.default_rng(0)
    centre = rng.normal(size=32)
    reference, made = (
        (centre + shift + 0.05 * rng.normal(size=(40, 32))).astype(np.float32)
        for shift in (0.0, 0.03)
    )
    means = [
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).mean(0) for rows in (reference, made)
    ]
    squared = float(((means[0] - means[1]) ** 2).sum())
    assert score("cmmd", reference, made) == pytest.approx(10 * squared, rel=0.02)


@given(st.integers(0, 2**32 - 1), st.integers(2, 20), st.integers(2, 20), st.integers(1, 24))
@settings(deadline=None, max_examples=25)
def test_what_a_distance_of_sets_must_keep(seed: int, one: int, other: int, width: int) -> None:
    """Nothing between a set and itself, symmetry, and no eye for the order of pictures."""
    reference, made = two_sets(seed, (one, other), width)
    rng = np.random.default_rng(seed)
    for name in ("cmmd", "fid"):
        found = score(name, reference, made)
        scale = 1 + abs(found)
        assert found >= 0
        assert score(name, reference, reference) == pytest.approx(0, abs=1e-5 * scale)
        assert score(name, made, reference) == pytest.approx(found, abs=1e-5 * scale)
        mixed = score(name, rng.permutation(reference), rng.permutation(made))
        assert mixed == pytest.approx(found, abs=1e-5 * scale)


@pytest.mark.parametrize(("name", "least"), [("fid", 2), ("kid", 2), ("cmmd", 1)])
def test_too_few_pictures_are_no_distance(name: str, least: int) -> None:
    reference, made = two_sets()
    few = least - 1
    with pytest.raises(ScoreError, match=f"needs {least} or more reference pictures, .* {few}"):
        score(name, reference[:few], made)
    with pytest.raises(ScoreError, match=f"needs {least} or more the model's pictures, .* {few}"):
        score(name, reference, made[:few])
    assert math.isfinite(score(name, reference[:least], made[:least]))
