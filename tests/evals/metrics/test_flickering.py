"""Temporal flickering is VBench's number, and a clip in which nothing moves has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.calibration import motions
from evals.errors import ScoreError
from evals.metrics import _static
from tests.evals.metrics import clips

pytestmark = pytest.mark.slow

GUARDED = ("temporal_flickering", "motion_smoothness_interpolation")


def score(frames: Any, name: str = "temporal_flickering") -> float:
    metric = metrics.get(name).build()
    metric.update(frames=frames)
    return float(metric.compute())


def random_clips() -> st.SearchStrategy[Any]:
    """Noise of some length, size and contrast: never static."""

    def draw(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        shape = (rng.integers(2, 9), *rng.integers(1, 20, 2), 3)
        return rng.integers(0, rng.integers(120, 257), shape).astype(np.uint8)

    return st.integers(0, 2**32 - 1).map(draw).filter(lambda clip: _static.changes(clip) > 0)


@given(random_clips())
@settings(deadline=None, max_examples=40)
def test_it_is_the_published_formula(frames: Any) -> None:
    exact = frames.astype(np.float64)
    mean = np.mean([np.abs(exact[t] - exact[t - 1]).mean() for t in range(1, len(exact))])
    assert score(frames) == pytest.approx((255 - mean) / 255, abs=1e-12)
    assert 0 <= score(frames) <= 1


@given(random_clips())
@settings(deadline=None, max_examples=20)
def test_it_sees_neither_direction_nor_orientation_nor_colour(frames: Any) -> None:
    found = score(frames)
    for same in (frames[::-1], frames[:, ::-1], frames.swapaxes(1, 2), frames[..., ::-1]):
        assert score(np.ascontiguousarray(same)) == pytest.approx(found, abs=1e-12)
    assert score(255 - frames) == pytest.approx(found, abs=1e-12)


def test_black_and_white_in_turn_is_the_worst() -> None:
    frames = np.zeros((16, 8, 8, 3), np.uint8)
    frames[::2] = 255
    assert score(frames) == 0


def test_noise_shuffling_and_jitter_flicker_more_than_a_smooth_clip() -> None:
    smooth = clips.filmed("pan")
    noisy = np.clip(smooth + np.random.default_rng(0).normal(0, 25, smooth.shape), 0, 255)
    spoilt = [noisy.astype(np.uint8), clips.shuffled(smooth), clips.jittered(smooth), clips.snow()]
    assert max(map(score, spoilt)) < score(smooth)


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("noise", [0, 1, 3])
@pytest.mark.parametrize("side", [64, 200])
def test_a_static_clip_has_no_score_noise_or_not(name: str, noise: int, side: int) -> None:
    with pytest.raises(ScoreError, match="static: 16 frames show 0 changes, and 2 are motion"):
        score(clips.frozen(side, noise=noise), name)


@pytest.mark.parametrize("name", GUARDED)
def test_three_pictures_in_a_row_are_no_motion_of_a_long_clip(name: str) -> None:
    slides = np.concatenate([clips.texture(32, 32, seed)[None].repeat(16, 0) for seed in range(3)])
    assert _static.changes(slides) == 2
    with pytest.raises(ScoreError, match="static: 48 frames show 2 changes, and 6 are motion"):
        score(slides, name)


SHOTS = {(shot.motion, shot.speed): shot for shot in motions.every_shot()}


@pytest.mark.parametrize("shot", SHOTS.values(), ids=str)
def test_every_motion_of_the_calibration_world_is_seen_and_standing_still_is(shot: Any) -> None:
    for seed in range(2):
        frames = motions.render_clip(shot, seed)
        if shot.motion == motions.STILL:
            with pytest.raises(ScoreError, match="static"):
                score(frames)
        else:
            assert 0.9 < score(frames) < 1


def test_a_slow_change_adds_up() -> None:
    """Two levels a frame: neighbours cannot be told apart, the ends can."""
    frames = np.stack([np.full((8, 8, 3), 2 * number, np.uint8) for number in range(64)])
    assert _static.changes(frames) == 9  # every seventh frame differs by 14 > 12 from the last told
    assert score(frames) == pytest.approx(1 - 2 / 255)


def test_two_frames_that_differ_are_motion_and_one_is_none() -> None:
    pair = np.stack([clips.texture(16, 16, seed) for seed in (0, 1)])
    assert score(pair) < 1
    with pytest.raises(ScoreError, match="static: a clip of one frame"):
        score(pair[:1])
