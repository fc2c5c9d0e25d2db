"""One more token of a language model, after a context that its cache holds."""

from __future__ import annotations

from typing import Any

from evals.compute import meta
from evals.compute.types import Forward, Network, Tensor


def decode(network: Network, batch: int, context: int) -> Forward:
    """One token of each of `batch` sequences, after `context` tokens that are in the cache.

    Raises:
        InputError: as `meta.count`.
    """
    module: Any = meta.build(network)
    token = meta.on_meta(Tensor((batch, 1), "int64"))
    cache = filled_cache(module.config, batch, context, "meta")
    return meta.counted(
        module,
        lambda: module(input_ids=token, past_key_values=cache, use_cache=True),
        network.kind,
    )


def filled_cache(config: Any, batch: int, context: int, device: str) -> Any:
    """A cache of keys and values that holds so many tokens, their content undefined."""
    import torch
    from transformers import DynamicCache

    cache: Any = DynamicCache()
    width = config.hidden_size // config.num_attention_heads
    shape = (batch, config.num_key_value_heads, context, width)
    for layer in range(config.num_hidden_layers):
        keys = torch.zeros(shape, dtype=torch.bfloat16, device=device)
        cache.update(keys, torch.zeros_like(keys), layer)
    return cache
