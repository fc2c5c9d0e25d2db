"""The sheet score is the cosine of two embeddings as a percentage, cut off at 0."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow

vectors = st.lists(st.floats(-100, 100), min_size=3, max_size=3).filter(
    lambda values: math.hypot(*values) > 1e-3
)


def score(sheet: list[float], text: list[float]) -> float:
    import torch

    metric = metrics.get("sheet_score").build()
    metric.update(sheet_embedding=torch.tensor(sheet), text_embedding=torch.tensor(text))
    return float(metric.compute())


@given(vectors, vectors, st.floats(0.1, 10))
@settings(deadline=None, max_examples=50)
def test_it_is_the_angle_alone(sheet: list[float], text: list[float], length: float) -> None:
    dot = sum(a * b for a, b in zip(sheet, text, strict=True))
    cosine = dot / math.hypot(*sheet) / math.hypot(*text)
    assert score(sheet, text) == pytest.approx(100 * max(cosine, 0), abs=1e-3)
    assert score([length * value for value in sheet], text) == pytest.approx(
        score(sheet, text), abs=1e-3
    )


def test_what_has_no_direction_or_another_width_is_refused() -> None:
    for broken in ([0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0]):
        with pytest.raises(ScoreError, match="no direction"):
            score(broken, [1.0, 0.0])
    with pytest.raises(ValueError, match="embeddings differ"):
        score([1.0, 0.0, 0.0], [1.0, 0.0])
