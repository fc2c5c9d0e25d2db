"""What is no picture is refused before it is stored, and before it is decoded."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from evals import media
from evals.errors import MediaError

NOISE = np.random.default_rng(0).random((16, 12, 3)).astype(np.float32)

pictures = hnp.arrays(
    np.uint8,
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3)),
    elements=st.integers(0, 255),
)


@given(pictures)
def test_png_is_lossless(picture: np.ndarray) -> None:
    assert np.array_equal(media.decode(media.encode_png(picture)), picture)


@given(pictures)
def test_a_picture_is_what_is_not_flat(picture: np.ndarray) -> None:
    spans = np.ptp(picture.reshape(-1, 3).astype(int), axis=0)
    if spans.max() > 1:
        assert np.array_equal(media.to_picture(picture), picture)
    else:
        with pytest.raises(MediaError):
            media.to_picture(picture)


@given(pictures)
def test_floating_point_keeps_every_level(picture: np.ndarray) -> None:
    picture[0, 0] = 0
    picture = np.concatenate([picture, np.full_like(picture, 255)])
    assert np.array_equal(media.to_picture(picture / 255), picture)


def broken(value: float) -> np.ndarray:
    pixels = NOISE.copy()
    pixels[3, 3, 1] = value
    return pixels


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (broken(np.nan), "NaN"),
        (broken(np.inf), "NaN or infinite"),
        (broken(1.5), "not within"),
        (broken(-0.5), "not within"),
        (np.zeros((8, 8, 3), np.uint8), "all black"),
        (np.zeros((8, 8, 3), np.float32), "all black"),
        (np.full((8, 8, 3), 0.5, np.float32), "one colour"),
        (np.zeros((8, 8), np.uint8), "not height"),
        (np.zeros((8, 8, 4), np.uint8), "not height"),
        (np.zeros((0, 8, 3), np.uint8), "not height"),
        (np.zeros((8, 8, 3), np.int64), "int64"),
        (np.broadcast_to(np.uint8(1), (20_000, 8, 3)), "over the limit"),
        (np.broadcast_to(np.uint8(1), (9_000, 9_000, 3)), "over the limit"),
    ],
)
def test_no_picture_is_an_error(pixels: np.ndarray, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        media.to_picture(pixels)


def encoded(size: tuple[int, int], kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, format=kind)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<html>", "not a picture"),
        (encoded((8, 8), "BMP"), "not a picture in PNG"),
        (encoded((8, 8), "GIF"), "not a picture in PNG"),
        (encoded((200, 200), "PNG")[:-40], "damaged"),
        (encoded((9_000, 9_000), "PNG"), "over the limit"),
    ],
)
def test_bytes_that_are_no_picture_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        media.decode(data)


def test_media_is_stored_once_by_its_content(tmp_path: Path) -> None:
    picture = media.to_picture(NOISE)
    first, second = media.store(picture, tmp_path), media.store(picture, tmp_path)
    assert first == second
    path = tmp_path / first.path
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == first.sha256 == path.stem
    assert (first.width, first.height, first.bytes) == (12, 16, len(data))
    assert np.array_equal(media.decode(data), picture)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
