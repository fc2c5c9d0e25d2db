"""What moves by itself counts, what only the camera does is told apart, and noise is no motion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.clips import optical_flow
from evals.metrics import _camera
from tests.evals.metrics import clips

pytestmark = pytest.mark.slow


def degree(frames: Any, fps: float = 8.0) -> float:
    metric = metrics.get("dynamic_degree_flow").build()
    metric.update(frames=frames, fps=fps, flow=optical_flow.flow(frames))
    return float(metric.compute())


def split(field: Any) -> tuple[Any, Any]:
    """The camera's flow of one pair, and the length of what moves by itself."""
    scene = _camera.camera(field[None]).over(0, *field.shape[:2])
    return scene, _camera.own(field, scene)


def camera(frames: Any, fps: float = 8.0) -> float:
    metric = metrics.get("camera_motion").build()
    metric.update(fps=fps, flow=optical_flow.flow(frames))
    return float(metric.compute())


@pytest.mark.parametrize("move", ["pan", "zoom", "roll", "shake"])
def test_a_moving_camera_over_a_still_scene_is_not_dynamic(move: str) -> None:
    frames = clips.filmed(move)
    assert degree(frames) < 0.2
    assert camera(frames) > 2


@pytest.mark.parametrize("near", [None, 1.2, 1.0])
def test_a_camera_orbit_does_not_top_dynamics(near: float | None) -> None:
    frames = clips.orbit(near=near)
    assert camera(frames) > 2
    assert degree(frames) < 0.35 < degree(clips.thing(speed=4))


@pytest.mark.parametrize("flat", [False, True])
def test_one_thing_moving_before_a_resting_camera_is_dynamic(flat: bool) -> None:
    frames = clips.thing(flat=flat)
    assert degree(frames) > 0.9
    assert camera(frames) < 0.1


def test_a_thing_that_crosses_a_pan_is_told_from_it() -> None:
    frames = clips.thing(degrees=90, pan=4)
    assert degree(frames) > 0.9
    assert camera(frames) == pytest.approx(4, abs=0.3)


def test_the_faster_the_more_until_vbenchs_threshold() -> None:
    speeds = (0.0, 1.0, 2.0, 4.0, 9.0)
    found = [degree(clips.thing(side=256, speed=speed, flat=True)) for speed in speeds]
    assert found[0] == 0
    assert found[-1] == 1
    assert found == sorted(found)
    for speed, each in zip(speeds[1:-1], found[1:-1], strict=True):
        assert each == pytest.approx(speed / 6, rel=0.15)


@pytest.mark.parametrize("frames", [clips.snow(), clips.frozen(noise=25), clips.frozen()])
def test_noise_is_no_motion(frames: Any) -> None:
    assert degree(frames) < 0.2


def test_speed_is_told_per_second_and_not_per_frame() -> None:
    frames = clips.thing(side=128, speed=2)
    assert degree(frames, fps=16) == pytest.approx(2 * degree(frames), rel=1e-9)
    assert camera(frames, fps=24) == pytest.approx(3 * camera(frames), rel=1e-9)
    assert degree(frames[::2], fps=4) == pytest.approx(degree(frames), rel=0.2)


def plane(parameters: Any, height: int, width: int) -> Any:
    """Flow of second order as written down by Longuet-Higgins and Prazdny, pixel by pixel."""
    a, b, c, d, e, f, g, h = parameters
    field = np.empty((height, width, 2), np.float32)
    for row in range(height):
        for column in range(width):
            x, y = (2 * column + 1 - width) / width, (2 * row + 1 - height) / height
            field[row, column] = (
                a + b * x + c * y + g * x * x + h * x * y,
                d + e * x + f * y + g * x * y + h * y * y,
            )
    return field


numbers = st.floats(-8, 8, allow_nan=False)


@given(st.tuples(*[numbers] * 8), st.integers(20, 30), st.integers(20, 40))
@settings(deadline=None, max_examples=25)
def test_any_motion_of_a_camera_before_a_plane_is_found_exactly(
    parameters: Any, height: int, width: int
) -> None:
    field = plane(parameters, height, width)
    found, own = split(field)
    assert np.abs(found - field).max() < 1e-4
    assert own.max() < 1e-4


@given(st.tuples(*[numbers] * 8), st.floats(3, 20), st.integers(0, 9), st.integers(0, 9))
@settings(deadline=None, max_examples=25)
def test_what_moves_by_itself_does_not_move_the_camera(
    parameters: Any, length: float, left: int, top: int
) -> None:
    """A block of a sixteenth of the picture, off to the side of where the camera's flow leads."""
    field = plane(parameters, 24, 24)
    block = np.s_[top : top + 6, left : left + 6]
    scene = field.copy()
    speed = np.hypot(scene[..., 0], scene[..., 1])[block]
    across = np.stack([-scene[block][..., 1], scene[block][..., 0]], axis=-1)
    rest = speed < 1e-3
    across[rest] = (0, 1)
    across /= np.hypot(across[..., 0], across[..., 1])[..., None]
    field[block] += length * across
    found, own = split(field)
    assert np.abs(found - scene).max() < 0.35
    assert own[block] == pytest.approx(length, abs=0.6)
    own[block] = 0
    assert own.max() < 0.35


def test_what_stands_nearer_to_a_moving_camera_is_no_motion_and_before_a_resting_one_it_is() -> (
    None
):
    for speed, counted in ((0.0, 6.0), (1.0, 3.0), (2.0, 0.0)):
        field = np.zeros((24, 24, 2), np.float32)
        field[..., 0] = speed
        field[4:9, 4:9, 0] += 6
        assert split(field)[1][6, 6] == pytest.approx(counted, abs=0.3)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 1), (2, 3), (5, 130), (33, 17)])
def test_clips_of_any_size_have_a_score(size: tuple[int, int]) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, *size, 3), dtype=np.uint8)
    assert 0 <= degree(frames) <= 1
    assert camera(frames) >= 0


def test_flow_is_the_same_on_any_number_of_threads() -> None:
    import cv2

    frames = np.stack([clips.texture(270, 300, seed) for seed in (1, 2)])
    grey = [optical_flow.small(frame) for frame in frames]
    found: list[bytes] = []
    for threads in (1, 2, 4):
        cv2.setNumThreads(threads)
        found.append(optical_flow.between(*grey).tobytes())
    assert len(set(found)) == 1
    optical_flow.small(frames[0])
    assert cv2.getNumThreads() == 1


@pytest.mark.parametrize("side", [64, 512])
def test_flow_is_told_in_pixels_of_256_rightwards_and_downwards(side: int) -> None:
    picture, unit = clips.texture(side, side, 0), side / 256
    moved = clips.seen_through(clips.shift(4 * unit, -2 * unit), picture, side, side)
    found = optical_flow.flow(np.stack([picture, moved]))
    edge = found.shape[1] // 4
    middle = found[0, edge:-edge, edge:-edge]
    assert np.median(middle[..., 0]) == pytest.approx(4, abs=0.3)
    assert np.median(middle[..., 1]) == pytest.approx(-2, abs=0.3)
