"""Pictures made worse, at strengths at which a person agrees that they are.

Lengths are shares of the shorter side, so that 64 and 2048 pixels are spoilt alike and what is
spoilt outlives the resizing that judges begin with. The same picture gives the same copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

Picture = NDArray[np.uint8]

EDITION = 1
"""Raised when copies come to look different: kept embeddings of the earlier ones do not count."""
NOISE_SIGMA = 25.0
"""Standard deviation of the noise, in levels of 255."""
GRAINS = 256
"""Grains of noise along the shorter side, unless it has fewer pixels."""
BLUR = 0.02
"""Standard deviation of the Gaussian, as a share of the shorter side."""
HALO = 0.015
"""The same of the Gaussian whose difference is added back."""
SHARPENING = 3.0
"""How many times the difference is added."""
SATURATION = 2.5
"""Factor on the distance of a colour from grey."""
LEVELS = 4
"""Levels left in each channel. Eight change a flat drawing too little for a person to object."""


def noise(picture: Picture) -> Picture:
    """Gaussian noise on each channel, its grain 1/256 of the shorter side or one pixel.

    It is drawn from the picture's own content, so no two pictures share it.
    """
    height, width = picture.shape[:2]
    content = hashlib.sha256(repr(picture.shape).encode() + picture.tobytes()).digest()
    random = np.random.default_rng(list(content))
    grain = max(1, min(height, width) // GRAINS)
    shape = (-(-height // grain), -(-width // grain), 3)
    drawn = random.normal(0.0, NOISE_SIGMA, shape).repeat(grain, axis=0).repeat(grain, axis=1)
    return _levels(picture + drawn[:height, :width])


def blur(picture: Picture) -> Picture:
    """Gaussian blur, 2 % of the shorter side."""
    return _blurred(picture, BLUR)


def over_sharpening(picture: Picture) -> Picture:
    """Unsharp masking at 300 % with a radius of 1.5 % of the shorter side: edges get halos."""
    smooth = _blurred(picture, HALO).astype(np.float64)
    return _levels(picture + SHARPENING * (picture - smooth))


def saturation_boost(picture: Picture) -> Picture:
    """Colours two and a half times as far from grey; a grey picture stays as it is."""
    return np.asarray(ImageEnhance.Color(Image.fromarray(picture)).enhance(SATURATION))


def posterise(picture: Picture) -> Picture:
    """Each channel rounded to four evenly spaced levels, from black to full."""
    step = 255 / (LEVELS - 1)
    return _levels(np.rint(picture / step) * step)


DEGRADATIONS: Mapping[str, Callable[[Picture], Picture]] = {
    "noise": noise,
    "blur": blur,
    "over_sharpening": over_sharpening,
    "saturation_boost": saturation_boost,
    "posterise": posterise,
}
"""Name -> picture (height x width x 3 uint8 RGB) to its degraded copy, of the same shape."""


def _blurred(picture: Picture, share: float) -> Picture:
    radius = share * min(picture.shape[:2])
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def _levels(values: NDArray[np.float64]) -> Picture:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
