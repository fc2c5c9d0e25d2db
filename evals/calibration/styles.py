"""Looks that a drawing of the world can be given afterwards: the same scene, drawn another way.

A style is arithmetic on pixels that knows nothing of the scene: what is shown, how often and where
stays, and how it looks changes everywhere in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from evals.calibration.scenes import SIZE, Picture

Field = NDArray[np.float64]
Style = Callable[[Field], Field]
"""N x SIZE x SIZE x 3 in [0, 1] -> the same in another look, not yet clipped."""

HATCH = 16.0
"""Distance between the lines of the hatching along either axis, in pixels."""
HATCH_DEPTH = 0.45
"""Share of the light that the lines take."""
NIGHT = np.array([0.05, 0.03, 0.16])
"""RGB of the darkness that every ground sinks into."""
CHALK = np.array([1.0, 0.96, 0.94])
"""RGB that pastel mixes into everything."""


def hatched(pictures: Field) -> Field:
    """Soft diagonal lines over everything, as in an engraving."""
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    lines = 0.5 + 0.5 * np.cos(2 * np.pi * (x + y) / HATCH)
    return pictures * (1 - HATCH_DEPTH * lines[..., None])


def neon(pictures: Field) -> Field:
    """Grounds sink into a dark blue; whatever has colour glows."""
    low = pictures.min(axis=-1, keepdims=True)
    saturation = pictures.max(axis=-1, keepdims=True) - low
    glow = _blurred(pictures * saturation, 2.2)
    ground = NIGHT + 0.22 * pictures
    ink = np.clip(1.5 * (pictures - low) + 0.15 * pictures, 0, 1)
    share = np.clip(2.5 * (saturation - 0.25), 0, 1)
    return (1 - share) * ground + share * ink + 0.9 * glow


def pastel(pictures: Field) -> Field:
    """Blurred, half of the colour taken away, chalk mixed in."""
    soft = _blurred(pictures, 1.3)
    grey = soft.mean(axis=-1, keepdims=True)
    return 0.5 * (0.75 * soft + 0.25 * grey) + 0.5 * CHALK


def _blurred(pictures: Field, pixels: float) -> Field:
    return cast("Field", ndimage.gaussian_filter(pictures, (0, pixels, pixels, 0)))


STYLES: Mapping[str, Style] = {"hatched": hatched, "neon": neon, "pastel": pastel}
"""Name -> style."""


def restyle(name: str, pictures: Picture) -> Picture:
    """Pictures in another look.

    Args:
        name: one of `STYLES`.
        pictures: N x SIZE x SIZE x 3 uint8, RGB.
    """
    styled = STYLES[name](pictures.astype(float) / 255)
    return np.clip(np.rint(255 * styled), 0, 255).astype(np.uint8)
