"""MMD: the formula, the permutations, and p-values that are what they say."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboard.distinctness import mmd
from leaderboard.distinctness.layout import Paired, paired, side_by_side
from tests.leaderboard.distinctness.worlds import made


def by_hand(it: Paired, bandwidth: float) -> float:
    """The definition, pair by pair of prompts and of pictures."""

    def k(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.exp(-((one - other) ** 2).sum() / (2 * bandwidth**2)))

    total, count = 0.0, 0
    for p in range(it.prompts):
        for q in range(it.prompts):
            if p == q:
                continue
            count += 1
            rows, others = np.flatnonzero(it.prompt == p), np.flatnonzero(it.prompt == q)
            h = [
                k(it.base[i], it.base[j])
                + k(it.variant[i], it.variant[j])
                - k(it.base[i], it.variant[j])
                - k(it.variant[i], it.base[j])
                for i in rows
                for j in others
            ]
            total += float(np.mean(h))
    return total / count


@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 3))
def test_the_value_is_the_definition(seed: int, prompts: int, seeds: int) -> None:
    rng = np.random.default_rng(seed)
    it = made(rng, prompts, seeds, 3, style=rng.uniform(0, 1))
    # Prompts may have unlike numbers of pictures.
    keep = np.sort(
        np.concatenate([np.unique(it.prompt, return_index=True)[1], [len(it.prompt) - 1]])
    )
    some = Paired(it.base[keep], it.variant[keep], it.prompt[keep])
    for one in (it, some):
        found = mmd.discrepancy(one, 10)
        assert found.mmd2 == pytest.approx(by_hand(one, found.bandwidth), abs=1e-12)


def test_the_base_against_itself_is_the_same_statistic() -> None:
    it = made(np.random.default_rng(2), 6, 3, 4)
    some = Paired(it.base[:-2], it.variant[:-2], it.prompt[:-2])  # one prompt with one seed
    first = [0, 3, 6, 9, 12]
    itself = Paired(it.base[first], it.base[[n + 1 for n in first]], np.arange(5))
    assert mmd.between_seeds(some, 2.0) == pytest.approx(by_hand(itself, 2.0))
    assert mmd.between_seeds(made(np.random.default_rng(2), 6, 1, 4), 2.0) is None


def test_a_permutation_is_a_swap_of_pictures() -> None:
    it = made(np.random.default_rng(1), 5, 2, 3, style=0.4)
    width = mmd.median_distance(it)
    signed = mmd.contrast(it, width)
    for number in range(20):
        signs = np.random.default_rng(number).integers(0, 2, it.prompts) * 2 - 1
        swap = (signs[it.prompt] < 0)[:, None]
        swapped = Paired(
            np.where(swap, it.variant, it.base), np.where(swap, it.base, it.variant), it.prompt
        )
        assert mmd.median_distance(swapped) == pytest.approx(width)
        assert signs @ signed @ signs / (5 * 4) == pytest.approx(by_hand(swapped, width))


def test_every_permutation_of_a_few_prompts_gives_the_share_that_is_drawn() -> None:
    it = made(np.random.default_rng(3), 7, 2, 4, style=0.25)
    signed = mmd.contrast(it, mmd.median_distance(it))
    patterns = np.array(np.meshgrid(*[[-1, 1]] * 7)).reshape(7, -1).T
    sums = np.einsum("ij,jk,ik->i", patterns, signed, patterns)
    exact = float((sums >= signed.sum() - 1e-9).mean())
    assert mmd.discrepancy(it, 20_000).p == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize(
    "kind",
    [
        {"seeds": 1},
        {"seeds": 2},
        {"seeds": 4, "common": 0.0},
        {"seeds": 3, "spread": 4.0},
        {"seeds": 2, "content": 1.0},
    ],
    ids=str,
)
def test_p_is_uniform_where_nothing_is_different(kind: dict[str, float]) -> None:
    found = [
        mmd.discrepancy(made(np.random.default_rng([7, n]), 15, width=6, **kind), 199, seed=n).p  # pyright: ignore[reportArgumentType]
        for n in range(500)
    ]
    assert stats.kstest(found, "uniform").pvalue > 0.01
    assert np.mean(np.array(found) <= 0.05) < 0.085


def test_its_mean_is_zero_where_nothing_is_different() -> None:
    found = [
        mmd.discrepancy(made(np.random.default_rng([9, n]), 10, width=4, common=0.9), 1).mmd2
        for n in range(400)
    ]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_a_style_is_found_the_surer_the_stronger() -> None:
    def found(style: float) -> float:
        p = [
            mmd.discrepancy(made(np.random.default_rng(n), 40, style=style), 199, seed=n).p
            for n in range(60)
        ]
        return float(np.mean(np.array(p) <= 0.05))

    power = [found(style) for style in (0.0, 0.1, 0.3)]
    assert power[0] < 0.15 < power[1] < power[2]
    assert power[2] == 1.0


def test_a_variant_that_changes_nothing_is_surely_none() -> None:
    it = made(np.random.default_rng(0))
    same = Paired(it.base, it.base.copy(), it.prompt)
    found = mmd.discrepancy(same)
    assert (found.mmd2, found.p) == (0.0, 1.0)
    still = Paired(np.ones((4, 2)), np.ones((4, 2)), np.array([0, 0, 1, 1]))
    assert mmd.discrepancy(still).p == 1.0


def test_one_prompt_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        mmd.discrepancy(made(np.random.default_rng(0), 1))


def test_two_hundred_prompts_take_a_moment() -> None:
    it = made(np.random.default_rng(0), 200, 2, 192)
    began = time.process_time()
    mmd.discrepancy(it, 2000)
    assert time.process_time() - began < 3


def test_pairs_are_what_both_made() -> None:
    base = {("b", 0): np.array([1.0]), ("a", 1): np.array([2.0]), ("a", 0): np.array([3.0])}
    other = {("a", 0): np.array([4.0]), ("b", 0): np.array([5.0]), ("c", 0): np.array([6.0])}
    it = paired(base, other)
    assert it.base.ravel().tolist() == [3.0, 1.0]
    assert it.variant.ravel().tolist() == [4.0, 5.0]
    assert it.prompt.tolist() == [0, 1]
    assert it.averaging.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_every_judge_counts_alike() -> None:
    it = side_by_side([np.array([3.0, 4.0]), np.array([0.0, 0.0, 700.0])])
    assert np.linalg.norm(it) == pytest.approx(1.0)
    assert np.linalg.norm(it[:2]) == pytest.approx(np.linalg.norm(it[2:]))
