"""Kept embeddings: what a judge made of a picture or clip, by its content.

::

    <home>/embeddings/<judge and environment>/<first two digits>/<sha256 of the media>.f16

A new metric on old media costs no encoding. Other weights, preprocessing, versions of torch or
kinds of device are other folders, so nothing is ever read that would be computed differently today.
A clip's file holds one row per frame.
A damaged file is as good as none: the picture is encoded again.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evals.types import digest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class EmbeddingStore:
    """The embeddings of one judge in one environment. Half precision, rows of one width."""

    folder: Path
    width: int

    def get(self, sha256: str, rows: int = 1) -> NDArray[np.float16] | None:
        """What is kept of the media with this content, (rows, width), if anything is."""
        import numpy as np

        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError:
            return None
        if len(data) != 2 * rows * self.width:
            return None
        return np.frombuffer(data, dtype="<f2").astype(np.float16).reshape(rows, self.width)

    def put(self, sha256: str, embedding: NDArray[np.float16]) -> None:
        """Keep one, (rows, width). Another process doing the same at that time does no harm."""
        path = self.path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_bytes(embedding.astype("<f2").tobytes())
        partial.replace(path)

    def path(self, sha256: str) -> Path:
        """Where that of the media with this content lies, if it does."""
        return self.folder / sha256[:2] / f"{sha256}.f16"


def kept(home: Path, identity: str, wanted: Mapping[str, int]) -> dict[str, NDArray[np.float64]]:
    """What a judge made of media, as far as it is kept: one vector each, without the judge.

    Of several environments the one that holds the most of them: vectors of two are never mixed. Of
    a clip the mean over its frames.

    Args:
        home: the user's folder.
        identity: `judges.identity` of the judge.
        wanted: sha256 of media -> how many frames it has; a picture has one.
    """
    best: dict[str, NDArray[np.float64]] = {}
    for folder in sorted((home / "embeddings").glob(f"{identity[:16]}-*")):
        found: dict[str, NDArray[np.float64]] = {}
        width = 0
        for sha256, rows in wanted.items():
            width = width or _width(folder, sha256, rows)
            made = EmbeddingStore(folder, width).get(sha256, rows) if width else None
            if made is not None:
                found[sha256] = made.mean(axis=0, dtype=float)
        if len(found) > len(best):
            best = found
    return best


def _width(folder: Path, sha256: str, rows: int) -> int:
    """Length of an embedding, by the size of its file; 0 where there is none."""
    try:
        return EmbeddingStore(folder, 0).path(sha256).stat().st_size // (2 * rows)
    except FileNotFoundError:
        return 0


def store_of(home: Path, identity: str, environment: str, width: int) -> EmbeddingStore:
    """Where the embeddings of a judge belong.

    Args:
        home: the user's folder.
        identity: `judges.identity` of the judge.
        environment: where it computes, in words (`Encoder.environment`).
        width: length of an embedding.
    """
    name = f"{identity[:16]}-{digest(environment)[:8]}"
    return EmbeddingStore(home / "embeddings" / name, width)
