"""The frozen answers of compute: what commands print and pages show.

`None` is not known, never zero, and a reason stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evals.compute.types import Modality

Bound = Literal["compute", "memory"]


@dataclass(frozen=True)
class OnGpu:
    """What bounds a model on a GPU, and how long a generation takes there: a band."""

    gpu: str
    ridge: float
    """FLOP per byte from which on arithmetic bounds: dense bf16 peak over bandwidth."""
    fused: Bound
    """With everything but matrix products fused into them."""
    unfused: Bound
    mfu_low: float
    """Share of the peak reached, the least of the published latencies behind it."""
    mfu_high: float
    mfu_basis: str
    seconds_low: float
    seconds_high: float
    usd_per_hour: float | None
    usd_low: float | None
    """US dollars for one generation at that price."""
    usd_high: float | None
    usd_basis: str
    """Where the price is from, or why there is none."""


@dataclass(frozen=True)
class ModelCompute:
    """What one generation takes."""

    model: str
    modality: Modality
    width: int
    height: int
    frames: int
    fps: float | None
    seconds: float | None
    """Length of the clip; None of a picture."""
    steps: int
    passes: int
    """Forwards: steps times passes per step."""
    params: int
    published_params: str | None
    tokens: int
    """Of the picture or clip, those of the text not among them."""
    text_tokens: int
    flops_per_forward: int
    attention_flops_per_forward: int
    flops_denoise: int
    """Passes times one forward."""
    flops_text_encoder: int | None
    text_encoder_basis: str
    flops_vae: int | None
    vae_basis: str
    flops_total: int
    """Of all parts that are known."""
    units: dict[str, float]
    """Denoising in prompts of 200 tokens, by language model."""
    matmul_bytes_per_forward: int
    all_bytes_per_forward: int
    intensity_fused: float
    intensity_unfused: float
    gpus: tuple[OnGpu, ...]
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rung:
    """A model on the ladder: one picture, or a clip of five seconds."""

    model: str
    modality: Modality
    what: str
    units: dict[str, float]
    """By language model, in prompts of 200 tokens."""
    fits: tuple[str, ...]
    """Language models with whose prompt the claim holds for this model, within a factor of two."""


@dataclass(frozen=True)
class Scaled:
    """One model at 720p and at 4K, nine times the pixels."""

    model: str
    method: str
    """What its attention over the picture is: `full attention` or `linear attention`."""
    tokens: int
    tokens_4k: int
    times: float
    """FLOPs of a forward at 4K over those at 720p."""
    without_attention: float
    """The same of the network's linear part, without softmax attention."""


@dataclass(frozen=True)
class Ladder:
    """The claim about prompts, images and clips beside what is counted."""

    claim: str
    units: dict[str, int]
    """FLOPs of one prompt of 200 tokens, by language model."""
    rungs: tuple[Rung, ...]
    scaling: tuple[Scaled, ...]
    spread: tuple[str, ...]
    """From least to most, in words."""
    verdict: str
    scaling_verdict: str


@dataclass(frozen=True)
class Point:
    """A workload on the roofline."""

    name: str
    kind: Literal["image", "video", "decode", "prefill"]
    fused: float
    """FLOP per byte."""
    unfused: float


@dataclass(frozen=True)
class Roof:
    """A GPU's roof."""

    gpu: str
    flops: float
    bytes_per_second: float
    ridge: float
    source: str


@dataclass(frozen=True)
class Measured:
    """One workload as it ran on a device."""

    name: str
    device: str
    flops_per_second: float
    bytes_per_second: float
    """By the bytes of the unfused bound: those that the operations as run move."""
    intensity: float
    """FLOP per byte of that bound."""
    seconds: float
    """Of one forward, the median."""
    repeats: int
    at: str
    """When, UTC, ISO 8601."""


@dataclass(frozen=True)
class Roofline:
    """What bounds language models, images and clips, and the claim about it."""

    claim: str
    definition: str
    points: tuple[Point, ...]
    roofs: tuple[Roof, ...]
    measured: tuple[Measured, ...]
    verdicts: tuple[tuple[str, str], ...]
    """GPU, and what holds there in words."""
    verdict: str


@dataclass(frozen=True)
class ComputeReport:
    """All that the Compute page shows; a part that was not counted is empty, or None."""

    models: tuple[ModelCompute, ...]
    ladder: Ladder | None
    roofline: Roofline | None
