"""Directions of embeddings, in float64."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from evals.errors import ScoreError

if TYPE_CHECKING:
    from torch import Tensor


def unit(rows: Tensor) -> Tensor:
    """(..., width) -> the same with every row of length 1, float64.

    Raises:
        ScoreError: a row has no direction: it is zero, or not finite.
    """
    import torch

    lengths = cast("Tensor", torch.linalg.vector_norm(rows.double(), dim=-1, keepdim=True))
    if not bool((lengths.isfinite() & (lengths > 0)).all()):
        raise ScoreError("an embedding is zero or not finite, and has no direction")
    return rows.double() / lengths


def cosine(one: Tensor, other: Tensor) -> Tensor:
    """Cosine of two vectors (width,), in [-1, 1], float64.

    Raises:
        ScoreError: a vector has no direction.
        ValueError: they differ in width.
    """
    if one.shape != other.shape or one.dim() != 1:
        raise ValueError(f"embeddings differ: {tuple(one.shape)} and {tuple(other.shape)}")
    return (unit(one) * unit(other)).sum().clamp(-1, 1)
