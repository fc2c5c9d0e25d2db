"""Sharpness, clipping and saturation: as defined, and with an eye for the edits they are about."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow


def score(name: str, pixels: Any) -> float:
    metric = metrics.get(name).build()
    metric.update(pixels=np.asarray(pixels, np.uint8))
    return float(metric.compute())


def pictures() -> st.SearchStrategy[Any]:
    """Noise of some size and contrast: detail at every scale."""

    def draw(seed: int) -> Any:
        rng = np.random.default_rng(seed)
        low = rng.integers(0, 226)
        high = rng.integers(low + 30, 256)
        shape = (*rng.integers(8, 40, 2), 3)
        return rng.integers(low, high + 1, shape).astype(np.uint8)

    return st.integers(0, 2**32 - 1).map(draw)


def test_sharpness_is_the_variance_of_scipys_laplacian() -> None:
    from scipy.ndimage import laplace

    picture = np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    grey = picture @ np.array([0.299, 0.587, 0.114])
    assert score("sharpness", picture) == pytest.approx(laplace(grey)[1:-1, 1:-1].var())
    assert score("sharpness", np.full((9, 9, 3), 77)) == pytest.approx(0)
    slope = np.indices((9, 9)).sum(axis=0)[:, :, None].repeat(3, axis=2)
    assert score("sharpness", slope) == pytest.approx(0)
    with pytest.raises(ScoreError, match="all border"):
        score("sharpness", picture[:2])


@given(pictures())
@settings(deadline=None, max_examples=30)
def test_the_more_blur_the_less_sharpness(picture: Any) -> None:
    image = Image.fromarray(picture)
    blurred = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in (0.7, 1.5, 3.0)]
    found = [score("sharpness", each) for each in (image, *blurred)]
    rounding = 20 / 12  # variance of the Laplacian of what rounding to whole levels leaves
    assert all(later < earlier + rounding for earlier, later in pairwise(found))
    assert found[1] < found[0]


def test_noise_passes_for_sharpness() -> None:
    """Why it is a check and not a vote."""
    rng = np.random.default_rng(0)
    smooth = np.linspace(60, 190, 64)[None, :, None].repeat(64, axis=0).repeat(3, axis=2)
    noisy = np.clip(smooth + rng.normal(0, 25, smooth.shape), 0, 255)
    assert score("sharpness", noisy) > 100 * score("sharpness", smooth)


def test_clipping_is_the_share_of_black_and_white_pixels() -> None:
    grey = np.full((10, 10, 3), 128)
    assert score("clipping", grey) == 0
    for level, counted in ((0, True), (2, True), (3, False), (252, False), (253, True)):
        picture = grey.copy()
        picture[:3] = level
        assert score("clipping", picture) == pytest.approx(0.3 if counted else 0.0)
    coloured = grey.copy()
    coloured[:] = (255, 0, 255)  # saturated, but neither burnt out nor black
    assert score("clipping", coloured) == 0


@given(pictures(), st.integers(1, 60))
@settings(deadline=None, max_examples=30)
def test_a_longer_exposure_never_clips_less_at_the_white_end(picture: Any, more: int) -> None:
    bright = np.maximum(picture, 3)  # nothing black that more light would rescue
    longer = np.clip(bright.astype(int) + more, 0, 255)
    assert score("clipping", longer) >= score("clipping", bright)


def test_saturation_is_hasler_and_suesstrunks_colourfulness() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    red, green, blue = (picture[:, :, channel].astype(float) for channel in range(3))
    first, second = red - green, 0.5 * (red + green) - blue
    spread = np.sqrt(np.var(first) + np.var(second))
    size = np.sqrt(np.mean(first) ** 2 + np.mean(second) ** 2)
    assert score("saturation", picture) == pytest.approx(spread + 0.3 * size)


@given(pictures())
@settings(deadline=None, max_examples=30)
def test_less_colour_is_less_saturation(picture: Any) -> None:
    enhance = ImageEnhance.Color(Image.fromarray(picture))
    full, half, none = (score("saturation", enhance.enhance(each)) for each in (1.0, 0.5, 0.0))
    assert none == pytest.approx(0, abs=1e-9)
    assert half < full
