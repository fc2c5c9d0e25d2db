"""Copies are worse in the way their name says, at every size, and always the same."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from evals.canaries.degradations import DEGRADATIONS, LEVELS, noise
from evals.probes import probes


def photo_like(height: int, width: int) -> np.ndarray:
    """Coloured slopes, a soft ring and fine stripes: something for every canary to spoil."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    ring = np.exp(-(((np.hypot(x - 0.5, y - 0.5) - 0.3) / 0.05) ** 2))
    stripes = 0.1 * np.sign(np.sin(40 * x))
    channels = [0.25 + 0.4 * x + 0.2 * ring, 0.3 + 0.3 * y + stripes, 0.6 - 0.3 * x + stripes]
    return np.clip(np.stack(channels, axis=-1) * 255, 0, 255).astype(np.uint8)


def small(picture: np.ndarray) -> np.ndarray:
    """As a judge sees it."""
    shrunk = Image.fromarray(picture).resize((64, 64), Image.Resampling.BOX)
    return np.asarray(shrunk).astype(float)


def roughness(picture: np.ndarray) -> float:
    """Root mean square step between neighbouring pixels: steep edges count most."""
    values = picture.astype(float)
    return float(
        np.sqrt(np.mean(np.diff(values, axis=0) ** 2) + np.mean(np.diff(values, axis=1) ** 2))
    )


def colourfulness(picture: np.ndarray) -> float:
    return float(np.ptp(picture.astype(float), axis=2).mean())


@pytest.mark.parametrize("name", DEGRADATIONS)
@pytest.mark.parametrize("size", [(64, 64), (1, 1), (100, 257), (1024, 768)])
def test_a_copy_has_the_shape_and_is_always_the_same(name: str, size: tuple[int, int]) -> None:
    picture = photo_like(*size)
    before = picture.copy()
    first, second = DEGRADATIONS[name](picture), DEGRADATIONS[name](before)
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, second)
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_copy_can_be_told_from_its_original_at_every_size(name: str) -> None:
    changes = [
        np.abs(small(DEGRADATIONS[name](picture)) - small(picture)).mean()
        for picture in (photo_like(side, side) for side in (64, 256, 1024, 2048))
    ]
    assert min(changes) > 2, "levels of 255 that are left once the picture is small"
    assert max(changes) < 12 * min(changes), "one strength at 64 pixels and at 2048"


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_drawings_are_spoilt_too(name: str) -> None:
    for _, picture in probes():
        copy = DEGRADATIONS[name](picture)
        assert np.abs(copy.astype(int) - picture.astype(int)).max() >= 25


def test_each_does_what_its_name_says() -> None:
    picture = photo_like(256, 256)
    copies = {name: degrade(picture) for name, degrade in DEGRADATIONS.items()}
    assert roughness(copies["noise"]) > 2 * roughness(picture)
    assert np.std(copies["noise"].astype(float) - picture) == pytest.approx(25, rel=0.1)
    assert roughness(copies["blur"]) < 0.6 * roughness(picture)
    assert roughness(copies["over_sharpening"]) > 1.5 * roughness(picture)
    assert colourfulness(copies["saturation_boost"]) > 1.5 * colourfulness(picture)
    assert all(len(np.unique(copies["posterise"][..., c])) <= LEVELS for c in range(3))


def test_sharpening_leaves_halos_beside_an_edge() -> None:
    edge = np.full((64, 64, 3), 80, np.uint8)
    edge[:, 32:] = 160
    copy = DEGRADATIONS["over_sharpening"](edge)[32, :, 0]
    assert copy.min() < 60
    assert copy.max() > 180
    assert copy[0] == 80
    assert copy[-1] == 160


def test_a_grey_picture_has_no_colour_to_boost() -> None:
    grey = np.repeat(np.arange(64, dtype=np.uint8)[:, None, None] * 4, 64, axis=1).repeat(3, axis=2)
    assert np.array_equal(DEGRADATIONS["saturation_boost"](grey), grey)


def test_pictures_that_differ_get_different_noise() -> None:
    grey, other = np.full((64, 64, 3), 128, np.uint8), np.full((64, 64, 3), 129, np.uint8)
    one, two = noise(grey).astype(float) - 128, noise(other).astype(float) - 129
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.05
