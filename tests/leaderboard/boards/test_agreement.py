"""Does the ranking agree with the truth?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from leaderboard.answers import ModelScore
from leaderboard.boards.agreement import agreement, spearman, thin


def score(
    model: str, rating: float, value: float, training: str | None = None, anchor: str | None = None
) -> ModelScore:
    return ModelScore(model, model, anchor, training, rating, value)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12))
def test_spearman_is_that_of_scipy(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return
    assert spearman(left, right) == pytest.approx(spearmanr(left, right).statistic)


def test_anchors_are_left_out_and_checkpoints_thinned() -> None:
    scores = [
        score("renderer", 2000, 1.0, anchor="upper"),
        score("large", 1100, 0.8),
        *(score(f"ckpt-{n}", 900 + n, 0.4 + n / 100, "one") for n in range(1, 11)),
    ]
    assert {one.model for one in thin(scores)} == {"large", "ckpt-1", "ckpt-5", "ckpt-10"}


def test_agreement_counts_what_is_kept() -> None:
    scores = [score(f"m{n}", 1000 + n, n / 10) for n in range(6)]
    scores.append(score("renderer", -5, 1.0, anchor="upper"))
    found = agreement(scores, draws=200)
    assert found is not None
    assert found.spearman == pytest.approx(1)
    assert found.low <= found.spearman <= found.high
    assert len(found.models) == 6


def test_disagreement_shows() -> None:
    scores = [score(f"m{n}", 1000 - n, n / 10) for n in range(6)]
    found = agreement(scores, draws=50)
    assert found is not None
    assert found.spearman == pytest.approx(-1)


def test_too_few_models_have_no_correlation() -> None:
    assert agreement([score("a", 1, 1), score("b", 2, 2)]) is None
    assert agreement([score(f"m{n}", 1000, n) for n in range(4)]) is None
