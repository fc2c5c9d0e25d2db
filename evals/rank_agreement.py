"""Does one number order things as another does? Estimates with intervals (pure arithmetic)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
FEWEST_PROMPTS = 5
FEWEST_MODELS = 4
Floats = NDArray[np.float64]
Group = tuple[Floats, Floats]
"""Scores (larger is better) and truths of the generations of one prompt, in step."""


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval; where either is missing, why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    count: int = 0
    """Pairs, prompts or models that it is of."""
    reason: str | None = None
    """Set when the value or its interval is None."""


def auc(groups: Sequence[Group], seed: int = 0) -> Estimate:
    """P(the truer of two generations of one prompt scores better), a tie of scores being half.

    Pairs of equal truth are no question and do not count. The interval resamples prompts.

    >>> import numpy as np
    >>> round(auc([(np.array([3.0, 1.0, 2.0]), np.array([1.0, 0.5, 0.0]))]).value, 4)
    0.6667
    """
    counted = [_concordance(score, truth) for score, truth in groups]
    wins = np.array([won for won, _ in counted])
    pairs = np.array([number for _, number in counted])
    asked = pairs > 0
    return _over_prompts(wins[asked], pairs[asked], int(pairs.sum()), seed)


def within_prompts(groups: Sequence[Group], seed: int = 0) -> Estimate:
    """Mean over prompts of Spearman's correlation between score and truth.

    A prompt whose generations are all equally true is no question and does not count; one whose
    generations all score the same counts as 0, for nothing was told. The interval resamples
    prompts.
    """
    asked = [(score, truth) for score, truth in groups if len(truth) and np.ptp(truth) > 0]
    found = np.array([spearman(score, truth) or 0.0 for score, truth in asked])
    return _over_prompts(found, np.ones(len(found)), len(found), seed)


def over_models(scores: Floats, truths: Floats) -> Estimate:
    """Spearman's correlation between one number per model and another, in step.

    The models stand for others like them: the interval is `spearman_interval`.
    """
    count = len(scores)
    value = spearman(scores, truths) if count > 1 else None
    if value is None:
        reason = "fewer than 2 models" if count < 2 else "all models are equal"
        return Estimate(None, count=count, reason=reason)
    if count < FEWEST_MODELS:
        reason = f"{count} models give no interval"
        return Estimate(value, count=count, reason=reason)
    return Estimate(value, *spearman_interval(value, count), count)


def spearman(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None where either side is constant.

    >>> import numpy as np
    >>> round(spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([10.0, 30.0, 20.0, 40.0])), 4)
    0.8
    """
    x, y = (ranks - ranks.mean() for ranks in (_midranks(one), _midranks(other)))
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return max(-1.0, min(1.0, float(x @ y) / scale)) if scale else None


def spearman_interval(value: float, count: int) -> tuple[float, float]:
    """95 % interval of Spearman's correlation of `count` >= 4 independent pairs.

    Fisher's transformation with the variance of Bonett and Wright (2000),
    doi:10.1007/BF02294183. It would have no width at 1 and -1, where a few pairs land by chance:
    values there are taken half a step of the statistic inwards, and the interval reaches the end.
    """
    most = 1 - 6 / (count * (count**2 - 1))
    held = max(-most, min(most, value))
    half = 1.959964 * math.sqrt((1 + held**2 / 2) / (count - 3))
    low, high = math.tanh(math.atanh(held) - half), math.tanh(math.atanh(held) + half)
    return (-1.0 if value < -most else low), (1.0 if value > most else high)


def _concordance(score: Floats, truth: Floats) -> tuple[float, float]:
    """Pairs in which score and truth agree (tied scores: half), and all that differ in truth."""
    truer = np.sign(truth[:, None] - truth[None, :]) > 0
    better = (np.sign(score[:, None] - score[None, :]) + 1) / 2
    return float(better[truer].sum()), float(truer.sum())


def _over_prompts(totals: Floats, sizes: Floats, count: int, seed: int) -> Estimate:
    """Σ totals / Σ sizes over prompts, with a percentile interval over resampled prompts."""
    prompts = len(totals)
    if not prompts:
        return Estimate(None, reason="no two generations of a prompt differ in truth")
    value = float(totals.sum() / sizes.sum())
    if prompts < FEWEST_PROMPTS:
        return Estimate(value, count=count, reason=f"{prompts} prompts give no interval")
    drawn = np.random.default_rng(seed).integers(prompts, size=(DRAWS, prompts))
    shares = totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return Estimate(value, float(low), float(high), count)


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
