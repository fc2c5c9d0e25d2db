"""Made-up pictures of a base and a variant: embeddings whose style and content are known."""

from __future__ import annotations

import numpy as np

from leaderboard.distinctness.layout import Floats, Paired


def made(
    rng: np.random.Generator,
    prompts: int = 40,
    seeds: int = 2,
    width: int = 12,
    *,
    style: float = 0.0,
    content: float = 0.0,
    common: float = 0.5,
    spread: float = 1.0,
) -> Paired:
    """What both made of the same prompts and seeds.

    Args:
        rng: all chance.
        prompts: how many.
        seeds: pictures of each.
        width: of an embedding.
        style: length of the step that every picture of the variant takes, along one axis.
        content: what both show differs by as much from the prompt, each in its own way: the two
            may still be swapped at any prompt.
        common: share of a picture's noise that comes from the seed and is in both.
        spread: how far prompts lie apart.
    """
    prompt = np.repeat(np.arange(prompts), seeds)
    shape = (prompts * seeds, width)
    meant = spread * rng.normal(size=(prompts, width))
    start = rng.normal(size=shape)

    def one() -> Floats:
        shown = meant + content * rng.normal(size=meant.shape)
        noise = np.sqrt(common) * start + np.sqrt(1 - common) * rng.normal(size=shape)
        return shown[prompt] + 0.3 * noise

    axis = np.zeros(width)
    axis[0] = style
    return Paired(one(), one() + axis, prompt)
