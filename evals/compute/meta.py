"""One forward of a real network without its weights: parameters, FLOPs, and bytes moved.

Networks are built on torch's meta device, where a tensor has a shape and a type and no elements,
and run there in bf16 under torch's own FLOP counter. Nothing is multiplied, and a network of thirty
billion parameters takes no memory. What a forward asks of the *content* of a tensor is answered as
a plain call would (`assumed`); the bytes are counted beside (`traffic`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from evals.compute.types import Forward, Inputs, Network, Tensor
from evals.errors import ChurnboardError, InputError

if TYPE_CHECKING:
    from torch import nn

VERSION = 1
"""Of what is counted, and how; another one makes kept counts void."""


def count(network: Network, inputs: Inputs) -> Forward:
    """What one forward of a network takes.

    Raises:
        InputError: the class is not installed, refuses its arguments, or cannot take the inputs.
    """
    module = build(network)
    named = {name: on_meta(value) for name, value in inputs.items() if name != "positional"}
    placed = [on_meta(value) for value in inputs.get("positional", ())]
    return counted(module, lambda: module(*placed, **named), network.kind)


def build(network: Network, device: str = "meta") -> nn.Module:
    """The network in bf16, on the meta device without elements, elsewhere with random ones.

    Raises:
        InputError: as `count`.
    """
    import torch

    kind = _class_of(network)
    try:
        with torch.device(device):
            if network.library == "transformers":
                config = kind.config_class(**network.arguments, attn_implementation="sdpa")
                module = kind(config)
            else:
                module = kind(**network.arguments)
    except (TypeError, ValueError, KeyError, AssertionError) as error:
        raise InputError(f"{network.kind} cannot be built so: {_line(error)}") from error
    # diffusers' own `to` warns of layers that it would keep in 32 bits; the count is of bf16.
    torch.nn.Module.to(module, torch.bfloat16)
    return module.eval()


def counted(module: nn.Module, call: Callable[[], object], kind: str) -> Forward:
    """What a call of a module on the meta device takes.

    Raises:
        InputError: the call failed: the module cannot take what it was given.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from evals.compute.assumed import Assumed, without_autocast
    from evals.compute.traffic import Attention, Traffic

    counter = FlopCounterMode(display=False)
    traffic = Traffic()
    attention = Attention(traffic, counter.get_total_flops)
    try:
        with torch.no_grad(), without_autocast(), counter, traffic, attention, Assumed():
            call()
    except ChurnboardError:
        raise
    except Exception as error:  # whatever a foreign forward raises is its refusal
        raise InputError(f"{kind} cannot take that size: {_line(error)}") from error
    return Forward(
        sum(parameter.numel() for parameter in module.parameters()),
        counter.get_total_flops(),
        attention.flops,
        traffic.matmul_bytes,
        traffic.all_bytes,
    )


def on_meta(value: Any) -> Any:
    """An argument of a forward with its tensors made, on the meta device."""
    import torch

    if isinstance(value, Tensor):
        return torch.empty(value.shape, dtype=getattr(torch, value.dtype), device="meta")
    if isinstance(value, list):
        return [on_meta(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return {name: on_meta(item) for name, item in table.items()}
    return value


def _class_of(network: Network) -> Any:
    import diffusers
    import transformers

    library = diffusers if network.library == "diffusers" else transformers
    kind = getattr(library, network.kind, None)
    if kind is None:
        raise InputError(
            f"the installed {network.library} {library.__version__} has no class {network.kind}"
        )
    return kind


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
