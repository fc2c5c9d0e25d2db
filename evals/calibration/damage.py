"""Ways to damage training pictures, so that a judge learns to see damage, or to see past it.

Each takes 1 x 3 x H x W in [-1, 1] and a strength in [0, 1], and returns the same shape.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from evals.calibration.fitting import to_unit
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
    # A little noise on all of them: a picture need not be exact to be clean.
    return result + 0.015 * torch.randn_like(result), labels


def handle(pixels: Tensor, rng: np.random.Generator) -> Tensor:
    """What happens to a picture on its way and is no damage, to half of the pictures each.

    A shift by one pixel, its edge repeated, and JPEG at a quality of 90 to 97.

    Args:
        pixels: N x 3 x H x W in [-1, 1].
        rng: chooses.
    """
    result = pixels.clone()
    for number in range(len(pixels)):
        picture = pixels[number : number + 1]
        if rng.random() < 0.5:
            down, right = rng.integers(3, size=2)
            edged = functional.pad(picture, (1, 1, 1, 1), mode="replicate")
            picture = edged[..., down : down + SIZE, right : right + SIZE]
        if rng.random() < 0.5:
            levels = ((picture[0] + 1) * 127.5).round().clamp(0, 255).byte()
            buffer = io.BytesIO()
            drawn = Image.fromarray(levels.permute(1, 2, 0).numpy())
            drawn.save(buffer, format="JPEG", quality=int(rng.integers(90, 98)))
            with Image.open(buffer) as opened:
                picture = to_unit(np.array(opened)[None])
        result[number] = picture[0]
    return result
