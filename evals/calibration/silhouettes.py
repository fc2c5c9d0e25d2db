"""Shapes of the calibration world as signed distance functions, and the grids they are drawn on.

Lengths are in units of the world, whose pictures are `SIDE` wide and high: at the usual size a
unit is a pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]

SIDE = 64
"""Width and height of every picture, in units."""
SHAPES = ("circle", "square", "triangle", "star", "cross")


@dataclass(frozen=True)
class Grid:
    """Where the pixels of a picture lie."""

    x: Field
    """Distance of every pixel's centre from the left edge, in units."""
    y: Field
    """Distance of every pixel's centre from the upper edge, in units."""
    scale: float
    """Pixels per unit."""


@lru_cache(maxsize=4)
def grid(size: int = SIDE) -> Grid:
    """The grid of a picture of `size` x `size` pixels."""
    if size < 1:
        raise ValueError(f"a picture is at least 1 pixel wide, not {size}")
    y, x = (np.mgrid[0:size, 0:size] + 0.5) * (SIDE / size)
    return Grid(x, y, size / SIDE)


def _polygon(vertices: NDArray[np.float64]) -> Callable[[Field, Field], Field]:
    """Signed distance (negative inside) to a closed polygon of unit circumradius."""

    def distance(x: Field, y: Field) -> Field:
        best = np.full(x.shape, np.inf)
        inside = np.zeros(x.shape, dtype=bool)
        for (ax, ay), (bx, by) in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
            ex, ey = bx - ax, by - ay
            along = np.clip(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0, 1)
            best = np.minimum(best, np.hypot(x - ax - along * ex, y - ay - along * ey))
            if ay != by:
                crosses = (ay > y) != (by > y)
                inside ^= crosses & (x < ax + (y - ay) * ex / ey)
        return np.where(inside, -best, best)

    return distance


def _vertices(shape: str) -> NDArray[np.float64]:
    if shape == "square":
        return 0.84 * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=float)
    if shape == "cross":
        a, b = 1.0, 0.36
        quarter = [(b, -a), (b, -b), (a, -b)]
        return np.array([_turn(point, k) for k in range(4) for point in quarter], dtype=float)
    corners = 3 if shape == "triangle" else 10
    angle = 2 * np.pi * np.arange(corners) / corners - np.pi / 2
    radius = np.full(corners, 1.14)
    shift = 0.16 if shape == "triangle" else 0.04
    if shape == "star":
        radius[1::2] = 0.5
    return np.stack([radius * np.cos(angle), radius * np.sin(angle) + shift], axis=1)


def _turn(point: tuple[float, float], quarters: int) -> tuple[float, float]:
    x, y = point
    for _ in range(quarters):
        x, y = -y, x
    return x, y


def _circle(x: Field, y: Field) -> Field:
    return np.hypot(x, y) - 0.95


_DISTANCE: dict[str, Callable[[Field, Field], Field]] = {
    shape: _circle if shape == "circle" else _polygon(_vertices(shape)) for shape in SHAPES
}


def silhouette(
    shape: str, x: float, y: float, radius: float, angle: float = 0.0, on: Grid | None = None
) -> Field:
    """Signed distance in units (negative inside) of one object, at every pixel of a grid.

    `angle` turns the object clockwise about its centre, in degrees; without a grid it is that of
    a picture of the usual size.
    """
    pixels = on if on is not None else grid()
    across, down = (pixels.x - x) / radius, (pixels.y - y) / radius
    if angle:
        cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        across, down = cosine * across + sine * down, cosine * down - sine * across
    return radius * _DISTANCE[shape](across, down)
