"""What one picture says about one attribute: measured, and named only with a margin.

The parts that reading a picture (`readback`) and reading a clip (`clip_readback`) share. Each
decision compares a measurement with what the renderer draws and gives None where the nearest word
is not near, or not clearly nearer than the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from evals.calibration.scenes import BACKGROUNDS, COLOURS, PLACES, RADIUS, SIZE

Field = NDArray[np.float64]
Mask = NDArray[np.bool_]

RING = 2
"""Width of the border on which the paper is read, in pixels."""
RING_NOISE = 18.0
"""Largest root mean square deviation of the border from a smooth paper, in levels of 255."""
FARTHEST = 7.0
"""Pixels between a place and what still counts as standing there."""


def paper(pixels: Field) -> Field | None:
    """The paper's colour per row (SIZE x 3), or None where the border is not smooth paper."""
    sides = np.concatenate([pixels[:, :RING], pixels[:, -RING:]], axis=1)
    rows = np.median(sides, axis=1)
    height = np.arange(SIZE) - (SIZE - 1) / 2
    slope = (height[:, None] * rows).sum(0) / np.square(height).sum()
    fitted = rows.mean(0) + height[:, None] * slope
    ends = np.concatenate([pixels[:RING], pixels[-RING:]])
    ends_fitted = np.concatenate([fitted[:RING], fitted[-RING:]])
    noise = np.concatenate(
        [(sides - fitted[:, None]).reshape(-1, 3), (ends - ends_fitted[:, None]).reshape(-1, 3)]
    )
    if np.sqrt(np.square(noise).mean()) > RING_NOISE:
        return None
    return fitted


def background(colours: Field) -> str | None:
    """Name of a paper given its colour per row: near one prototype, clearly nearer than others."""
    colour = colours.mean(0)
    gaps: dict[str, float] = {}
    for name, rgb in BACKGROUNDS.items():
        plain = np.array(rgb, dtype=float)
        in_shade = 0.91 * plain + 5
        gaps[name] = float(min(np.linalg.norm(colour - plain), np.linalg.norm(colour - in_shade)))
    first, second = _two_nearest(gaps)
    if gaps[first] > 55 or gaps[first] > 0.75 * gaps[second]:
        return None
    return first


def saturation(pixels: Field) -> Field:
    """Largest less smallest channel of each pixel: high in every ink, low in every paper."""
    return pixels.max(-1) - pixels.min(-1)


def colour(pixels: Field, member: Mask) -> str | None:
    """Hue of the most saturated pixels among `member`, if one ink is clearly nearest."""
    inked = pixels[member]
    saturated = saturation(inked)
    strongest = inked[saturated >= np.quantile(saturated, 0.5)]
    hue = _hue(np.median(strongest, axis=0))
    gaps = {
        name: abs((hue - _hue(np.array(rgb, dtype=float)) + 180) % 360 - 180)
        for name, rgb in COLOURS.items()
    }
    first, second = _two_nearest(gaps)
    if gaps[first] > 24 or gaps[first] > 0.7 * gaps[second]:
        return None
    return first


def _hue(rgb: NDArray[np.float64]) -> float:
    """Hue angle in degrees."""
    r, g, b = rgb
    return float(np.degrees(np.arctan2(np.sqrt(3) * (g - b), 2 * r - g - b))) % 360


def place(x: float, y: float) -> str | None:
    """The place nearest to a point (in pixels from the upper left corner), if it is near."""
    gaps = {name: float(np.hypot(x - px, y - py)) for name, (px, py) in PLACES.items()}
    nearest = min(gaps, key=gaps.__getitem__)
    return nearest if gaps[nearest] <= FARTHEST else None


def eroded(mask: Mask, pixels: int) -> Mask:
    """The mask less its outermost pixels."""
    return cast("Mask", ndimage.binary_erosion(mask, iterations=pixels))


def hollowness(distance: Field, mask: Mask) -> float | None:
    """How far the middle of an object is from paper, over how far its rim is: near 0 if hollow.

    Args:
        distance: of each pixel's colour from the paper's.
        mask: the object, filled.

    Returns:
        None where the object is too small to have a middle.
    """
    core = eroded(mask, 3)
    rim = mask & ~eroded(mask, 2)
    if core.sum() < 4:
        core = eroded(mask, 2)
    if core.sum() < 3:
        return None
    return float(np.median(distance[core]) / max(1.0, np.quantile(distance[rim], 0.7)))


def fall_of_light(brightness: Field, mask: Mask, radius: float = RADIUS) -> float:
    """By which part of its mean an object darkens from its upper left to its lower right.

    Args:
        brightness: mean of the channels of each pixel.
        mask: the object, filled.
        radius: of the object, in pixels.
    """
    inner = eroded(mask, 1)
    rows, columns = np.nonzero(inner)
    along = (rows + columns) - (rows + columns).mean()
    light = brightness[inner]
    slope = float((along * (light - light.mean())).sum() / np.square(along).sum())
    return -slope * 2 * radius / max(30.0, float(light.mean()))


def style(hollow: float, fall: float) -> str | None:
    """Sketch: objects are hollow. Shaded: light falls from the upper left. Else flat."""
    if hollow < 0.45:
        return "sketch"
    if hollow < 0.62:
        return None
    if fall > 0.28:
        return "shaded"
    return "flat" if abs(fall) < 0.16 else None


def _two_nearest(gaps: Mapping[str, float]) -> list[str]:
    return sorted(gaps, key=gaps.__getitem__)[:2]
