"""A name → the architecture meant: a published one, or that of a registered model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from evals.compute.types import Architecture, Defaults, Encoder, Network, Text, Vae
from evals.errors import InputError, LoadError, NotFoundError
from evals.home import shown
from evals.names import hint

if TYPE_CHECKING:
    from evals.registry import Registry
    from evals.types import Model

_PACKED = {"FluxTransformer2DModel", "Flux2Transformer2DModel", "QwenImageTransformer2DModel"}
"""Classes whose pipelines pack 2 × 2 latents into a token before the forward."""
_NOT_ARGUMENTS = {"architectures", "transformers_version", "model_type", "dtype", "torch_dtype"}


def resolve(name: str, known: Mapping[str, Architecture], home: Path) -> Architecture:
    """The architecture called `name`, or that of the registered model of this id.

    A registered model has the network of the architecture that names it or its hub repository, and
    its own size, steps and guidance; one whose weights are a folder here has what the folder says.

    Raises:
        NotFoundError: nothing is called so; says the nearest.
        InputError: a registered model whose network is not known.
    """
    if name in known:
        return known[name]
    from evals import registry

    registered = registry.load(home)
    model = registered.models.get(name)
    if model is None:
        nearest = hint(name, [*known, *registered.models])
        raise NotFoundError(f'no architecture or registered model is called "{name}"{nearest}')
    if model.backend != "diffusers":
        raise InputError(
            f'{name} is called through "{model.backend}": nobody here knows its network, so its'
            " compute cannot be counted"
        )
    source = str(model.settings.get("source", ""))
    for one in known.values():
        if name in one.models or source in one.sources:
            return _called_as(one, model)
    return _called_as(_of_folder(registered, model), model)


def _called_as(base: Architecture, model: Model) -> Architecture:
    """The architecture as a registered model calls it."""
    settings, usual = model.settings, base.defaults
    guidance = settings.get("guidance")
    passes = 1 if isinstance(guidance, int | float) and guidance <= 1 else usual.passes_per_step
    clip = base.modality == "video"
    defaults = Defaults(
        int(settings.get("width") or usual.width),
        int(settings.get("height") or usual.height),
        int(settings.get("steps") or usual.steps),
        passes,
        f"settings of the registered model {model.id}",
        int(settings.get("frames") or usual.frames) if clip else 1,
        float(settings.get("fps") or usual.fps or 1) if clip else None,
    )
    return replace(base, name=model.id, defaults=defaults)


def _of_folder(known: Registry, model: Model) -> Architecture:
    """What the folder of a model's weights says of its networks."""
    from evals import revision
    from evals.backends._diffusers_files import index_of

    place = revision.folders(known, model).get("source")
    if place is None:
        raise InputError(
            f"{model.id}: its network is not among data/architectures, and its weights are no"
            " folder here; name its hub repository in an architecture's sources"
        )
    try:
        index = index_of(place)
    except LoadError as error:
        raise InputError(str(error)) from error
    part = "transformer" if "transformer" in index else "unet"
    denoiser = _network(place, index, part)
    vae = _vae(place, index)
    arguments = denoiser.arguments
    side = arguments.get("sample_size") or 64
    clip = model.task in ("text-to-video", "image-to-video")
    pixels = int(side if isinstance(side, int) else side[0]) * vae.spatial
    encoder = _encoder(place, index)
    return Architecture(
        model.id,
        "video" if clip else "image",
        denoiser,
        _patch(denoiser),
        vae,
        Defaults(pixels, pixels, 50, 2, shown(place), 16 if clip else 1, 8.0 if clip else None),
        Text(
            encoder.tokens if encoder else 77,
            shown(place),
            encoders=(encoder,) if encoder else (),
        ),
        shown(place),
    )


def _config(place: Path, part: str) -> dict[str, Any]:
    path = place / part / "config.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise InputError(f"{shown(path)} holds no table")
    config = cast("dict[str, Any]", table)
    return {k: v for k, v in config.items() if k[0] != "_" and k not in _NOT_ARGUMENTS}


def _network(place: Path, index: Mapping[str, Any], part: str) -> Network:
    entry: Any = index.get(part)
    if not (isinstance(entry, list) and len(cast("list[Any]", entry)) == 2):
        raise InputError(f"{shown(place)}/model_index.json names no {part}")
    library, kind = cast("list[Any]", entry)
    if library not in ("diffusers", "transformers"):
        raise InputError(f"{shown(place)}: its {part} is a class of {library}, which is not opened")
    return Network(str(kind), _config(place, part), shown(place / part), library)


def _vae(place: Path, index: Mapping[str, Any]) -> Vae:
    network = _network(place, index, "vae")
    config = network.arguments
    spatial = config.get("spatial_compression_ratio") or config.get("scale_factor_spatial")
    temporal = config.get("temporal_compression_ratio") or config.get("scale_factor_temporal")
    if spatial is None:
        spatial = 2 ** (len(config.get("block_out_channels", ())) - 1)
    channels = config.get("latent_channels") or config.get("z_dim") or 4
    # Decoders of whole clips at once are not counted: frames of the others are decoded one by one.
    plain = network if network.kind == "AutoencoderKL" else None
    return Vae(int(spatial), int(temporal or 1), int(channels), network.source, plain)


def _encoder(place: Path, index: Mapping[str, Any]) -> Encoder | None:
    if not isinstance(index.get("text_encoder"), list) or index["text_encoder"][0] is None:
        return None
    network = _network(place, index, "text_encoder")
    tokens = network.arguments.get("max_position_embeddings") or 512
    return Encoder(f"the {network.kind} beside it", network, int(tokens))


def _patch(network: Network) -> tuple[int, int, int]:
    if network.kind in _PACKED:
        return 1, 2, 2
    size: Any = network.arguments.get("patch_size") or 1
    if isinstance(size, list):
        frames, height, width = cast("list[int]", size)
        return frames, height, width
    return int(network.arguments.get("patch_size_t") or 1), int(size), int(size)
