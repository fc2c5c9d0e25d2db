"""Rendered clips as training data, and the split of their captions into seen and unseen.

One shot in ten is never shown to any network in training, and none that starts from a still that
the judges were not shown.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from evals.calibration import corpus, motions
from evals.calibration.corpus import FIRST_TRAINING_SEED, UNSEEN_SHARE
from evals.calibration.motions import Shot

if TYPE_CHECKING:
    from torch import Tensor

CLIPS = 9_000
"""Clips that video models are trained on."""
SEED = 5


def is_unseen(shot: Shot) -> bool:
    """Whether the shot is kept from training: its still is, or a hash of its caption says so."""
    first = hashlib.sha256(motions.caption(shot).encode()).digest()[:8]
    return corpus.is_unseen(shot.scene) or int.from_bytes(first, "big") / 2**64 < UNSEEN_SHARE


def draw_shots(shots: Sequence[Shot], count: int, seed: int) -> list[Shot]:
    """`count` of the shots by chance, every motion at every speed equally often."""
    rng = np.random.default_rng(seed)
    groups: dict[tuple[str, str | None], list[Shot]] = defaultdict(list)
    for shot in shots:
        groups[shot.motion, shot.speed].append(shot)
    ordered = [groups[key] for key in sorted(groups, key=str)]
    turns = [ordered[i % len(ordered)] for i in range(count)]
    return [group[int(rng.integers(len(group)))] for group in turns]


@dataclass(frozen=True)
class ClipCorpus:
    """Clips as latents of the shared autoencoder, and the shots they show, in step."""

    latents: NDArray[np.float16]
    """N x frames x 8 x 16 x 16, mapped from disk."""
    captions: tuple[str, ...]


def build(work: Path, autoencoder: Any, encode: Any, count: int = CLIPS) -> ClipCorpus:
    """Render and encode `count` clips of the training split, once; later calls read the file.

    Args:
        work: folder of the training, where latents and captions are kept.
        autoencoder: trained.
        encode: (autoencoder, pictures) -> latents, as in `evals.calibration.diffusion`.
        count: clips.
    """
    kept, told = work / "clips.npy", work / "clips.json"
    if not told.exists():
        seen = [shot for shot in motions.every_shot() if not is_unseen(shot)]
        shots = draw_shots(seen, count, SEED)
        fresh = work / "clips.new.npy"
        shape = (count, motions.FRAMES, 8, 16, 16)
        latents: Any = np.lib.format.open_memmap(fresh, mode="w+", dtype=np.float16, shape=shape)
        for number, shot in enumerate(shots):
            frames = motions.render_clip(shot, FIRST_TRAINING_SEED + number)
            made: Tensor = encode(autoencoder, frames)
            latents[number] = made.numpy()
        latents.flush()
        fresh.replace(kept)
        told.write_text(json.dumps([motions.caption(shot) for shot in shots]))
    return ClipCorpus(np.load(kept, mmap_mode="r"), tuple(json.loads(told.read_text())))
