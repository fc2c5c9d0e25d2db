"""Clip readback is right on what the renderer draws, and silent where a clip is not clear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from evals.calibration import clip_readback, motions, scenes
from evals.calibration.clip_corpus import draw_shots
from evals.calibration.motions import FRAMES, Frames, Shot
from evals.calibration.scenes import Look, Pose, Scene

SHOTS = list(motions.every_shot())
SCENE = Scene("one", "red", "triangle", "centre", "white", "flat")
OPPOSITE = {
    "moving left": "moving right",
    "moving right": "moving left",
    "moving up": "moving down",
    "moving down": "moving up",
    "standing still": "standing still",
    "blinking": "blinking",
}
"""What a clip played backwards shows; the others have no opposite in this world."""


def sample(each: int, seed: int) -> list[tuple[Shot, Frames]]:
    """Rendered shots, `each` of every motion at every speed."""
    shots = draw_shots(SHOTS, 15 * each, seed)
    return [(shot, motions.render_clip(shot, number)) for number, shot in enumerate(shots)]


def roughen(frames: Frames, rng: np.random.Generator) -> Frames:
    """As a generator might have made it: blurred, noisy, wobbling by up to one pixel."""
    soft = ndimage.gaussian_filter(frames.astype(float), (0, 0.6, 0.6, 0))
    wide = np.pad(soft, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="edge")
    moved = [
        wide[i, y : y + 64, x : x + 64] for i, (y, x) in enumerate(rng.integers(0, 3, (16, 2)))
    ]
    noisy = np.array(moved) + rng.normal(0, 8, frames.shape)
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


def animate(scene: Scene, pose: Callable[[float], Pose | None]) -> Frames:
    """A clip of one object that goes where `pose` says at each share of the clip, 0 to 1."""
    look = scenes.look(scene, 0, 0.0)
    clip: list[np.ndarray] = []
    for number in range(FRAMES):
        here = pose(number / (FRAMES - 1))
        poses = () if here is None else (here,)
        clip.append(scenes.draw(scene, Look(look.ink, look.paper, poses)))
    return np.array(clip)


def test_at_most_two_percent_of_rendered_words_are_misread() -> None:
    wrong: Counter[str] = Counter()
    drawn = sample(10, seed=3)
    for shot, frames in drawn:
        found = clip_readback.read(frames)
        assert list(found) == list(clip_readback.ATTRIBUTES)
        wrong.update(name for name in found if found[name] != shot.words.get(name))
    for attribute in clip_readback.ATTRIBUTES:
        assert wrong[attribute] / len(drawn) <= 0.02, attribute


def test_nine_in_ten_words_survive_blur_noise_and_wobble() -> None:
    rng = np.random.default_rng(4)
    wrong: Counter[str] = Counter()
    drawn = sample(6, seed=5)
    for shot, frames in drawn:
        found = clip_readback.read(roughen(frames, rng))
        wrong.update(name for name in found if found[name] != shot.words.get(name))
    for attribute in clip_readback.ATTRIBUTES:
        assert wrong[attribute] / len(drawn) <= 0.1, attribute


def test_as_a_clip_dissolves_words_go_missing_before_they_turn_wrong() -> None:
    wrong = missing = total = 0
    for shot, frames in sample(3, seed=6):
        soft = ndimage.gaussian_filter(frames.astype(float), (0, 2.2, 2.2, 0)).astype(np.uint8)
        found = clip_readback.read(soft)
        for name, word in shot.words.items():
            total += 1
            missing += found[name] is None
            wrong += found[name] not in (word, None)
    assert missing > 0
    assert wrong / total <= 0.12


@pytest.mark.parametrize("grain", [1, 4, 16])
@pytest.mark.parametrize("frozen", [False, True])
def test_noise_says_nothing(grain: int, frozen: bool) -> None:
    rng = np.random.default_rng(7)
    said = 0
    for _ in range(10):
        raw = rng.integers(0, 256, (1 if frozen else FRAMES, 64 // grain, 64 // grain, 3))
        frames = np.kron(raw, np.ones((1, grain, grain, 1))).astype(np.uint8)
        found = clip_readback.read(np.broadcast_to(frames, (FRAMES, 64, 64, 3)))
        said += sum(word is not None for word in found.values())
    assert said / (10 * len(clip_readback.ATTRIBUTES)) <= 0.02


def test_a_frozen_clip_stands_still() -> None:
    for _, frames in sample(2, seed=8):
        found = clip_readback.read(frames[:1].repeat(FRAMES, axis=0))
        assert (found["motion"], found["speed"]) == ("standing still", None)


def test_a_clip_played_backwards_shows_the_opposite_motion_or_none() -> None:
    for shot, frames in sample(2, seed=9):
        found = clip_readback.read(frames[::-1])
        opposite = OPPOSITE.get(shot.motion)
        assert found["motion"] == opposite
        assert found["speed"] == (None if opposite is None else shot.speed)


def test_shuffled_frames_show_no_motion() -> None:
    """Not even by chance: the object is where it should be in no order."""
    rng = np.random.default_rng(10)
    for shot, frames in sample(4, seed=11):
        found = clip_readback.read(frames[rng.permutation(FRAMES)])
        still = "standing still" if shot.motion == "standing still" else None
        assert (found["motion"], found["speed"]) == (still, None), motions.caption(shot)


def test_irregular_flicker_is_not_blinking() -> None:
    rng = np.random.default_rng(12)
    shown, hidden = motions.render_clip(Shot(SCENE, "blinking", "fast"), 0)[[0, 2]]
    blinks = 0
    for _ in range(60):
        clip = np.where(rng.random((FRAMES, 1, 1, 1)) < 0.5, shown, hidden)
        blinks += clip_readback.read(clip)["motion"] is not None
    assert blinks <= 1


def test_one_hidden_frame_changes_nothing() -> None:
    rng = np.random.default_rng(13)
    for shot, frames in sample(2, seed=14):
        if shot.motion != "blinking":
            paper = motions.render_clip(Shot(shot.scene, "blinking", "fast"), 0, 0.0)[2]
            frames[rng.integers(1, FRAMES)] = paper
            found = clip_readback.read(frames)
            assert (found["motion"], found["speed"]) == (shot.motion, shot.speed)


@pytest.mark.parametrize("way", [9.0, 20.0])
def test_a_jump_is_not_moving(way: float) -> None:
    clip = animate(SCENE, lambda t: Pose(32 + way * (t > 0.5), 32, 8))
    assert clip_readback.read(clip)["motion"] is None


def test_a_slanting_way_is_no_direction() -> None:
    clip = animate(SCENE, lambda t: Pose(32 + 12 * t, 32 + 12 * t, 8))
    assert clip_readback.read(clip)["motion"] is None


def test_two_motions_at_once_are_none() -> None:
    clip = animate(SCENE, lambda t: Pose(32 + 15 * t, 32, 6 * (1 + t)))
    assert clip_readback.read(clip)["motion"] is None


@pytest.mark.parametrize(
    ("motion", "slow", "middle"),
    [("moving left", 9.0, 14.5), ("rotating", 60.0, 112.5), ("growing", 0.4, 0.79)],
)
def test_half_way_between_slow_and_fast_is_no_speed(
    motion: str, slow: float, middle: float
) -> None:
    """Pixels, degrees, and by how much the radius grows (by half the way as a factor)."""
    shot = Shot(SCENE, motion, "slowly")
    look = scenes.look(SCENE, 0, 0.0)
    clip = motions.animate(shot, look, middle / slow, range(FRAMES), FRAMES)
    found = clip_readback.read(clip)
    assert (found["motion"], found["speed"]) == (motion, None)


def test_a_colour_that_changes_half_way_is_none() -> None:
    clips = [
        motions.render_clip(Shot(replace(SCENE, colour=colour), "moving left", "fast"), 0, 0.0)
        for colour in ("red", "blue")
    ]
    found = clip_readback.read(np.concatenate([clips[0][:8], clips[1][8:]]))
    assert found["colour"] is None
    assert found["motion"] == "moving left"


@pytest.mark.parametrize("name", scenes.BACKGROUNDS)
def test_empty_paper_has_a_background_and_nothing_else(name: str) -> None:
    clip = np.full((FRAMES, 64, 64, 3), scenes.BACKGROUNDS[name], dtype=np.uint8)
    nothing = dict.fromkeys(clip_readback.ATTRIBUTES)
    assert clip_readback.read(clip) == {**nothing, "background": name}


def test_fewer_frames_are_read_too() -> None:
    for shot in draw_shots(SHOTS, 15, seed=15):
        found = clip_readback.read(motions.render_clip(shot, 0, frames=clip_readback.FEWEST))
        assert (found["motion"], found["speed"]) == (shot.motion, shot.speed)


@pytest.mark.parametrize(
    ("clip", "match"),
    [
        (np.zeros((16, 64, 64), dtype=np.uint8), "clip readback takes T x 64"),
        (np.zeros((16, 32, 64, 3), dtype=np.uint8), "clip readback takes T x 64"),
        (np.zeros((16, 64, 64, 3)), "float64"),
        (np.zeros((7, 64, 64, 3), dtype=np.uint8), "at least 8 frames"),
    ],
)
def test_other_arrays_are_refused(clip: Frames, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        clip_readback.read(clip)


def test_accuracy_is_the_share_of_words_that_hold() -> None:
    shot = Shot(SCENE, "moving left", "fast")
    frames = motions.render_clip(shot, 0)
    assert clip_readback.accuracy(frames, shot.words) == 1.0
    assert clip_readback.accuracy(frames, {**shot.words, "motion": "rotating"}) == pytest.approx(
        6 / 7
    )
    with pytest.raises(ValueError, match="count"):
        clip_readback.accuracy(frames, {"count": "one"})
    with pytest.raises(ValueError, match="at least one word"):
        clip_readback.accuracy(frames, {})
