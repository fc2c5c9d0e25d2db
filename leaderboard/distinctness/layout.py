"""Embeddings of what a base and its variant made of the same prompts and seeds (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = tuple[str, int]
"""Prompt and seed."""


@dataclass(frozen=True)
class Paired:
    """Rows are pictures: row i of `variant` has the prompt and the seed of row i of `base`."""

    base: Floats
    """Pictures x width."""
    variant: Floats
    """Pictures x width."""
    prompt: NDArray[np.int64]
    """Of each row: a number below `prompts`; every number occurs."""

    @property
    def prompts(self) -> int:
        """How many prompts there are."""
        return int(self.prompt.max()) + 1 if len(self.prompt) else 0

    @property
    def averaging(self) -> Floats:
        """Prompts x pictures: each row takes the mean over the pictures of one prompt."""
        chosen = np.zeros((self.prompts, len(self.prompt)))
        chosen[self.prompt, np.arange(len(self.prompt))] = 1.0
        return chosen / chosen.sum(axis=1, keepdims=True)


def paired(base: Mapping[Key, Floats], variant: Mapping[Key, Floats]) -> Paired:
    """What both made: the prompts and seeds that are in both, in order.

    Args:
        base: prompt and seed -> embedding.
        variant: likewise, of the same width.
    """
    keys = sorted(base.keys() & variant.keys())
    names = {name: number for number, name in enumerate(dict.fromkeys(key[0] for key in keys))}
    return Paired(
        np.array([base[key] for key in keys], dtype=float),
        np.array([variant[key] for key in keys], dtype=float),
        np.array([names[key[0]] for key in keys], dtype=np.int64),
    )


def side_by_side(judged: Sequence[Floats]) -> Floats:
    """What several judges say of one picture as one vector of length 1: each judge counts alike.

    Args:
        judged: one embedding per judge, of any lengths; not all zeros.
    """
    parts = [one / np.linalg.norm(one) for one in judged]
    return np.concatenate(parts) / np.sqrt(len(parts))
