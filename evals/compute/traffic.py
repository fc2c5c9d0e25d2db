"""Bytes that the operations of a forward move: every operand read once, every result written once.

Two bounds come out of it. `matmul_bytes` are those of matrix products, convolutions and attention,
as if all else were fused into them. `all_bytes` are those of every operation that moves data, as if
nothing were fused; a view moves none.

Attention is fused in both: its matrix of scores, of the square of the tokens, never leaves the chip
and is charged nothing. Its operands and result are charged as torch's reference path computes
them, which is in 32 bits; a kernel that stays in 16 moves half as much there. So both are bounds
from below on the intensity.
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
_PRODUCTS = {
    _ATEN.mm,
    _ATEN.addmm,
    _ATEN.bmm,
    _ATEN.baddbmm,
    _ATEN.convolution,
    _ATEN._scaled_dot_product_flash_attention_for_cpu,
}
_FREE = {_ATEN._unsafe_view, _ATEN.empty, _ATEN.empty_like, _ATEN.new_empty, _ATEN.lift_fresh}


class Traffic(TorchDispatchMode):
    """While entered, counts what every operation reads and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.matmul_bytes = 0
        self.all_bytes = 0
        self.scores: list[torch.Tensor] | None = None
        """Within attention: the tensors that are scores, charged nothing."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        if func.is_view:
            if self._touches_scores(args):
                self._mark(result)
            return result
        if packet in _FREE:
            if self._touches_scores(args):
                self._mark(result)
            return result
        product = packet in _PRODUCTS
        if self.scores is not None and product != self._touches_scores(args):
            self._mark(result)  # the first product makes scores, and whatever is made of them is
        moved = sum(_bytes(self._charged((args, kwargs, result))))
        self.all_bytes += moved
        self.matmul_bytes += moved if product else 0
        return result

    def _touches_scores(self, args: Any) -> bool:
        return bool(self.scores) and any(self._is_score(leaf) for leaf in tree_leaves(args))

    def _is_score(self, leaf: object) -> bool:
        return any(leaf is score for score in self.scores or ())

    def _mark(self, result: Any) -> None:
        if self.scores is not None:
            self.scores += [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]

    def _charged(self, tree: Any) -> Iterable[torch.Tensor]:
        tensors = (leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor))
        return (tensor for tensor in tensors if not self._is_score(tensor))


class Attention(TorchFunctionMode):
    """While entered, tells `Traffic` where attention begins and ends, and adds up its FLOPs."""

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
        self._traffic.scores = []
        try:
            return func(*args, **(kwargs or {}))
        finally:
            self._traffic.scores = None
            self.flops += self._total_flops() - before


def _bytes(tensors: Iterable[torch.Tensor]) -> Iterable[int]:
    return (tensor.numel() * tensor.element_size() for tensor in tensors)
