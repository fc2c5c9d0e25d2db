"""Does the ranking agree with the truth? Rank correlation with a bootstrap interval (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaderboard.answers import ModelScore

KEPT_PER_TRAINING = 3


@dataclass(frozen=True)
class Agreement:
    """Spearman's rho between rating and truth over some models."""

    spearman: float
    low: float
    high: float
    """95 % percentile interval over resampled models."""
    models: tuple[str, ...]
    """Models counted: no anchors, a few checkpoints of each training."""


def thin(scores: Sequence[ModelScore]) -> tuple[ModelScore, ...]:
    """Leave out anchors, and of each training keep the first, the middle and the last checkpoint.

    Checkpoints of one training are ordered by id, numbers by their value. Many of them would make
    the correlation easy: they differ by training time alone.
    """
    trainings: dict[str, list[ModelScore]] = defaultdict(list)
    for score in scores:
        if score.anchor is None:
            trainings[score.training_run or f"\0{score.model}"].append(score)
    kept: list[ModelScore] = []
    for checkpoints in trainings.values():
        ordered = sorted(checkpoints, key=lambda score: _natural(score.model))
        last = len(ordered) - 1
        kept += [ordered[number] for number in sorted({0, last // 2, last})]
    return tuple(sorted(kept, key=lambda score: (-score.rating, score.model)))


def agreement(scores: Sequence[ModelScore], draws: int = 2000, seed: int = 0) -> Agreement | None:
    """Spearman's rho between rating and value, or `None` with fewer than three models.

    The interval resamples models; a resample whose models are all level on one side has no
    correlation and is drawn again.
    """
    kept = thin(scores)
    rating = np.array([score.rating for score in kept])
    value = np.array([score.value for score in kept])
    if len(kept) < 3 or np.ptp(rating) == 0 or np.ptp(value) == 0:
        return None
    random = np.random.default_rng(seed)
    found: list[float] = []
    while len(found) < draws:
        index = random.integers(0, len(kept), len(kept))
        if np.ptp(rating[index]) > 0 and np.ptp(value[index]) > 0:
            found.append(spearman(rating[index], value[index]))
    low, high = np.quantile(found, [0.025, 0.975])
    models = tuple(score.model for score in kept)
    return Agreement(spearman(rating, value), float(low), float(high), models)


def spearman(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """Spearman's rank correlation: Pearson's, of ranks; equal values share their mean rank.

    >>> import numpy as np
    >>> round(spearman(np.array([1.0, 2.0, 3.0]), np.array([10.0, 30.0, 20.0])), 6)
    0.5
    """
    return float(np.corrcoef(_ranks(left), _ranks(right))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    below = (values[None, :] < values[:, None]).sum(axis=1)
    level = (values[None, :] == values[:, None]).sum(axis=1)
    return below + (level + 1) / 2.0


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    parts = re.split(r"(\d+)", text)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)
