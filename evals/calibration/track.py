"""Frames of a clip -> the one object in each: shown or hidden, where, how large, how turned.

How an object is turned is read by overlap with known silhouettes. The object is first brought to
one size and into the middle, so that all frames are compared with all silhouettes in one product of
matrices, whatever the object's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from evals.calibration import evidence
from evals.calibration.evidence import Field, Mask
from evals.calibration.scenes import SIZE, VOCABULARY
from evals.calibration.silhouettes import silhouette

Frames = NDArray[np.uint8]
Indices = NDArray[np.int64]

SATURATIONS = (78.0, 62.0, 110.0, 145.0)
"""Least saturation of ink: the first that finds a known shape. Lower than the first closes outlines
that a blur has thinned, higher parts the object from what it touches."""
EXPLAINED = 0.85
"""Mean overlap of the object with one silhouette from which on no other saturation is tried."""
SMALLEST, LARGEST = 40, 900
"""Area of the object in pixels, outline filled in."""
SPECK = 14
"""Components up to this many pixels are dirt and no object."""
MOST_BESIDE = 0.35
"""Area of other components over the object's, above which nobody can say which is the object."""

SYMMETRY = {"circle": 0, "square": 90, "triangle": 120, "star": 72, "cross": 90}
"""Shape -> degrees after which it looks the same again; 0: always."""
STEP = 3
"""Degrees between the silhouettes that an object is compared with."""
AREA = 1000.0
"""To which the object and the silhouettes are scaled before they are compared, in pixels."""
COARSE = 2
"""Every how many pixels they are compared."""


@dataclass(frozen=True)
class Track:
    """One object through a clip; arrays hold one entry per frame in which it is shown."""

    frames: int
    """Of the clip."""
    shown: Indices
    """Numbers of the frames in which exactly one object is seen, ascending."""
    hidden: Indices
    """Numbers of the frames in which none is. Of the frames left over nobody can say."""
    masks: Mask
    """shown x SIZE x SIZE: the object, filled."""
    inks: Mask
    """shown x SIZE x SIZE: its saturated pixels."""
    centres: Field
    """shown x 2: x and y of its centre of mass, in pixels from the upper left corner."""
    areas: Field
    """shown: in pixels."""
    overlaps: Field
    """shown x silhouettes: intersection over union with each of `_silhouettes`."""

    def likeness(self) -> dict[str, float]:
        """Shape -> mean over frames of the overlap with it at the angle that fits best, in [0, 1].

        Empty where no frame shows an object.
        """
        if not len(self.shown):
            return {}
        table = _silhouettes()
        return {
            shape: float(self.overlaps[:, table.of(shape)].max(axis=1).mean())
            for shape in VOCABULARY["shape"]
        }

    def angles(self, shape: str) -> Field:
        """Frame by frame the angle at which `shape` fits best, in degrees modulo its symmetry."""
        table = _silhouettes()
        columns = table.of(shape)
        return table.angles[columns][self.overlaps[:, columns].argmax(axis=1)]


def follow(frames: Frames) -> Track:
    """Find the object in each frame.

    Args:
        frames: T x SIZE x SIZE x 3 uint8, RGB.
    """
    saturation = np.array([evidence.saturation(frame.astype(float)) for frame in frames])
    best = _segment(saturation > SATURATIONS[0])
    for least in SATURATIONS[1:]:
        if max(best.likeness().values(), default=0.0) >= EXPLAINED:
            break
        other = _segment(saturation > least)
        if _explained(other) > _explained(best):
            best = other
    return best


def _explained(track: Track) -> float:
    """How much of the clip known shapes explain: likeness, and all the more in more frames."""
    return max(track.likeness().values(), default=0.0) * len(track.shown)


