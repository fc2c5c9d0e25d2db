"""Where an object is, how large it is and how it is turned: measured against what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

from evals.calibration import motions, scenes, silhouettes, track
from evals.calibration.motions import FRAMES, Shot
from evals.calibration.scenes import Scene

SHAPES = ("square", "triangle", "star", "cross")


def shot(shape: str, motion: str, style: str = "flat") -> Shot:
    return Shot(Scene("one", "blue", shape, "centre", "sand", style), motion, "fast")


def drawn(shot: Shot, seed: int) -> list[scenes.Pose | None]:
    """The truth, from the renderer's own poses."""
    start = scenes.look(shot.scene, seed).poses[0]
    pace = motions.pace(seed)
    return [motions.pose_at(shot, start, number, FRAMES, pace) for number in range(FRAMES)]


@pytest.mark.parametrize("style", scenes.VOCABULARY["style"])
@pytest.mark.parametrize("shape", ["circle", "square", "cross"])
def test_centres_are_found_to_half_a_pixel(shape: str, style: str) -> None:
    """Of the shapes whose centre of mass is their centre."""
    moving = shot(shape, "moving right", style)
    found = track.follow(motions.render_clip(moving, 3))
    assert found.shown.tolist() == list(range(FRAMES))
    truth = np.array([(pose.x, pose.y) for pose in drawn(moving, 3) if pose is not None])
    assert np.abs(found.centres - truth).max() < 0.5


@pytest.mark.parametrize("shape", SHAPES)
def test_angles_are_found_to_a_few_degrees(shape: str) -> None:
    turning = shot(shape, "rotating")
    found = track.follow(motions.render_clip(turning, 4))
    truth = np.array([pose.angle for pose in drawn(turning, 4) if pose is not None])
    symmetry = track.SYMMETRY[shape]
    error = (found.angles(shape) - truth + symmetry / 2) % symmetry - symmetry / 2
    assert np.abs(error).mean() < 3
    assert np.abs(error).max() < 10


def turned(shape: str, angle: float) -> np.ndarray:
    """A large silhouette, its centre of mass in the middle."""
    y, x = np.argwhere(silhouettes.silhouette(shape, 32, 32, 20, angle) < 0).mean(axis=0) + 0.5
    return silhouettes.silhouette(shape, 64 - x, 64 - y, 20, angle) < 0


@pytest.mark.parametrize("shape", [*SHAPES, "circle"])
def test_symmetry_is_that_of_the_drawing(shape: str) -> None:
    """A turn by it changes nothing but a few pixels; by half of it, much, except of a circle."""
    turn = track.SYMMETRY[shape] or 34
    at, same, other = (turned(shape, angle) for angle in (0, turn, turn / 2))
    assert (at ^ same).sum() <= 0.04 * at.sum()
    assert ((at ^ other).sum() > 0.1 * at.sum()) == (shape != "circle")


def test_areas_grow_as_the_radius_squared() -> None:
    growing = shot("square", "growing")
    found = track.follow(motions.render_clip(growing, 5))
    radii = np.array([pose.radius for pose in drawn(growing, 5) if pose is not None])
    ratio = np.sqrt(found.areas) / radii
    assert ratio.max() / ratio.min() < 1.12


def test_hidden_frames_are_told_from_unclear_ones() -> None:
    clip = motions.render_clip(shot("star", "blinking"), 6)
    paper = clip[2].copy()
    other = motions.render_clip(shot("star", "moving right"), 6)[-1]
    two = np.where(other != paper, other, clip[0])
    found = track.follow(np.array([clip[0], paper, two]))
    assert found.shown.tolist() == [0]
    assert found.hidden.tolist() == [1]


def test_nothing_shown_is_like_nothing() -> None:
    found = track.follow(np.full((4, 64, 64, 3), 128, dtype=np.uint8))
    assert found.shown.tolist() == []
    assert found.hidden.tolist() == [0, 1, 2, 3]
    assert found.likeness() == {}
