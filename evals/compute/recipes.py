"""What the forward of each class of network is given, for any size (pure).

A recipe turns an architecture and a shot into the arguments of one forward of one sample: latents
where the class patches them itself, packed tokens with their positions where its pipeline does.
Shapes are those of the pipelines of diffusers; nothing is looked up but the architecture's own
figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evals.compute.geometry import Grid, latents_of, tokens_of
from evals.compute.types import Architecture, Inputs, Shot, Tensor
from evals.errors import InputError
from evals.names import hint

Recipe = Callable[[Architecture, Shot], Inputs]
TIMESTEP = Tensor((1,))
GUIDANCE = Tensor((1,))


def inputs_of(model: Architecture, shot: Shot) -> Inputs:
    """Arguments of one forward. `positional` holds those without a name.

    Raises:
        InputError: no recipe for the model's class, or its configuration lacks what one needs.
    """
    kind = model.network.kind
    if kind not in RECIPES:
        raise InputError(
            f"{model.origin}: no recipe of what a {kind} is given{hint(kind, RECIPES)}; those of"
            f" {', '.join(sorted(RECIPES))} are known"
        )
    try:
        return RECIPES[kind](model, shot)
    except KeyError as error:
        raise InputError(
            f'{model.origin}: key "config.arguments.{error.args[0]}" is missing, and a {kind}'
            " cannot be counted without it"
        ) from error


def _planes(model: Architecture, shot: Shot) -> tuple[int, ...]:
    """Latents of a picture: batch, channels, height, width."""
    grid = latents_of(model, shot)
    return (1, model.network.arguments["in_channels"], grid.height, grid.width)


def _volume(model: Architecture, shot: Shot) -> tuple[int, ...]:
    """Latents of a clip: batch, channels, frames, height, width."""
    grid = latents_of(model, shot)
    return (1, model.network.arguments["in_channels"], grid.frames, grid.height, grid.width)


def _packed(model: Architecture, grid: Grid) -> Tensor:
    return Tensor((1, grid.count, model.network.arguments["in_channels"]))


def _words(model: Architecture, width: str) -> Tensor:
    return Tensor((1, model.text.tokens, model.network.arguments[width]))


def _mask(tokens: int) -> Tensor:
    return Tensor((1, tokens), "bool")


def _unet(model: Architecture, shot: Shot) -> dict[str, Any]:
    config = model.network.arguments
    given: dict[str, Any] = {
        "sample": Tensor(_planes(model, shot)),
        "timestep": TIMESTEP,
        "encoder_hidden_states": _words(model, "cross_attention_dim"),
    }
    if config.get("num_class_embeds") is not None:
        given["class_labels"] = Tensor((1,), "int64")
    if config.get("addition_embed_type") == "text_time":
        times = 6  # original size, crop and target size, two figures each
        pooled = (
            config["projection_class_embeddings_input_dim"]
            - times * config["addition_time_embed_dim"]
        )
        given["added_cond_kwargs"] = {
            "text_embeds": Tensor((1, pooled)),
            "time_ids": Tensor((1, times)),
        }
    return given


def _unet_motion(model: Architecture, shot: Shot) -> Inputs:
    words = (shot.frames, model.text.tokens, model.network.arguments["cross_attention_dim"])
    return {
        "sample": Tensor(_volume(model, shot)),
        "timestep": TIMESTEP,
        "encoder_hidden_states": Tensor(words),
    }


def _sd3(model: Architecture, shot: Shot) -> Inputs:
    return {
        "hidden_states": Tensor(_planes(model, shot)),
        "encoder_hidden_states": _words(model, "joint_attention_dim"),
        "pooled_projections": Tensor((1, model.network.arguments["pooled_projection_dim"])),
        "timestep": TIMESTEP,
    }


def _flux(model: Architecture, shot: Shot) -> Inputs:
    grid, config = tokens_of(model, shot), model.network.arguments
    given: dict[str, Any] = {
        "hidden_states": _packed(model, grid),
        "encoder_hidden_states": _words(model, "joint_attention_dim"),
        "pooled_projections": Tensor((1, config["pooled_projection_dim"])),
        "timestep": TIMESTEP,
        "img_ids": Tensor((grid.count, 3)),
        "txt_ids": Tensor((model.text.tokens, 3)),
    }
    return given | ({"guidance": GUIDANCE} if config["guidance_embeds"] else {})


def _flux2(model: Architecture, shot: Shot) -> Inputs:
    grid, config = tokens_of(model, shot), model.network.arguments
    given: dict[str, Any] = {
        "hidden_states": _packed(model, grid),
        "encoder_hidden_states": _words(model, "joint_attention_dim"),
        "timestep": TIMESTEP,
        "img_ids": Tensor((1, grid.count, 4)),
        "txt_ids": Tensor((1, model.text.tokens, 4)),
    }
    return given | ({"guidance": GUIDANCE} if config["guidance_embeds"] else {})


def _qwen(model: Architecture, shot: Shot) -> Inputs:
    grid = tokens_of(model, shot)
    return {
        "hidden_states": _packed(model, grid),
        "encoder_hidden_states": _words(model, "joint_attention_dim"),
        "timestep": TIMESTEP,
        "img_shapes": [[(grid.frames, grid.height, grid.width)]],
    }


def _z_image(model: Architecture, shot: Shot) -> Inputs:
    config = model.network.arguments
    words = Tensor((model.text.tokens, config["cap_feat_dim"]))
    return {"positional": [[Tensor(_volume(model, shot)[1:])], TIMESTEP, [words]]}


def _sana(model: Architecture, shot: Shot) -> Inputs:
    return {
        "hidden_states": Tensor(_planes(model, shot)),
        "encoder_hidden_states": _words(model, "caption_channels"),
        "timestep": TIMESTEP,
    }


def _wan(model: Architecture, shot: Shot) -> Inputs:
    return {
        "hidden_states": Tensor(_volume(model, shot)),
        "timestep": TIMESTEP,
        "encoder_hidden_states": _words(model, "text_dim"),
    }


def _hunyuan(model: Architecture, shot: Shot) -> Inputs:
    config = model.network.arguments
    given: dict[str, Any] = {
        "hidden_states": Tensor(_volume(model, shot)),
        "timestep": TIMESTEP,
        "encoder_hidden_states": _words(model, "text_embed_dim"),
        "encoder_attention_mask": _mask(model.text.tokens),
        "pooled_projections": Tensor((1, config["pooled_projection_dim"])),
    }
    return given | ({"guidance": GUIDANCE} if config["guidance_embeds"] else {})


def _hunyuan15(model: Architecture, shot: Shot) -> Inputs:
    config = model.network.arguments
    if len(model.text.streams) != 3:
        raise InputError(
            f'{model.origin}: key "text.streams" must give three numbers of tokens: of the language'
            " model, of the glyph encoder and of the picture"
        )
    words, glyphs, picture = model.text.streams
    return {
        "hidden_states": Tensor(_volume(model, shot)),
        "timestep": TIMESTEP,
        "encoder_hidden_states": Tensor((1, words, config["text_embed_dim"])),
        "encoder_attention_mask": _mask(words),
        "encoder_hidden_states_2": Tensor((1, glyphs, config["text_embed_2_dim"])),
        "encoder_attention_mask_2": _mask(glyphs),
        "image_embeds": Tensor((1, picture, config["image_embed_dim"])),
    }


def _cogvideox(model: Architecture, shot: Shot) -> Inputs:
    grid, config = tokens_of(model, shot), model.network.arguments
    batch, channels, frames, height, width = _volume(model, shot)
    given: dict[str, Any] = {
        "hidden_states": Tensor((batch, frames, channels, height, width)),
        "encoder_hidden_states": _words(model, "text_embed_dim"),
        "timestep": TIMESTEP,
    }
    if config.get("use_rotary_positional_embeddings"):
        angles = Tensor((grid.count, config["attention_head_dim"]), "float32")
        given["image_rotary_emb"] = [angles, angles]
    return given


def _ltx(model: Architecture, shot: Shot) -> Inputs:
    grid = tokens_of(model, shot)
    vae = model.vae
    return {
        "hidden_states": _packed(model, grid),
        "encoder_hidden_states": _words(model, "caption_channels"),
        "timestep": TIMESTEP,
        "encoder_attention_mask": Tensor((1, model.text.tokens)),
        "num_frames": grid.frames,
        "height": grid.height,
        "width": grid.width,
        "rope_interpolation_scale": [vae.temporal / (shot.fps or 1.0), vae.spatial, vae.spatial],
    }


def _mochi(model: Architecture, shot: Shot) -> Inputs:
    return {
        "hidden_states": Tensor(_volume(model, shot)),
        "encoder_hidden_states": _words(model, "text_embed_dim"),
        "timestep": TIMESTEP,
        "encoder_attention_mask": _mask(model.text.tokens),
    }


RECIPES: Mapping[str, Recipe] = {
    "CogVideoXTransformer3DModel": _cogvideox,
    "Flux2Transformer2DModel": _flux2,
    "FluxTransformer2DModel": _flux,
    "HunyuanVideo15Transformer3DModel": _hunyuan15,
    "HunyuanVideoTransformer3DModel": _hunyuan,
    "LTXVideoTransformer3DModel": _ltx,
    "MochiTransformer3DModel": _mochi,
    "QwenImageTransformer2DModel": _qwen,
    "SD3Transformer2DModel": _sd3,
    "SanaTransformer2DModel": _sana,
    "UNet2DConditionModel": _unet,
    "UNetMotionModel": _unet_motion,
    "WanTransformer3DModel": _wan,
    "ZImageTransformer2DModel": _z_image,
}
"""Class → recipe."""
