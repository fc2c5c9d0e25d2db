"""The nouns of compute, frozen: what a network is, what it is asked for, what one forward takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Modality = Literal["image", "video"]
Library = Literal["diffusers", "transformers"]


@dataclass(frozen=True)
class Tensor:
    """An argument of a forward: its shape, and the type of its elements."""

    shape: tuple[int, ...]
    dtype: Literal["bfloat16", "float32", "int64", "bool"] = "bfloat16"


Inputs = Mapping[str, Any]
"""Arguments of a forward by name: tensors, lists and mappings of them, plain values."""


@dataclass(frozen=True)
class Network:
    """A class of diffusers or transformers, and what it is built with."""

    kind: str
    arguments: Mapping[str, Any]
    source: str
    """Where the arguments were read, in words."""
    library: Library = "diffusers"


@dataclass(frozen=True)
class Encoder:
    """A text encoder, run once per prompt."""

    name: str
    network: Network
    tokens: int


@dataclass(frozen=True)
class Vae:
    """How much smaller latents are than pixels, and the decoder where its network is known."""

    spatial: int
    temporal: int
    latent_channels: int
    source: str
    network: Network | None = None


@dataclass(frozen=True)
class Text:
    """Tokens of text beside those of the picture."""

    tokens: int
    source: str
    streams: tuple[int, ...] = ()
    """Tokens of each encoder's stream, in the order of the forward, where there are several."""
    encoders: tuple[Encoder, ...] = ()
    """Empty where their networks are not known."""


@dataclass(frozen=True)
class Defaults:
    """What a model is called with unless somebody asks for something else."""

    width: int
    height: int
    steps: int
    passes_per_step: int
    """Forwards per step: 2 where guidance takes one with the prompt and one without."""
    source: str
    frames: int = 1
    fps: float | None = None


@dataclass(frozen=True)
class Architecture:
    """A published model: its network, its latents, and how it is called."""

    name: str
    modality: Modality
    network: Network
    patch: tuple[int, int, int]
    """Latents per token in time, height and width."""
    vae: Vae
    defaults: Defaults
    text: Text
    origin: str
    """The file or folder that it was read from."""
    models: tuple[str, ...] = ()
    """Registered models with this network."""
    sources: tuple[str, ...] = ()
    """Hub repositories with this network."""
    published_params: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """What one generation is: its size, and how many steps it takes."""

    width: int
    height: int
    frames: int
    fps: float | None
    steps: int

    @property
    def seconds(self) -> float | None:
        """Length of a clip; None of a picture."""
        return None if self.fps is None else self.frames / self.fps


@dataclass(frozen=True)
class Forward:
    """What one forward takes. FLOPs: one multiply-add is two; matrix products and convolutions."""

    params: int
    flops: int
    attention_flops: int
    """Of `flops`, those of softmax attention: they grow with the square of the tokens."""
    matmul_bytes: int
    """Operands and results of matrix products, convolutions and attention."""
    all_bytes: int
    """The same of every operation that moves data: nothing is fused but attention."""

    @property
    def fused_intensity(self) -> float:
        """FLOP per byte where everything but matrix products is fused into them."""
        return self.flops / self.matmul_bytes

    @property
    def unfused_intensity(self) -> float:
        """FLOP per byte where nothing is."""
        return self.flops / self.all_bytes


@dataclass(frozen=True)
class Gpu:
    """A GPU's peaks, as published."""

    name: str
    flops: float
    """Dense bf16 FLOP per second."""
    bytes_per_second: float
    source: str
    hardware: str | None = None
    """Its price list in the price book, where it has one."""

    @property
    def ridge(self) -> float:
        """FLOP per byte from which on arithmetic, not memory, is what bounds."""
        return self.flops / self.bytes_per_second


@dataclass(frozen=True)
class Latency:
    """How long a whole generation at the model's defaults took, as published."""

    model: str
    gpu: str
    seconds: float
    source: str


@dataclass(frozen=True)
class Facts:
    """All that ships about compute besides architectures."""

    gpus: tuple[Gpu, ...]
    latencies: tuple[Latency, ...]
    llms: Mapping[str, Network]
    encoders: Mapping[str, Network]
