"""Fixed pictures and clips that every run scores: do two environments give the same numbers?

Drawn by the calibration world's renderer, so they are the same bytes everywhere and need no file.
Half of them are large, as it is in making pictures smaller that libraries differ.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from evals.calibration import motions
from evals.calibration.scenes import caption, every_scene, render
from evals.types import Prompt

COUNT = 8
CLIPS = 4
FPS = motions.FPS
ENLARGED = 8
"""How many times its side every second picture is enlarged."""


@lru_cache(maxsize=1)
def probes() -> tuple[tuple[Prompt, NDArray[np.uint8]], ...]:
    """Prompts and pictures (height x width x 3 uint8), spread over the calibration world."""
    scenes = list(every_scene())
    chosen = [scenes[number * len(scenes) // COUNT] for number in range(COUNT)]
    made: list[tuple[Prompt, NDArray[np.uint8]]] = []
    for number, scene in enumerate(chosen):
        picture = render(scene, number)
        if number % 2:
            picture = _enlarged(picture)
        made.append((Prompt(f"probe-{number}", caption(scene), facts=scene.words), picture))
    return tuple(made)


@lru_cache(maxsize=1)
def clips() -> tuple[tuple[Prompt, NDArray[np.uint8]], ...]:
    """Prompts and clips (frames x height x width x 3 uint8), spread over the world in motion."""
    shots = list(motions.every_shot())
    chosen = [shots[(2 * number + 1) * len(shots) // (2 * CLIPS)] for number in range(CLIPS)]
    return tuple(
        (
            Prompt(f"probe-clip-{number}", motions.caption(shot), facts=shot.words),
            motions.render_clip(shot, number),
        )
        for number, shot in enumerate(chosen)
    )


def _enlarged(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Enlarged by repetition, with a fine grating on top: resizing must decide what to keep."""
    large = picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1).astype(np.int16)
    grating = 20 * (np.indices(large.shape[:2]).sum(axis=0) % 3 - 1)
    return np.clip(large + grating[:, :, None], 0, 255).astype(np.uint8)
