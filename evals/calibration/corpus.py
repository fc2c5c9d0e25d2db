"""Rendered training data, and the split of captions into seen and unseen.

One scene in ten is never shown to any network in training: suites and validity checks draw their
prompts from those.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.calibration.scenes import SIZE, Scene, caption, every_scene, render

UNSEEN_SHARE = 0.10
FIRST_TRAINING_SEED = 1_000_000
"""Training renders use seeds from here on, evaluation small ones: no picture is in both."""


def is_unseen(scene: Scene) -> bool:
    """Whether the scene is kept from training: a hash of its caption decides."""
    first = hashlib.sha256(caption(scene).encode()).digest()[:8]
    return int.from_bytes(first, "big") / 2**64 < UNSEEN_SHARE


def seen_scenes() -> list[Scene]:
    """Scenes that networks are trained on, in a fixed order."""
    return [scene for scene in every_scene() if not is_unseen(scene)]


def unseen_scenes() -> list[Scene]:
    """Scenes that no network is trained on, in a fixed order."""
    return [scene for scene in every_scene() if is_unseen(scene)]


@dataclass(frozen=True)
class Corpus:
    """Pictures and the scenes they show, in step."""

    pictures: NDArray[np.uint8]
    """N x SIZE x SIZE x 3, RGB."""
    scenes: tuple[Scene, ...]


def build(scenes: list[Scene], renders: int, first_seed: int = FIRST_TRAINING_SEED) -> Corpus:
    """Render every scene `renders` times with consecutive seeds (about 1 ms a picture)."""
    pictures = np.empty((len(scenes) * renders, SIZE, SIZE, 3), dtype=np.uint8)
    for i, scene in enumerate(scenes):
        for j in range(renders):
            pictures[i * renders + j] = render(scene, first_seed + j)
    return Corpus(pictures, tuple(scene for scene in scenes for _ in range(renders)))
