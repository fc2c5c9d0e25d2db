"""Clips whose motion is spoilt and whose every frame is untouched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]


def frozen(frames: Frames) -> Frames:
    """The first frame throughout."""
    return np.broadcast_to(frames[:1], frames.shape)


def shuffled(frames: Frames) -> Frames:
    """The same frames in another order, drawn from the clip's own content.

    The first stays first, so that a clip that must begin with a given picture still does.
    """
    content = hashlib.sha256(repr(frames.shape).encode() + frames.tobytes()).digest()
    random = np.random.default_rng(list(content))
    return frames[[0, *(1 + random.permutation(len(frames) - 1))]]


DISORDERS: Mapping[str, Callable[[Frames], Frames]] = {"frozen": frozen, "shuffled": shuffled}
"""Name -> clip (frames x height x width x 3 uint8 RGB) to its copy, of the same shape."""
