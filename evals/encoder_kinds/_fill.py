"""Weights into a network: all of them, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from evals.errors import LoadError
from evals.judges.pins import Judge

if TYPE_CHECKING:
    from torch import Tensor


COUNTER = "num_batches_tracked"
"""What batch normalisation counts while it learns: old files lack it, and nothing here reads it."""


def fill(judge: Judge, network: Any, weights: Mapping[str, Tensor]) -> None:
    """Copy `weights` into a torch module, each to the place of its name, in the module's precision.

    Raises:
        LoadError: a name is missing or unknown, or a shape differs; names the first.
    """
    wanted = _shapes(network.state_dict())
    given = _shapes(weights)
    names = sorted(wanted.keys() | given.keys())
    odd = [name for name in names if wanted.get(name) != given.get(name)]
    if odd:
        raise LoadError(
            f"judge {judge.id}: {judge.weights.wanted} does not fit:"
            f" {odd[0]} is {given.get(odd[0], 'missing')}, where {judge.kind} has"
            f" {wanted.get(odd[0], 'nothing')} ({len(odd)} of {len(names)} differ)"
        )
    network.load_state_dict(weights, strict=False)


def _shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    named = weights.items()
    return {name: tuple(value.shape) for name, value in named if not name.endswith(COUNTER)}
