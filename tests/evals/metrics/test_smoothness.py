"""Smoothness: every second frame made again from its neighbours, along the flow between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.clips import optical_flow
from evals.errors import ScoreError
from evals.metrics import _static
from evals.metrics import motion_smoothness_interpolation as smoothness
from tests.evals.metrics import clips

pytestmark = pytest.mark.slow


def score(frames: Any) -> float:
    metric = metrics.get("motion_smoothness_interpolation").build()
    metric.update(frames=frames)
    return float(metric.compute())


def averaged(frames: Any) -> float:
    """The same protocol without flow: each odd frame from the mean of its neighbours."""
    exact = frames.astype(np.float64)
    count = (len(frames) - 1) // 2
    errors = [
        np.abs((exact[2 * k] + exact[2 * k + 2]) / 2 - exact[2 * k + 1]).mean()
        for k in range(count)
    ]
    return float(1 - np.mean(errors) / 255)


@given(st.lists(st.integers(0, 255), min_size=3, max_size=9))
@settings(deadline=None, max_examples=30)
def test_of_even_grey_frames_it_is_the_error_of_the_mean(levels: list[int]) -> None:
    """Where nothing can be seen to move, what is interpolated is the mean of both sides."""
    frames = np.stack([np.full((9, 11, 3), level, np.uint8) for level in levels])
    if _static.changes(frames) == 0:
        with pytest.raises(ScoreError, match="static"):
            score(frames)
    else:
        assert score(frames) == pytest.approx(averaged(frames), abs=1e-6)


@pytest.mark.parametrize("move", ["pan", "zoom", "roll"])
def test_steady_motion_is_interpolated_and_better_than_by_the_mean(move: str) -> None:
    frames = clips.filmed(move, side=128)
    assert score(frames) > 0.98
    assert 1 - score(frames) < 0.5 * (1 - averaged(frames))


def test_a_thing_that_moves_is_interpolated_too() -> None:
    frames = clips.thing(side=128)
    assert 1 - score(frames) < 0.6 * (1 - averaged(frames))


@pytest.mark.parametrize("smooth", [clips.filmed("pan"), clips.thing(), clips.orbit()])
def test_noise_shuffling_and_jitter_are_below_a_smooth_clip(smooth: Any) -> None:
    noisy = np.clip(smooth + np.random.default_rng(0).normal(0, 25, smooth.shape), 0, 255)
    spoilt = [noisy.astype(np.uint8), clips.shuffled(smooth), clips.jittered(smooth), clips.snow()]
    assert max(map(score, spoilt)) < score(smooth)


def test_a_frozen_clip_cannot_top_it() -> None:
    with pytest.raises(ScoreError, match="static"):
        score(clips.frozen())


def test_odd_frames_are_only_compared_with() -> None:
    """A spoilt odd frame costs its own error; a last odd one stands between no two others."""
    frames = clips.filmed("pan")
    spoilt = frames.copy()
    spoilt[7] = 0
    made = smoothness.middle(frames[6], frames[8])
    error, before = (np.abs(made - clip[7]).mean() for clip in (spoilt, frames))
    assert score(frames) - score(spoilt) == pytest.approx((error - before) / 7 / 255, abs=1e-6)
    spoilt = frames.copy()
    spoilt[-1] = 0
    assert score(spoilt) == score(frames)


@pytest.mark.parametrize("side", [64, 300])
def test_the_middle_lies_half_way_whatever_the_size(side: int) -> None:
    """300 pixels are more than flow sees: it is found on a smaller picture and made larger."""
    picture, unit = clips.texture(side, side, 0, finest=8), side / 256
    ends = [
        clips.seen_through(clips.shift(way * unit, 0), picture, side, side) for way in (-8, 0, 8)
    ]
    made = smoothness.middle(ends[0], ends[2])
    inside = np.s_[side // 8 : -side // 8, side // 8 : -side // 8]
    mean = (ends[0].astype(float) + ends[2]) / 2
    missed, missed_by_mean = (np.abs(each - ends[1])[inside].mean() for each in (made, mean))
    assert missed < 0.3 * missed_by_mean


def test_both_directions_in_time_are_alike() -> None:
    frames = clips.thing()[:15]
    assert score(frames[::-1]) == pytest.approx(score(frames), abs=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 3), (5, 130), (33, 17)])
def test_clips_of_any_size_have_a_score(size: tuple[int, int]) -> None:
    frames = np.zeros((3, *size, 3), np.uint8)
    frames[1] = 255
    assert score(frames) == pytest.approx(0, abs=1e-6)


def test_two_frames_have_none_between_them() -> None:
    with pytest.raises(ScoreError, match="a clip of 2 frames has none between two others"):
        score(clips.snow(frames=2))


def test_of_long_clips_an_even_share_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (61, 4, 4, 3), dtype=np.uint8)
    asked: list[int] = []
    spread = optical_flow.spread

    def few(count: int, most: int = 5) -> list[int]:
        asked.append(count)
        return spread(count, most)

    monkeypatch.setattr(optical_flow, "spread", few)
    found = score(frames)
    places = spread(30, 5)
    assert asked == [30]
    assert places == [3, 9, 15, 21, 27]
    errors = [
        np.abs(smoothness.middle(frames[2 * k], frames[2 * k + 2]) - frames[2 * k + 1]).mean()
        for k in places
    ]
    assert found == pytest.approx(1 - np.mean(errors) / 255, abs=1e-6)
