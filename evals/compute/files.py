"""The shipped facts about compute, read strictly: TOML files → frozen types.

`data/architectures/*.toml` holds one published model each, its stem the name. `data/compute/` holds
what they share: peaks of GPUs, published latencies, language models, text encoders. Every figure
carries its source in the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from evals import tomlfile
from evals.compute.types import (
    Architecture,
    Defaults,
    Encoder,
    Facts,
    Gpu,
    Latency,
    Library,
    Modality,
    Network,
    Text,
    Vae,
)
from evals.home import data_root, shown
from evals.names import hint
from evals.tomlfile import Line

Count = Annotated[int, Field(ge=1, le=10**9)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Source = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
ClassName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]{2,79}$")]
Argument = str | int | float | bool | list[int] | list[float] | list[str]


class _Config(tomlfile.Strict):
    source: Source
    arguments: dict[str, Argument]


class _Network(tomlfile.Strict):
    kind: ClassName = Field(alias="class")
    source: Source
    arguments: dict[str, Argument]


class _Vae(tomlfile.Strict):
    spatial: Count
    temporal: Count
    latent_channels: Count
    source: Source
    network: _Network | None = None


class _Defaults(tomlfile.Strict):
    width: Count
    height: Count
    frames: Count = 1
    fps: Positive | None = None
    steps: Count
    guidance: float | list[float] | None = None
    passes_per_step: Count
    source: Source


class _Text(tomlfile.Strict):
    tokens: Count
    source: Source
    streams: list[Count] = Field(default_factory=list[int])
    encoders: dict[str, Count] = Field(default_factory=dict[str, int])


class _Architecture(tomlfile.Strict):
    modality: Modality
    kind: ClassName = Field(alias="class")
    models: list[Line] = Field(default_factory=list[str])
    sources: list[Line] = Field(default_factory=list[str])
    published_params: Line | None = None
    notes: list[Source] = Field(default_factory=list[str])
    patch: Annotated[list[Count], Field(min_length=3, max_length=3)]
    config: _Config
    vae: _Vae
    defaults: _Defaults
    text: _Text


class _Gpu(tomlfile.Strict):
    flops: Positive
    bytes_per_second: Positive
    hardware: Line | None = None
    source: Source


class _Latency(tomlfile.Strict):
    model: Line
    gpu: Line
    seconds: Positive
    source: Source


class _Latencies(tomlfile.Strict):
    latencies: list[_Latency]


def architectures(root: Path | None = None) -> Mapping[str, Architecture]:
    """All shipped architectures by name, sorted.

    Args:
        root: of the data; None for what ships.

    Raises:
        RegistryError: one line that names file and key.
    """
    data = root or data_root()
    return _architectures(data)


@cache
def _architectures(data: Path) -> Mapping[str, Architecture]:
    encoders = _networks(data / "compute" / "encoders.toml")
    return {
        name: _architecture(path, encoders)
        for name, path in tomlfile.files(data / "architectures").items()
    }


@cache
def facts(root: Path | None = None) -> Facts:
    """What ships besides architectures.

    Raises:
        RegistryError: one line that names file and key, such as a latency of an unknown GPU.
    """
    data = root or data_root()
    folder = data / "compute"
    gpus = tuple(
        Gpu(name, read.flops, read.bytes_per_second, read.source, read.hardware)
        for name, read in _tables(folder / "gpus.toml", _Gpu).items()
    )
    path = folder / "latencies.toml"
    listed = tomlfile.validate(path, tomlfile.read(path), _Latencies).latencies
    known = {gpu.name for gpu in gpus}
    models = architectures(data)
    for place, one in enumerate(listed):
        for key, value, names in (("gpu", one.gpu, known), ("model", one.model, models)):
            if value not in names:
                where = f"latencies[{place}].{key}"
                raise tomlfile.key_error(path, where, f'no "{value}"{hint(value, names)}')
    return Facts(
        gpus,
        tuple(Latency(one.model, one.gpu, one.seconds, one.source) for one in listed),
        _networks(folder / "llm.toml"),
        _networks(folder / "encoders.toml"),
    )


def _tables(path: Path, schema: type[tomlfile.Schema]) -> dict[str, tomlfile.Schema]:
    found: dict[str, tomlfile.Schema] = {}
    for name, table in tomlfile.read(path).items():
        if not isinstance(table, dict):
            raise tomlfile.key_error(path, name, "must be a table")
        found[name] = tomlfile.validate(path, cast("dict[str, Any]", table), schema, at=name)
    return found


def _networks(path: Path) -> Mapping[str, Network]:
    return {name: _network(read, "transformers") for name, read in _tables(path, _Network).items()}


def _network(read: _Network, library: Library = "diffusers") -> Network:
    return Network(read.kind, read.arguments, read.source, library)


def _architecture(path: Path, encoders: Mapping[str, Network]) -> Architecture:
    read = tomlfile.validate(path, tomlfile.read(path), _Architecture)
    clip = read.modality == "video"
    if clip != (read.defaults.fps is not None):
        fault = "is missing" if clip else "is of clips, and this makes pictures"
        raise tomlfile.key_error(path, "defaults.fps", fault)
    if not clip and read.defaults.frames != 1:
        raise tomlfile.key_error(path, "defaults.frames", "is of clips, and this makes pictures")
    text = read.text
    if text.streams and sum(text.streams) != text.tokens:
        raise tomlfile.key_error(path, "text.streams", f"must add up to tokens, {text.tokens}")
    for name in text.encoders:
        if name not in encoders:
            key = f"text.encoders.{name}"
            raise tomlfile.key_error(path, key, f"no such encoder{hint(name, encoders)}")
    vae, defaults = read.vae, read.defaults
    return Architecture(
        path.stem,
        read.modality,
        Network(read.kind, read.config.arguments, read.config.source),
        (read.patch[0], read.patch[1], read.patch[2]),
        Vae(
            vae.spatial,
            vae.temporal,
            vae.latent_channels,
            vae.source,
            None if vae.network is None else _network(vae.network),
        ),
        Defaults(
            defaults.width,
            defaults.height,
            defaults.steps,
            defaults.passes_per_step,
            defaults.source,
            defaults.frames,
            defaults.fps,
        ),
        Text(
            text.tokens,
            text.source,
            tuple(text.streams),
            tuple(Encoder(name, encoders[name], n) for name, n in text.encoders.items()),
        ),
        shown(path),
        tuple(read.models),
        tuple(read.sources),
        read.published_params,
        tuple(read.notes),
    )
