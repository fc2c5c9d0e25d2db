"""Whether two models make the same distribution of pictures of the same prompts (pure).

The statistic is the unbiased squared maximum mean discrepancy as a U-statistic over pairs
(Gretton et al., A Kernel Two-Sample Test, JMLR 13, 2012, section 2 and Lemma 6; from memory of the
paper, not re-read), where one observation is one prompt with all that both models made of it:

    MMD^2 = mean over prompts p != q of h(p, q),
    h(p, q) = mean over their pictures of k(x, x') + k(y, y') - k(x, y') - k(y, x').

Pictures of one prompt are alike, and base and variant start from the same noise: no two pictures of
one prompt meet in it, so that neither moves it. Its mean is 0 where both make the same.

If the variant is nothing of its own, base and variant may be swapped at any prompt. A swap at p
turns the sign of h(p, .), so that a permutation is a product of signs with one matrix: exact with
clusters of any size, and 2,000 of them take milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderboard.distinctness.layout import Floats, Paired

PERMUTATIONS = 2000
_AT_ONCE = 500
_ROUNDING = 1e-9
"""Of the largest possible sum: what falls short by less is a tie."""


@dataclass(frozen=True)
class Discrepancy:
    """How the distributions differ, and how sure that is."""

    mmd2: float
    """Unbiased, so it may fall below 0; at most 2, as the kernel lies in (0, 1]."""
    p: float
    """P(at least so much | base and variant may be swapped at any prompt), in (0, 1]."""
    bandwidth: float
    """Of the Gaussian kernel exp(-d^2 / (2 bandwidth^2)), in the unit of the embeddings."""


def discrepancy(
    made: Paired, permutations: int = PERMUTATIONS, seed: int = 0, bandwidth: float | None = None
) -> Discrepancy:
    """MMD^2 of base and variant and its permutation test; 2 prompts at least.

    Args:
        made: by base and variant.
        permutations: drawn; the smallest p is 1 / (permutations + 1).
        seed: of the permutations.
        bandwidth: of the kernel; else the median distance between pictures of different prompts,
            which swapping does not move (Gretton et al., section 8).
    """
    if made.prompts < 2:
        raise ValueError("MMD over prompts needs at least 2 of them")
    width = bandwidth or median_distance(made)
    signed = contrast(made, width)
    count = made.prompts
    observed = signed.sum()
    rng = np.random.default_rng(seed)
    slack = _ROUNDING * count * (count - 1)
    extreme = 0
    for start in range(0, permutations, _AT_ONCE):
        size = min(_AT_ONCE, permutations - start)
        signs = rng.integers(0, 2, (size, count)) * 2.0 - 1.0
        swapped = np.einsum("ij,ij->i", signs @ signed, signs)
        extreme += int((swapped >= observed - slack).sum())
    return Discrepancy(
        float(observed / (count * (count - 1))), (1 + extreme) / (1 + permutations), width
    )


def between_seeds(made: Paired, bandwidth: float) -> float | None:
    """MMD^2 of the base against itself with another seed: the first two pictures of each prompt.

    Not 0 on average: a seed's noise is the same at every prompt, and what it does to all of them
    alike is a difference. It is what MMD^2 of a variant is to be read beside. None where fewer
    than 2 prompts have two seeds.
    """
    rows = [np.flatnonzero(made.prompt == prompt)[:2] for prompt in range(made.prompts)]
    pairs = np.array([pair for pair in rows if len(pair) > 1])
    if len(pairs) < 2:
        return None
    itself = Paired(made.base[pairs[:, 0]], made.base[pairs[:, 1]], np.arange(len(pairs)))
    return float(contrast(itself, bandwidth).sum() / (len(pairs) * (len(pairs) - 1)))


def contrast(made: Paired, bandwidth: float) -> Floats:
    """h(p, q), prompts x prompts, with zeros on the diagonal."""
    mean = made.averaging

    def kernel(one: Floats, other: Floats) -> Floats:
        return np.exp(-_squared(one, other) / (2 * bandwidth**2))

    across = kernel(made.base, made.variant)
    summed = kernel(made.base, made.base) + kernel(made.variant, made.variant) - across - across.T
    signed = mean @ summed @ mean.T
    np.fill_diagonal(signed, 0.0)
    return signed


def median_distance(made: Paired) -> float:
    """Between pictures of different prompts, whoever made them; 1 where all are the same."""
    pooled = np.concatenate([made.base, made.variant])
    prompt = np.concatenate([made.prompt, made.prompt])
    apart = prompt[:, None] < prompt[None, :]
    middle = float(np.sqrt(np.median(_squared(pooled, pooled)[apart])))
    return middle if middle > 0 else 1.0


def _squared(one: Floats, other: Floats) -> Floats:
    lengths = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :]
    return np.maximum(lengths - 2 * one @ other.T, 0.0)
