"""LPIPS diversity: all pairs of one prompt, then the mean over prompts."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow


def distance(one: Any, other: Any) -> float:
    return float(abs(float(one.mean()) - float(other.mean())))


def picture(level: int) -> Any:
    return np.full((2, 3, 3), level, np.uint8)


@given(st.lists(st.lists(st.integers(0, 255), min_size=1, max_size=5), min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_it_is_the_mean_over_prompts_of_the_mean_over_pairs(prompts: list[list[int]]) -> None:
    metric = metrics.get("lpips_diversity").build()
    for number, levels in enumerate(prompts):
        for level in levels:
            metric.update(pixels=picture(level), prompt=f"p{number}", distance=distance)
    means = [
        np.mean([abs(a - b) for a, b in combinations(levels, 2)])
        for levels in prompts
        if len(levels) > 1
    ]
    if means:
        assert float(metric.compute()) == pytest.approx(float(np.mean(means)))
    else:
        with pytest.raises(ScoreError, match="two or more pictures of some prompt"):
            metric.compute()


def test_a_prompt_that_comes_back_is_refused() -> None:
    """Its earlier pictures are no longer held: pairs would be missing from the mean."""
    metric = metrics.get("lpips_diversity").build()
    for prompt in ("a", "b"):
        metric.update(pixels=picture(1), prompt=prompt, distance=distance)
    with pytest.raises(ValueError, match="prompt a comes back"):
        metric.update(pixels=picture(2), prompt="a", distance=distance)
