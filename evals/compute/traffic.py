"""Bytes that the operations of a forward move: every operand read once, every result written once.

Two bounds come out of it. `matmul_bytes` are those of matrix products, convolutions and attention,
as if all else were fused into them. `all_bytes` are those of every operation that moves data, as if
nothing were fused; a view moves none.

Attention is one kernel in both: its scores, as many as the square of the tokens, never leave the
chip and are charged nothing. Its operands and result are charged in 32 bits, which is how torch's
reference path takes them; a kernel that stays in 16 moves half as much there. Unfused, that path's
conversions to and from 32 bits and its scaling of queries and keys are charged, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
import torch.nn.functional as functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_ATEN = torch.ops.aten
PRODUCTS = {_ATEN.mm, _ATEN.addmm, _ATEN.bmm, _ATEN.baddbmm, _ATEN.convolution}
"""Operations whose FLOPs count."""
_FREE = {_ATEN._unsafe_view, _ATEN.empty, _ATEN.empty_like, _ATEN.new_empty, _ATEN.lift_fresh}
_WIDE = 4
"""Bytes of an element within attention."""


class Traffic(TorchDispatchMode):
    """While entered, counts what every operation outside attention reads and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.matmul_bytes = 0
        self.all_bytes = 0
        self.paused = False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        if not (self.paused or func.is_view or packet in _FREE):
            moved = sum(_size(tensor) for tensor in _tensors((args, kwargs, result)))
            self.all_bytes += moved
            self.matmul_bytes += moved if packet in PRODUCTS else 0
        return result


class Attention(TorchFunctionMode):
    """While entered, charges every attention to `traffic` as a whole and adds up its FLOPs."""

    def __init__(self, traffic: Traffic, total_flops: Callable[[], int]) -> None:
        super().__init__()
        self._traffic = traffic
        self._total_flops = total_flops
        self.flops = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        if func is not functional.scaled_dot_product_attention:
            return func(*args, **(kwargs or {}))
        before = self._total_flops()
        self._traffic.paused = True
        try:
            result = func(*args, **(kwargs or {}))
        finally:
            self._traffic.paused = False
        self.flops += self._total_flops() - before
        names = ("query", "key", "value", "attn_mask")
        given: dict[str, Any] = dict(zip(names, args, strict=False))
        given.update(kwargs or {})
        self._charge(result, **given)
        return result

    def _charge(
        self,
        result: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attn_mask: torch.Tensor | None = None,
        **rest: object,
    ) -> None:
        """Operands and result; unfused also converted both ways, and queries and keys scaled."""
        product = sum(_WIDE * tensor.numel() for tensor in (query, key, value, result))
        converted = sum(
            _size(tensor) + _WIDE * tensor.numel()
            for tensor in (query, key, value, result)
            if tensor.element_size() < _WIDE
        )
        scaled = sum(2 * _WIDE * tensor.numel() for tensor in (query, key))
        masked = 0 if attn_mask is None else _size(attn_mask)
        self._traffic.matmul_bytes += product
        self._traffic.all_bytes += product + converted + scaled + masked


def _tensors(tree: Any) -> Iterable[torch.Tensor]:
    return (leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor))


def _size(tensor: torch.Tensor) -> int:
    return tensor.numel() * tensor.element_size()
