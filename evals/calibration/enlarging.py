"""Exact enlargement: the drawing that a picture of this world was made from, drawn larger."""

from __future__ import annotations

import numpy as np

from evals.calibration import scenes
from evals.calibration.scenes import SIZE, Picture, Scene

FACTOR = 2
"""By which both sides grow, unless told otherwise."""
START_SEEDS = range(2000, 2100)
"""What pictures that are to be enlarged are drawn with; networks are trained on other seeds."""


def small(scene: Scene, seed: int) -> Picture:
    """The picture to enlarge: SIZE x SIZE x 3 uint8."""
    return scenes.render(scene, seed)


def large(scene: Scene, seed: int, factor: int = FACTOR) -> Picture:
    """What enlarging `small` should give: `factor` times as many pixels a side."""
    return scenes.draw(scene, scenes.look(scene, seed), factor * SIZE)


def seed_of(scene: Scene, picture: Picture) -> int | None:
    """The one of `START_SEEDS` with which `small` gives `picture`, to the pixel.

    None where there is none: nothing in a picture says what it was drawn with, so they are tried.
    """
    for seed in START_SEEDS:
        if np.array_equal(small(scene, seed), picture):
            return seed
    return None
