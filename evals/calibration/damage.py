"""Ways to damage training pictures, so that a judge learns to see damage, or to see past it.

Each takes 1 x 3 x H x W in [-1, 1] and a strength in [0, 1], and returns the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from evals.calibration.scenes import SIZE

SHARE = 0.5
"""Of the pictures that are damaged."""
WEAKEST = 0.25
PATCH = 8
Damage = Callable[[Tensor, float, np.random.Generator], Tensor]


def noisy(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Gaussian noise."""
    del rng
    return picture + 0.35 * strength * torch.randn_like(picture)


def soft(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Means over 3 x 3 pixels, up to four times."""
    del rng
    for _ in range(1 + round(3 * strength)):
        edged = functional.pad(picture, (1, 1, 1, 1), mode="replicate")
        picture = functional.avg_pool2d(edged, 3, 1)
    return picture


def misplaced(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Up to four patches copied to where they do not belong."""
    result = picture.clone()
    for _ in range(1 + round(3 * strength)):
        (down, right), (to_down, to_right) = rng.integers(SIZE - PATCH, size=(2, 2))
        patch = picture[..., down : down + PATCH, right : right + PATCH]
        result[..., to_down : to_down + PATCH, to_right : to_right + PATCH] = patch
    return result


def haloed(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Edges overdrawn: the difference to a blurred copy added back, clipped."""
    smooth = soft(picture, 0.0, rng)
    return (picture + (1 + 4 * strength) * (picture - smooth)).clamp(-1, 1)


def garish(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
    """Colours further from grey, clipped."""
    del rng
    grey = picture.mean(dim=1, keepdim=True)
    return (grey + (1.5 + 2 * strength) * (picture - grey)).clamp(-1, 1)


def misdrawn(vae: Any) -> Damage:
    """Through the world's autoencoder with noisy latents, as a weak model's pictures are."""

    @torch.no_grad()
    def damage(picture: Tensor, strength: float, rng: np.random.Generator) -> Tensor:
        del rng
        latents = vae.encode(picture).latent_dist.mean
        return vae.decode(latents + strength * torch.randn_like(latents)).sample

    return damage


def spoil(
    pixels: Tensor, ways: Sequence[Damage], rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """About half of the pictures damaged, each in one way of random strength.

    Args:
        pixels: N x 3 x H x W in [-1, 1].
        ways: one is chosen for each damaged picture.
        rng: chooses; torch's own generator makes the noise.

    Returns pixels of the same shape, and N labels: 0 clean, 1 damaged.
    """
    labels = torch.from_numpy((rng.random(len(pixels)) < SHARE).astype(np.int64))
    result = pixels.clone()
    for number in np.flatnonzero(labels.numpy()):
        way, strength = ways[int(rng.integers(len(ways)))], float(rng.uniform(WEAKEST, 1))
        result[number] = way(pixels[number : number + 1], strength, rng)[0]
    # A little noise on all of them: a compressed picture is not a damaged one.
    return result + 0.015 * torch.randn_like(result), labels
