"""Files of weights → tensors by name; nothing in a file is ever run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from evals.errors import LoadError
from evals.home import shown

if TYPE_CHECKING:
    from torch import Tensor

WRAPPED = ("state_dict", "model_state_dict", "model")
"""Keys under which training programs put the weights beside other things."""


def read(path: Path) -> Mapping[str, Tensor]:
    """The tensors in a safetensors file, or in one that torch saved (read with `weights_only`).

    Raises:
        LoadError: damaged, or it holds anything but tensors by name.
    """
    import torch
    from safetensors.torch import load_file  # pyright: ignore[reportUnknownVariableType]

    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        detail = (str(error).strip().splitlines() or [""])[0][:200]
        raise LoadError(f"{shown(path)} holds no readable weights: {detail}") from error
    for key in WRAPPED:
        if isinstance(found, dict) and isinstance(found.get(key), dict):  # pyright: ignore[reportUnknownMemberType]
            found = found[key]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(found, dict):
        raise LoadError(f"{shown(path)} holds no tensors by name")
    named = cast("dict[str, Any]", found)
    stray = [name for name, value in named.items() if not isinstance(value, torch.Tensor)]
    if stray:
        raise LoadError(f"{shown(path)}: {stray[0]!r} is no tensor")
    return named
