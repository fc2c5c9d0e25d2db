"""What is no clip is refused before it is stored; what is stored comes back to the bit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from evals.clips import codec as clips
from evals.clips.codec import Clip
from evals.errors import MediaError
from tests.evals.clips.clip_files import noise, pattern, spoilt

SHAPES = st.tuples(st.integers(2, 4), st.integers(1, 9), st.integers(1, 9), st.just(3))
PIXELS = hnp.arrays(np.uint8, SHAPES, elements=st.integers(0, 255))
CLIP = noise(3, 8, 6, 3).astype(np.float32) / 255


@settings(max_examples=25, deadline=None)
@given(PIXELS)
def test_every_clip_of_any_size_survives_to_the_bit(pixels: np.ndarray) -> None:
    assert np.array_equal(clips.decode(clips.encode(Clip(pixels, 8.0))).frames, pixels)


@settings(max_examples=25, deadline=None)
@given(PIXELS, SHAPES)
def test_the_same_clip_is_the_same_bytes_whatever_came_before(
    pixels: np.ndarray, other: tuple[int, int, int, int]
) -> None:
    first = clips.encode(Clip(pixels, 8.0))
    clips.encode(Clip(noise(*other), 8.0))
    assert clips.encode(Clip(pixels, 8.0)) == first


@settings(max_examples=50, deadline=None)
@given(st.floats(1 / 60, 240))
def test_every_rate_survives(fps: float) -> None:
    kept = clips.to_clip(noise(2, 2, 2, 3), fps).fps
    assert kept == pytest.approx(fps, rel=1 / 1001)
    assert clips.decode(clips.encode(Clip(noise(2, 2, 2, 3), kept))).fps == kept


@pytest.mark.parametrize("fps", [8, 24, 30, 24_000 / 1001, 60_000 / 1001, 23.976, 29.97, 12.5])
def test_rates_in_use_are_kept_as_they_are(fps: float) -> None:
    assert clips.to_clip(CLIP, fps).fps == fps


@given(PIXELS)
def test_floating_point_keeps_every_level(pixels: np.ndarray) -> None:
    pixels[0, 0], pixels[-1, -1] = 0, 255
    if pixels.shape[1] > 1:
        assert np.array_equal(clips.to_clip(pixels / 255, 8).frames, pixels)


@given(PIXELS, st.sets(st.integers(0, 3)))
def test_a_clip_is_what_shows_something_in_some_frame(pixels: np.ndarray, black: set[int]) -> None:
    pixels[[index for index in black if index < len(pixels)]] = 0
    spans = [np.ptp(frame.reshape(-1, 3).astype(int), axis=0).max() for frame in pixels]
    if max(spans) > 1:
        clip = clips.to_clip(pixels, 8)
        assert np.array_equal(clip.frames, pixels)
        first = next(index for index, span in enumerate(spans) if span > 1)
        assert np.array_equal(clips.poster(clip), pixels[first])
    else:
        with pytest.raises(MediaError, match=r"every frame .* (black|one colour)"):
            clips.to_clip(pixels, 8)


def broken(value: float) -> np.ndarray:
    pixels = CLIP.copy()
    pixels[1, 3, 3, 1] = value
    return pixels


def vast(*shape: int) -> np.ndarray:
    """An array of any size that takes no memory."""
    return np.broadcast_to(np.uint8(1), shape)


@pytest.mark.parametrize(
    ("pixels", "fps", "reason"),
    [
        (broken(np.nan), 8, "frame 2: .*NaN"),
        (broken(np.inf), 8, "frame 2: .*infinite"),
        (broken(1.5), 8, "frame 2: .*not within"),
        (broken(-0.5), 8, "frame 2: .*not within"),
        (np.zeros((3, 8, 8, 3), np.uint8), 8, "all black"),
        (np.zeros((3, 8, 8, 3), np.float16), 8, "all black"),
        (np.full((3, 8, 8, 3), 0.5, np.float32), 8, "all one colour"),
        (np.zeros((8, 8, 3), np.uint8), 8, "not frames × height"),
        (np.zeros((3, 8, 8, 4), np.uint8), 8, "not frames × height"),
        (np.zeros((3, 0, 8, 3), np.uint8), 8, "not frames × height"),
        (np.zeros((0, 8, 8, 3), np.uint8), 8, "no frame"),
        (np.zeros((1, 8, 8, 3), np.uint8), 8, "one frame"),
        (np.zeros((3, 8, 8, 3), np.int64), 8, "int64"),
        (vast(10**6, 8, 8, 3), 8, "1,000,000 frames are over"),
        (vast(2, 9_000, 9_000, 3), 8, "over the limit"),
        (vast(2, 20_000, 8, 3), 8, "over the limit"),
        (vast(100, 4_000, 4_000, 3), 8, "over the limit of 2 GB"),
        (vast(3_000, 8, 8, 3), 8, "375.0 seconds are over"),
        (CLIP, None, "how many frames a second"),
        (CLIP, 0, "0 frames a second"),
        (CLIP, -8, "-8 frames a second"),
        (CLIP, float("nan"), "nan frames a second"),
        (CLIP, float("inf"), "inf frames a second"),
        (CLIP, 241, "241 frames a second"),
        (CLIP, 1e-9, "seconds are over"),
        (CLIP, "often", "'often', which is no number"),
        (CLIP, [8.0, 9.0], "no number"),
        (list(CLIP), 8, "a list, not an array"),
        (None, 8, "a NoneType, not an array"),
    ],
)
def test_no_clip_is_an_error(pixels: Any, fps: Any, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        clips.to_clip(pixels, fps)


@pytest.mark.parametrize("kind", [int, float, np.float32, np.float64, np.int64])
def test_a_rate_may_be_any_kind_of_number(kind: Callable[[int], Any]) -> None:
    assert clips.to_clip(CLIP, kind(8)).fps == 8


def test_a_clip_whose_file_could_not_be_read_again_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = clips.to_clip(CLIP, 8)
    monkeypatch.setattr("evals.media.LARGEST_BYTES", len(clips.encode(clip)) - 1)
    with pytest.raises(MediaError, match=r"without loss .* over the limit"):
        clips.store(clip, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_media_is_stored_once_by_its_content(tmp_path: Path) -> None:
    clip = clips.to_clip(pattern(5, 17, 23), 12.5)
    first, second = clips.store(clip, tmp_path), clips.store(clip, tmp_path)
    assert first == second
    path = tmp_path / first.path
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == first.sha256 == path.stem
    assert (first.mime, path.suffix) == ("video/mp4", ".mp4")
    assert (first.width, first.height, first.bytes) == (23, 17, len(data))
    assert (first.frames, first.fps, first.seconds) == (5, 12.5, 0.4)
    assert np.array_equal(clips.decode(data).frames, clip.frames)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_a_poster_of_a_file_is_its_first_frame_that_shows_something(tmp_path: Path) -> None:
    frames = pattern(6)
    frames[:2] = 0
    stored = clips.store(clips.to_clip(frames, 8), tmp_path)
    assert np.array_equal(clips.poster(tmp_path / stored.path), frames[2])


def test_a_poster_needs_no_more_of_a_file_than_its_frame(tmp_path: Path) -> None:
    frames = pattern(6)
    data = spoilt(clips.encode(clips.to_clip(frames, 8)), frame=3)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="damaged after 3 whole frames"):
        clips.decode(data)
    assert np.array_equal(clips.poster(path), frames[0])


def test_a_clip_of_black_has_a_black_poster() -> None:
    assert not clips.poster(Clip(np.zeros((2, 4, 4, 3), np.uint8), 8)).any()
