"""A picture becomes an input pixel by pixel as the libraries that defined the judges make it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evals.errors import LoadError
from evals.judges.pins import Judge, Preprocessing
from evals.judges.preprocessing import prepare, required, resized
from evals.weights import Weights

pytestmark = pytest.mark.slow

SHAPES = {
    "tall": (401, 250),
    "wide": (150, 333),
    "square": (300, 300),
    "exact": (224, 224),
    "exact and wide": (160, 224),
    "odd": (225, 223),
    "tiny": (3, 2),
}
PAD = Preprocessing(224, "pad")
HPS = replace(PAD, resized_as="float32")
sides = st.integers(1, 3000)


def picture(shape: tuple[int, int]) -> NDArray[np.uint8]:
    return np.random.default_rng(sum(shape)).integers(0, 256, (*shape, 3), dtype=np.uint8)


THIN = (2, 900)
"""Its short side is rounded to nothing where the long one decides: only cut and squashed here."""
RESIZES = {"crop": "shortest", "squash": "squash", "pad": "longest"}


@pytest.mark.parametrize("interpolation", ["bicubic", "bilinear"])
@pytest.mark.parametrize(
    ("shape", "resize"),
    [*itertools.product(SHAPES.values(), RESIZES), (THIN, "crop"), (THIN, "squash")],
)
def test_eight_bits_are_open_clips_own_pixels(
    shape: tuple[int, int], resize: str, interpolation: str
) -> None:
    import torch
    from open_clip.transform import image_transform
    from PIL import Image

    how = replace(PAD, resize=resize, interpolation=interpolation)
    wanted = image_transform(
        224, is_train=False, resize_mode=RESIZES[resize], interpolation=interpolation
    )
    found = prepare(picture(shape), how)
    assert found.dtype == torch.float32
    assert torch.equal(found, wanted(Image.fromarray(picture(shape))))


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_hps_pads_before_it_normalises(shape: tuple[int, int], antialias: bool) -> None:
    """The steps of HPSv2's own transform, by torchvision: tensor, longest side, zeros, mean.

    But that it forgets to pad where the longest side is right already, and the network then fails.
    """
    import torch
    from torchvision.transforms import functional

    tensor = functional.to_tensor(picture(shape))
    scale = 224 / float(max(shape))
    height, width = (round(side * scale) for side in shape)
    if scale != 1.0:
        bicubic = functional.InterpolationMode.BICUBIC
        tensor = functional.resize(tensor, [height, width], bicubic, antialias=antialias)
    across, down = 224 - width, 224 - height
    edges = [across // 2, down // 2, across - across // 2, down - down // 2]
    wanted = functional.normalize(functional.pad(tensor, edges, fill=0), PAD.mean, PAD.std)

    found = prepare(picture(shape), replace(HPS, antialias=antialias))
    assert found.shape == (3, 224, 224)
    torch.testing.assert_close(found, wanted, rtol=0, atol=2e-6)


@pytest.mark.parametrize("how", [PAD, HPS])
def test_what_is_padded_is_black_and_not_grey(how: Preprocessing) -> None:
    import torch

    found = prepare(np.full((100, 50, 3), 255, np.uint8), how)
    black = torch.tensor([-mean / std for mean, std in zip(how.mean, how.std, strict=True)])
    torch.testing.assert_close(found[:, :, :56], black.view(3, 1, 1).expand(3, 224, 56))
    white = torch.tensor([(1 - mean) / std for mean, std in zip(how.mean, how.std, strict=True)])
    torch.testing.assert_close(found[:, :, 56:168], white.view(3, 1, 1).expand(3, 224, 112))


def test_antialiasing_decides_what_a_fine_grating_becomes() -> None:
    grating = np.zeros((1024, 1024, 3), np.uint8)
    grating[:, ::2] = 255
    smooth, sharp = (prepare(grating, replace(HPS, antialias=flag)) for flag in (True, False))
    assert (smooth - sharp).abs().max() > 1
    assert smooth[:, 8:-8, 8:-8].std(dim=(1, 2)).max() < 0.01


def test_floats_are_not_rounded_and_may_overshoot() -> None:
    edge = np.zeros((448, 448, 3), np.uint8)
    edge[:, 224:] = 255
    plain = replace(HPS, mean=(0.0,) * 3, std=(1.0,) * 3)
    rounded = prepare(edge, replace(plain, resized_as="uint8"))
    floats = prepare(edge, plain)
    assert floats.max() > 1
    assert rounded.max() == 1
    assert (rounded * 255).frac().abs().max() < 1e-4


def test_fid_scales_levels_about_128() -> None:
    import torch

    how = Preprocessing(
        299, "squash", "bilinear", resized_as="float32", mean=(128 / 255,) * 3, std=(128 / 255,) * 3
    )
    levels = picture((299, 299))
    wanted = (torch.from_numpy(levels).permute(2, 0, 1).float() - 128) / 128
    torch.testing.assert_close(prepare(levels, how), wanted, rtol=0, atol=1e-6)


@given(height=sides, width=sides, size=st.integers(8, 400))
def test_sizes_keep_the_shape_of_the_picture(height: int, width: int, size: int) -> None:
    crop = resized(height, width, Preprocessing(size))
    pad = resized(height, width, Preprocessing(size, "pad"))
    assert min(crop) == max(pad) == size
    assert resized(height, width, Preprocessing(size, "squash")) == (size, size)
    short, long = sorted((height, width))
    assert abs(max(crop) - size * long / short) < 1
    assert abs(min(pad) - max(1, size * short / long)) <= 0.5 + 1e-9
    assert resized(width, height, Preprocessing(size)) == crop[::-1]
    assert resized(width, height, Preprocessing(size, "pad")) == pad[::-1]


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    resize=st.sampled_from(["crop", "squash", "pad"]),
    resized_as=st.sampled_from(["uint8", "float32"]),
)
def test_every_picture_gets_the_one_shape(
    height: int, width: int, resize: str, resized_as: str
) -> None:
    how = replace(PAD, size=24, resize=resize, resized_as=resized_as)
    found = prepare(picture((height, width)), how)
    assert found.shape == (3, 24, 24)
    assert bool(found.isfinite().all())


def test_a_judge_that_does_not_say_how_is_refused() -> None:
    judge = Judge("mute", "Mute", "mute", "open_clip", Weights(None, None, "w.pt"))
    with pytest.raises(LoadError, match=r"judge mute: its file needs a table \[preprocessing\]"):
        required(judge)
