"""How long a generation takes on a GPU, and what it costs there (pure).

seconds = FLOPs / (MFU × peak). The model FLOPs utilisation, the share of the peak that is reached,
is what published latencies imply: FLOPs of that model's denoising / (latency × peak). They differ
by a factor of two on one GPU, so a prediction is a band, never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.compute.types import Gpu, Latency


@dataclass(frozen=True)
class Mfu:
    """The band of shares of the peak that a GPU reaches."""

    low: float
    high: float
    basis: str


@dataclass(frozen=True)
class HourPrice:
    """US dollars per hour of a GPU, None where nobody says, and where it is from or why not."""

    usd: float | None
    basis: str


def mfu(flops: float, seconds: float, gpu: Gpu) -> float:
    """Share of a GPU's peak that a latency implies.

    >>> mfu(5e14, 1.0, Gpu("A", 1e15, 1e12, ""))
    0.5
    """
    return flops / (seconds * gpu.flops)


def mfu_bands(
    gpus: Sequence[Gpu], latencies: Sequence[Latency], flops: Mapping[str, float]
) -> dict[str, Mfu]:
    """The band of every GPU.

    Args:
        gpus: all that a latency may be of.
        latencies: published ones.
        flops: of the denoising of a whole generation, by model, for every model with a latency.

    Returns:
        Least and most of the GPU's own latencies; where it has fewer than two, of those of all GPUs
        together, which the basis says.
    """
    by_name = {gpu.name: gpu for gpu in gpus}
    implied: dict[str, list[float]] = {gpu.name: [] for gpu in gpus}
    for one in latencies:
        share = mfu(flops[one.model], one.seconds, by_name[one.gpu])
        implied[one.gpu].append(share)
    pooled = [share for shares in implied.values() for share in shares]
    bands: dict[str, Mfu] = {}
    for name, own in implied.items():
        if len(own) >= 2:
            bands[name] = Mfu(min(own), max(own), f"{len(own)} published latencies on {name}")
            continue
        has = f"one published latency ({own[0]:.3f})" if own else "no published latency"
        bands[name] = Mfu(
            min(pooled), max(pooled), f"{has} on {name}, so the band of all GPUs: wider"
        )
    return bands


def seconds(flops: float, gpu: Gpu, band: Mfu) -> tuple[float, float]:
    """Least and most seconds of so many FLOPs."""
    return flops / (band.high * gpu.flops), flops / (band.low * gpu.flops)
