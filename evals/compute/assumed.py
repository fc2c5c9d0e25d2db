"""What a forward asks of the content of tensors that have none, answered as a plain call would.

Masks are taken to keep everything, and their negations nothing; a yes-or-no question is answered
yes. Asked so are: whether a prompt holds one text only (language models), whether there is no start
picture (HunyuanVideo 1.5), and which tokens a mask keeps (HunyuanVideo 1.5, Mochi).
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_ATEN = torch.ops.aten


class Assumed(TorchDispatchMode):
    """While entered, operations on the meta device whose result depends on content have one."""

    def __init__(self) -> None:
        super().__init__()
        self._empty: list[torch.Tensor] = []
        """Masks that keep nothing. They are held, so that no other tensor takes their identity."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        packet = func.overloadpacket
        if packet is _ATEN._local_scalar_dense and args[0].is_meta:
            return args[0].dtype == torch.bool or 1
        if packet is _ATEN.nonzero and args[0].is_meta:
            return args[0].new_empty((self._kept(args[0]), args[0].dim()), dtype=torch.int64)
        if packet is _ATEN.index and args[0].is_meta and _by_mask(args[1]):
            tensor, (mask, *_) = args[0], args[1]
            return tensor.new_empty((self._kept(mask), *tensor.shape[mask.dim() :]))
        result = func(*args, **(kwargs or {}))
        if packet is _ATEN.bitwise_not and result.is_meta:
            self._empty.append(result)
        return result

    def _kept(self, mask: torch.Tensor) -> int:
        return 0 if any(mask is empty for empty in self._empty) else mask.numel()


def _by_mask(indices: Any) -> bool:
    return indices[0] is not None and indices[0].dtype == torch.bool


@contextlib.contextmanager
def without_autocast() -> Generator[None]:
    """While entered, `torch.autocast("meta", …)` does nothing: torch knows no such device there.

    Mochi asks for it around positions that it computes in 32 bits anyway.
    """
    original = torch.autocast

    def autocast(device_type: str, *args: Any, **kwargs: Any) -> Any:
        if device_type == "meta":
            return contextlib.nullcontext()
        return original(device_type, *args, **kwargs)

    torch.autocast = autocast  # pyright: ignore[reportAttributeAccessIssue]
    try:
        yield
    finally:
        torch.autocast = original