def _segment(ink: Mask) -> Track:
    """The object in each frame, given which pixels have colour."""
    filled = _filled(ink)
    labels, count = _components(filled, np.ones((3, 3)))
    area = np.bincount(labels.ravel(), minlength=count + 1)
    shown: list[int] = []
    hidden: list[int] = []
    masks: list[Mask] = []
    for number, frame in enumerate(labels):
        there = np.unique(frame)
        there = there[there > 0]
        sizes = area[there]
        if not (sizes > SPECK).any():
            hidden.append(number)
            continue
        largest = int(sizes.argmax())
        beside = sizes[sizes > SPECK].sum() - sizes[largest]
        if SMALLEST <= sizes[largest] <= LARGEST and beside <= MOST_BESIDE * sizes[largest]:
            shown.append(number)
            masks.append(frame == there[largest])
    found = np.array(masks, dtype=bool).reshape(-1, SIZE, SIZE)
    kept = np.array(shown, dtype=np.int64)
    centres = _centres(found)
    areas = found.sum(axis=(1, 2)).astype(float)
    return Track(
        frames=len(ink),
        shown=kept,
        hidden=np.array(hidden, dtype=np.int64),
        masks=found,
        inks=found & ink[kept],
        centres=centres,
        areas=areas,
        overlaps=_overlaps(found, centres, areas),
    )


def _components(stack: Mask, neighbours: Field) -> tuple[NDArray[np.int32], int]:
    """Label connected pixels frame by frame, all frames at once: labels of frames differ."""
    structure = np.zeros((3, 3, 3))
    structure[1] = neighbours
    return cast("tuple[NDArray[np.int32], int]", ndimage.label(stack, structure))


def _filled(ink: Mask) -> Mask:
    """Holes filled: what has no colour and is cut off from the border by what has."""
    labels, count = _components(~ink, ndimage.generate_binary_structure(2, 1).astype(float))
    outside = np.zeros(count + 1, dtype=bool)
    for edge in (labels[:, 0], labels[:, -1], labels[:, :, 0], labels[:, :, -1]):
        outside[edge] = True
    return ink | ~outside[labels]


def _centres(masks: Mask) -> Field:
    grid = np.arange(SIZE) + 0.5
    weight = np.maximum(1, masks.sum(axis=(1, 2)))
    x = (masks.sum(axis=1) * grid).sum(axis=1) / weight
    y = (masks.sum(axis=2) * grid).sum(axis=1) / weight
    return np.stack([x, y], axis=1)


@dataclass(frozen=True)
class _Silhouettes:
    """Every shape at every angle, of one area, its centre of mass in the middle."""

    table: Field
    """silhouettes x pixels: 1 inside, 0 outside."""
    shapes: tuple[str, ...]
    """Of each silhouette."""
    angles: Field
    """Of each silhouette, in degrees."""

    def of(self, shape: str) -> slice:
        """Where the silhouettes of a shape are."""
        first = self.shapes.index(shape)
        return slice(first, first + self.shapes.count(shape))


@cache
def _silhouettes() -> _Silhouettes:
    pictures: list[Mask] = []
    shapes: list[str] = []
    angles: list[float] = []
    middle, radius = SIZE / 2, 20.0
    for shape in VOCABULARY["shape"]:
        for angle in range(0, SYMMETRY[shape] or 1, STEP):
            whole = silhouette(shape, middle, middle, radius, angle) < 0
            scale = np.sqrt(AREA / whole.sum())
            x, y = middle - scale * (_centres(whole[None])[0] - middle)
            inside = silhouette(shape, x, y, radius * scale, angle) < 0
            pictures.append(inside[::COARSE, ::COARSE].ravel())
            shapes.append(shape)
            angles.append(float(angle))
    return _Silhouettes(np.array(pictures, dtype=float), tuple(shapes), np.array(angles))


def _overlaps(masks: Mask, centres: Field, areas: Field) -> Field:
    """Intersection over union of each mask, scaled and centred, with each silhouette."""
    known = _silhouettes()
    scaled = np.empty((len(masks), known.table.shape[1]))
    grid = np.arange(0, SIZE, COARSE) + 0.5 - SIZE / 2
    for number, (mask, (x, y), area) in enumerate(zip(masks, centres, areas, strict=True)):
        spread = grid * np.sqrt(area / AREA)
        rows = np.repeat(y + spread - 0.5, len(grid))
        columns = np.tile(x + spread - 0.5, len(grid))
        ndimage.map_coordinates(
            mask.astype(float), [rows, columns], output=scaled[number], order=1, mode="constant"
        )
    common = scaled @ known.table.T
    return common / (scaled.sum(axis=1)[:, None] + known.table.sum(axis=1) - common)
