"""Weights of one library's CLIP → names and shapes of another's; values stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from evals.errors import LoadError

if TYPE_CHECKING:
    from torch import Tensor

_PLAIN = {
    "logit_scale": "logit_scale",
    "text_model.embeddings.token_embedding.weight": "token_embedding.weight",
    "text_model.embeddings.position_embedding.weight": "positional_embedding",
    "text_model.final_layer_norm.weight": "ln_final.weight",
    "text_model.final_layer_norm.bias": "ln_final.bias",
    "vision_model.embeddings.class_embedding": "visual.class_embedding",
    "vision_model.embeddings.patch_embedding.weight": "visual.conv1.weight",
    "vision_model.embeddings.position_embedding.weight": "visual.positional_embedding",
    "vision_model.pre_layrnorm.weight": "visual.ln_pre.weight",
    "vision_model.pre_layrnorm.bias": "visual.ln_pre.bias",
    "vision_model.post_layernorm.weight": "visual.ln_post.weight",
    "vision_model.post_layernorm.bias": "visual.ln_post.bias",
}
_TRANSPOSED = {
    "text_projection.weight": "text_projection",
    "visual_projection.weight": "visual.proj",
}
_TOWERS = {"text_model": "transformer", "vision_model": "visual.transformer"}
_LAYER = re.compile(r"(text_model|vision_model)\.encoder\.layers\.(\d+)\.(.+)\.(weight|bias)")
_PARTS = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_QUERY, _KEY, _VALUE = (f"self_attn.{letter}_proj" for letter in "qkv")
_NOT_WEIGHTS = re.compile(r"(text_model|vision_model)\.embeddings\.position_ids")


def is_transformers_clip(weights: Mapping[str, Tensor]) -> bool:
    """Whether the names are those of a transformers `CLIPModel`."""
    return "visual_projection.weight" in weights


def without_positions(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of a `CLIPModel` less the counters 0, 1, 2, … that older versions saved with them."""
    return {name: value for name, value in weights.items() if not _NOT_WEIGHTS.fullmatch(name)}


def to_open_clip(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A transformers `CLIPModel` as open_clip's `CLIP` of the same architecture.

    Queries, keys and values are one matrix there, in this order, and the two projections are
    applied from the other side. The activation is no weight: ask open_clip for the `-quickgelu`
    architecture where transformers' configuration says `quick_gelu`.

    Raises:
        LoadError: a name that no CLIP has, or queries without their keys and values.
    """
    import torch

    named = without_positions(weights)
    found: dict[str, Tensor] = {}
    for name, value in named.items():
        if name in _PLAIN:
            found[_PLAIN[name]] = value
            continue
        if name in _TRANSPOSED:
            found[_TRANSPOSED[name]] = value.T.contiguous()
            continue
        match = _LAYER.fullmatch(name)
        if match is None:
            raise LoadError(f"{name!r} is no weight of a transformers CLIPModel")
        tower, number, part, kind = match.groups()
        block = f"{_TOWERS[tower]}.resblocks.{number}"
        if part in _PARTS:
            found[f"{block}.{_PARTS[part]}.{kind}"] = value
        elif part == _QUERY:
            three = [name.replace(_QUERY, other) for other in (_QUERY, _KEY, _VALUE)]
            missing = [other for other in three if other not in named]
            if missing:
                raise LoadError(f"the weights lack {missing[0]!r}")
            found[f"{block}.attn.in_proj_{kind}"] = torch.cat([named[other] for other in three])
        elif part not in (_KEY, _VALUE):
            raise LoadError(f"{name!r} is no weight of a transformers CLIPModel")
    return found
