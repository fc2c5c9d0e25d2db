"""Of several generations the one that goes on."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from evals.types import MetricSpec
from leaderboard.workflows.select import best
from tests.leaderboard.factory import CLIP, TRUTH

SPECS: dict[str, MetricSpec] = {
    "clip_score": replace(CLIP, tie_band=0.0),
    "same_judge": replace(CLIP, name="same_judge", tie_band=0.0),
    "noise": replace(CLIP, name="noise", family="other", higher_is_better=False, tie_band=0.0),
    "truth": TRUTH,
}


def test_directions_bands_families_and_audits() -> None:
    assert best({0: {"clip_score": 1}, 1: {"clip_score": 2}}, SPECS) == 1
    assert best({0: {"noise": 1}, 1: {"noise": 2}}, SPECS) == 0
    assert best({0: {"truth": 0}, 1: {"truth": 1}}, SPECS) == 0  # an audit has no vote
    wide = {"clip_score": replace(CLIP, tie_band=5.0)}
    assert best({3: {"clip_score": 1}, 1: {"clip_score": 2}, 2: {"clip_score": 3}}, wide) == 1
    # Two metrics of one judge against one of another: a draw, which the first seed takes.
    split = {
        0: {"clip_score": 1, "same_judge": 1, "noise": 1},
        1: {"clip_score": 2, "same_judge": 2, "noise": 2},
    }
    assert best(split, SPECS) == 0


def test_without_scores_the_first_seed_goes_on() -> None:
    assert best({4: {}, 2: {}}, SPECS) == 2


@given(st.dictionaries(st.integers(0, 20), st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_with_one_metric_the_best_score_wins(scores: dict[int, float]) -> None:
    chosen = best({seed: {"clip_score": value} for seed, value in scores.items()}, SPECS)
    assert scores[chosen] == max(scores.values())
