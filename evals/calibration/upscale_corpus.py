"""Pairs of pictures to learn enlargement from: one scene drawn at 64 x 64 and at 128 x 128."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from evals.calibration import corpus
from evals.calibration.fitting import to_unit
from evals.calibration.scenes import SIZE, Scene, draw, look
from evals.calibration.upscale_networks import LARGE

PAIRS = 3072
SEED = 21
CROP = SIZE // 2
"""Side of a crop of the small picture, in pixels."""
FLAWED = 0.1
"""Share of small pictures that are drawn through the shared autoencoder, as a model's are."""
LATENT_NOISE = 0.15
"""Largest standard deviation of the noise on the latents of those."""


@dataclass(frozen=True)
class Pairs:
    """Small and large pictures of scenes that networks are trained on, in step."""

    small: NDArray[np.uint8]
    """N x 64 x 64 x 3, RGB."""
    large: NDArray[np.uint8]
    """N x 128 x 128 x 3, RGB."""
    scenes: tuple[Scene, ...]
    corners: NDArray[np.int64]
    """N x 2, even: upper left corner (row, column) of a crop with an object, in small pixels."""


def build(count: int = PAIRS) -> Pairs:
    """Draw `count` seen scenes, each once, in two sizes."""
    rng = np.random.default_rng(SEED)
    seen = corpus.seen_scenes()
    scenes: list[Scene] = [seen[i] for i in rng.permutation(len(seen))[:count]]
    small = np.empty((len(scenes), SIZE, SIZE, 3), np.uint8)
    large = np.empty((len(scenes), LARGE, LARGE, 3), np.uint8)
    corners = np.empty((len(scenes), 2), np.int64)
    for number, scene in enumerate(scenes):
        drawn = look(scene, corpus.FIRST_TRAINING_SEED + number)
        small[number], large[number] = draw(scene, drawn), draw(scene, drawn, LARGE)
        pose = drawn.poses[int(rng.integers(len(drawn.poses)))]
        middle = np.array([pose.y, pose.x]) + rng.uniform(-8, 8, 2)
        corners[number] = 2 * np.clip(np.rint((middle - CROP / 2) / 2), 0, (SIZE - CROP) / 2)
    return Pairs(small, large, tuple(scenes), corners)


@torch.no_grad()
def flaw(small: NDArray[np.uint8], vae: Any) -> NDArray[np.uint8]:
    """The same pictures, some of them not quite as drawn: a share of `FLAWED`.

    Args:
        small: N x 64 x 64 x 3.
        vae: the autoencoder of the models that draw pictures.
    """
    rng = np.random.default_rng(SEED)
    flawed = small.copy()
    for place in np.array_split(np.flatnonzero(rng.random(len(small)) < FLAWED), 32):
        if not len(place):
            continue
        latents = vae.encode(to_unit(small[place])).latent_dist.mean
        strength = torch.from_numpy(rng.uniform(0, LATENT_NOISE, (len(place), 1, 1, 1))).float()
        drawn = vae.decode(latents + strength * torch.randn_like(latents)).sample
        levels = ((drawn + 1) * 127.5).round().clamp(0, 255).byte()
        flawed[place] = levels.permute(0, 2, 3, 1).numpy()
    return flawed


def cut(pictures: Tensor, corners: NDArray[np.int64], scale: float = 1) -> Tensor:
    """Crops of pictures, N x channels x side x side.

    Args:
        pictures: N x channels x height x width.
        corners: of the crops, in pixels of the small picture, even.
        scale: pixels of these pictures to one of the small.
    """
    side = int(CROP * scale)
    starts = (corners * scale).astype(int)
    crops = [
        picture[..., row : row + side, column : column + side]
        for picture, (row, column) in zip(pictures, starts, strict=True)
    ]
    return torch.stack(crops)
