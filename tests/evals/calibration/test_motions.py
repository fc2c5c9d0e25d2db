"""Captions of clips are a bijection, and the renderer draws what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.calibration import motions, scenes
from evals.calibration.motions import Shot

SHOTS = list(motions.every_shot())
shots = st.sampled_from(SHOTS)
seeds = st.integers(0, 2**31)
few = settings(max_examples=25, deadline=None)


def test_parse_inverts_caption_for_every_shot() -> None:
    captions = [motions.caption(shot) for shot in SHOTS]
    assert len(set(captions)) == 25_650
    assert [motions.parse(text) for text in captions] == SHOTS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a cat runs",
        "one red circle on the left on a sky background, flat style",
        "one red circle on the left on a sky background, flat style, flying",
        "one red circle on the left on a sky background, flat style, moving right",
        "one red circle on the left on a sky background, flat style, standing still fast",
        "one red circle on the left on a sky background, flat style, moving left fast",
        "one red circle on the left on a sky background, flat style, growing fast",
        "one red circle on the left on a sky background, flat style, rotating fast",
        "two red circles on the left on a sky background, flat style, blinking fast",
    ],
)
def test_what_cannot_be_shown_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        motions.parse(text)


@given(shots, seeds, st.floats(0, 1))
def test_a_perturbed_shot_can_be_shown(shot: Shot, seed: int, chance: float) -> None:
    changed = motions.perturb(shot, np.random.default_rng(seed), chance)
    assert motions.parse(motions.caption(changed)) == changed


@given(shots, seeds)
def test_perturb_changes_nothing_or_nearly_all(shot: Shot, seed: int) -> None:
    assert motions.perturb(shot, np.random.default_rng(seed), 0.0) == shot
    changed = motions.perturb(shot, np.random.default_rng(seed), 1.0)
    kept = [name for name, word in shot.words.items() if changed.words.get(name) == word]
    # A later word may leave an earlier one no choice, or a speed may go with its motion.
    assert len(kept) <= 2


@few
@given(shots, seeds, st.floats(0, 1))
def test_a_seed_gives_one_clip(shot: Shot, seed: int, variation: float) -> None:
    first = motions.render_clip(shot, seed, variation)
    assert first.shape == (motions.FRAMES, 64, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, motions.render_clip(shot, seed, variation))


@few
@given(shots.filter(lambda shot: shot.motion != "growing"), seeds, st.floats(0, 1))
def test_a_clip_starts_from_the_still(shot: Shot, seed: int, variation: float) -> None:
    """All but what grows, which starts smaller."""
    first = motions.render_frames(shot, seed, [0], variation)[0]
    assert np.array_equal(first, scenes.render(shot.scene, seed, variation))


@few
@given(shots, seeds, st.lists(st.integers(0, 11), min_size=1, max_size=4))
def test_frames_are_drawn_one_by_one_as_in_the_clip(
    shot: Shot, seed: int, numbers: list[int]
) -> None:
    whole = motions.render_clip(shot, seed, frames=12)
    assert np.array_equal(motions.render_frames(shot, seed, numbers, frames=12), whole[numbers])


def ink(frames: np.ndarray) -> np.ndarray:
    return frames.max(axis=3).astype(int) - frames.min(axis=3) > 70


@few
@given(shots, seeds)
def test_the_ink_goes_where_the_words_say(shot: Shot, seed: int) -> None:
    first, last = ink(motions.render_clip(shot, seed)[[0, -1]])
    y, x = (
        np.argwhere(last).mean(axis=0) - np.argwhere(first).mean(axis=0) if last.any() else (0, 0)
    )
    heading = {
        "moving left": -x,
        "moving right": x,
        "moving up": -y,
        "moving down": y,
    }
    if shot.motion in heading:
        way = motions.TRAVEL[shot.speed or ""]
        assert 0.85 * way - 1 < heading[shot.motion] < 1.15 * way + 1
    elif shot.motion == "growing":
        assert last.sum() > 1.15 * first.sum()
    elif shot.motion == "standing still":
        assert np.array_equal(first, last)
    elif shot.motion == "blinking":
        assert not last.any()


def test_slow_is_less_than_fast() -> None:
    for amounts in (motions.TRAVEL, motions.TURN, motions.GROWTH):
        assert amounts["slowly"] * 1.5 < amounts["fast"]
    assert motions.BLINK["slowly"] > motions.BLINK["fast"]


def test_a_clip_of_one_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 frames"):
        motions.render_clip(SHOTS[0], 0, frames=1)


@few
@given(shots, st.sampled_from(motions.START_SEEDS))
def test_the_seed_of_a_start_frame_is_found(shot: Shot, seed: int) -> None:
    picture = motions.render_frames(shot, seed, [0])[0]
    found = motions.seed_of(shot, picture)
    assert found is not None
    assert np.array_equal(motions.render_frames(shot, found, [0])[0], picture)
    picture[32, 32, 0] ^= 1
    assert motions.seed_of(shot, picture) is None
