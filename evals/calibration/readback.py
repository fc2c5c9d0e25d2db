"""Picture -> the words of the caption it honours, word by word, or None: it never guesses.

The paper is read along the border, objects are what is more saturated than any paper, and each
attribute is decided by its own measurement with a margin: where the evidence is not clear the
answer is None. Nothing here has been trained, so no model can have learnt to please it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from evals.calibration import evidence
from evals.calibration.evidence import Field, Mask
from evals.calibration.scenes import SIZE, VOCABULARY, Picture
from evals.calibration.silhouettes import silhouette

Reading = dict[str, str | None]

SATURATIONS = (78.0, 100.0, 125.0, 150.0)
"""Least difference between largest and smallest channel of a pixel that belongs to an object. The
higher ones part objects that touch: tried where the lowest does not explain the picture."""
EXPLAINED = 0.85
"""Mean overlap of the objects with one shape from which on no other saturation is tried."""
SMALLEST, LARGEST = 60, 330
"""Area of one object in pixels, outline filled in."""
SPECK = 14
"""Components up to this many pixels are dirt: ignored when counting, unless they add up."""
WINDOW = 14
"""Half the width of the window in which one object is compared with a shape, in pixels."""
MOST_DIRT = 0.35
"""Dirt above this share of the objects' area means that nothing can be counted."""


@dataclass(frozen=True)
class _Objects:
    """What stands on the paper."""

    ink: Mask
    """Saturated pixels."""
    masks: tuple[Mask, ...]
    """One filled silhouette per object."""
    dirt: float
    """Area of specks and blots over the area of the objects."""
    overlap: Mapping[str, float]
    """Shape -> mean intersection over union of the objects with it."""

    @property
    def likeness(self) -> float:
        """How well one shape explains the objects, less what is left over as dirt; at most 1."""
        return max(self.overlap.values()) - min(1.0, self.dirt)


def read(picture: Picture) -> Reading:
    """Say word by word what a picture shows.

    Args:
        picture: uint8, SIZE x SIZE x 3, RGB.

    Returns:
        attribute -> word of `VOCABULARY[attribute]`, or None where the picture does not say.

    Raises:
        ValueError: the array is not such a picture.

    On rendered pictures at most 2 % of the words are wrong or None; on noise at most 2 % are not
    None (both measured by the tests).
    """
    if picture.shape != (SIZE, SIZE, 3) or picture.dtype != np.uint8:
        raise ValueError(f"readback takes {SIZE} x {SIZE} x 3 uint8, got {picture.shape}")
    pixels = picture.astype(float)
    nothing: Reading = dict.fromkeys(VOCABULARY)
    paper = evidence.paper(pixels)
    if paper is None:
        return nothing
    background = evidence.background(paper)
    objects = _objects(pixels)
    if not objects.masks:
        return {**nothing, "background": background}
    counted = objects.dirt <= MOST_DIRT and len(objects.masks) <= len(VOCABULARY["count"])
    return {
        "count": VOCABULARY["count"][len(objects.masks) - 1] if counted else None,
        "colour": _colour(pixels, objects),
        "shape": _shape(objects),
        "place": _place(objects),
        "background": background,
        "style": _style(pixels, paper, objects),
    }


def accuracy(picture: Picture, words: Mapping[str, str]) -> float:
    """Share of the caption's words that the picture honours, in [0, 1]."""
    found = read(picture)
    return sum(found[attribute] == word for attribute, word in words.items()) / len(words)


def _objects(pixels: Field) -> _Objects:
    """The objects at the saturation at which known shapes explain them best."""
    saturation = evidence.saturation(pixels)
    best = _segment(saturation > SATURATIONS[0])
    for least in SATURATIONS[1:]:
        if best.likeness >= EXPLAINED:
            break
        other = _segment(saturation > least)
        if other.likeness > best.likeness:
            best = other
    return best


def _segment(ink: Mask) -> _Objects:
    filled = cast("Mask", ndimage.binary_fill_holes(ink))
    labels = cast("tuple[NDArray[np.int32], int]", ndimage.label(filled, np.ones((3, 3))))[0]
    masks: list[Mask] = []
    dirt = 0.0
    for i in range(1, int(labels.max()) + 1):
        mask: Mask = labels == i
        area = int(mask.sum())
        if SMALLEST <= area <= LARGEST:
            masks.append(mask)
        elif area > SPECK:
            dirt += area
        else:
            dirt += 0.5 * area
    total = float(sum(mask.sum() for mask in masks))
    overlap = {
        shape: float(np.mean([_overlap(mask, shape) for mask in masks])) if masks else 0.0
        for shape in VOCABULARY["shape"]
    }
    return _Objects(ink, tuple(masks), dirt / total if total else 0.0, overlap)


def _place(objects: _Objects) -> str | None:
    """Nearest place of the group's centre, if it lies within 7 pixels of it."""
    centres = [ndimage.center_of_mass(mask) for mask in objects.masks]
    y, x = np.mean(centres, axis=0) + 0.5
    nearest = evidence.place(float(x), float(y))
    if len(centres) > 1:
        spread = np.ptp(np.array(centres), axis=0)
        upright = bool(spread[0] > spread[1])
        if upright != (nearest in ("left", "right")):
            return None
    return nearest


@cache
def _template(shape: str, radius: float, x: float, y: float) -> Mask:
    """Silhouette of one object at a fraction (x, y) of a pixel off the middle of a small window."""
    middle = SIZE // 2
    inside = silhouette(shape, middle + x, middle + y, radius) < 0.3
    return inside[middle - WINDOW : middle + WINDOW + 1, middle - WINDOW : middle + WINDOW + 1]


def _shape(objects: _Objects) -> str | None:
    """The shape whose silhouette overlaps the objects best, if clearly so."""
    overlap = objects.overlap
    second, first = sorted(overlap, key=overlap.__getitem__)[-2:]
    if overlap[first] < 0.74 or overlap[first] - overlap[second] < 0.025:
        return None
    return first


def _overlap(mask: Mask, shape: str) -> float:
    """Best intersection over union of a mask with the shape, over small shifts and sizes."""
    y, x = np.array(ndimage.center_of_mass(mask)) + 0.5
    row, column = int(y), int(x)
    padded = np.pad(mask, WINDOW)
    window = padded[row : row + 2 * WINDOW + 1, column : column + 2 * WINDOW + 1]
    area = int(mask.sum())
    best = 0.0
    for radius in (7.4, 7.9, 8.4, 8.9, 9.4):
        for shift in (-0.5, 0.5):
            inside = _template(
                shape, radius, round(4 * (x - column)) / 4, round(4 * (y - row)) / 4 + shift
            )
            common = int(np.count_nonzero(window & inside))
            best = max(best, common / (area + int(np.count_nonzero(inside)) - common))
    return best


def _colour(pixels: Field, objects: _Objects) -> str | None:
    """Name of the ink, read from all objects together."""
    return evidence.colour(pixels, np.logical_or.reduce(objects.masks) & objects.ink)


def _style(pixels: Field, paper: Field, objects: _Objects) -> str | None:
    """Style of the objects on average."""
    distance = np.linalg.norm(pixels - paper[:, None], axis=2)
    brightness = pixels.mean(2)
    hollow = [evidence.hollowness(distance, mask) for mask in objects.masks]
    measured = [value for value in hollow if value is not None]
    if len(measured) < len(hollow):
        return None
    falls = [evidence.fall_of_light(brightness, mask) for mask in objects.masks]
    return evidence.style(float(np.mean(measured)), float(np.mean(falls)))
