"""Arithmetic intensity against the ridges of GPUs (pure).

On a GPU of peak P and bandwidth B a workload of intensity I, FLOP per byte, reaches at most
min(P, I·B): below the ridge P/B memory bounds it, above it arithmetic does.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.compute.answers import Bound, Measured, Point, Roof, Roofline
from evals.compute.types import Gpu

CLAIM = "LLMs are memory-bound, video diffusion is compute-bound."
DEFINITION = (
    "FLOPs over the bytes of operands and results. Fused: those of matrix products, convolutions"
    " and attention alone. Unfused: those of every operation that moves data. Attention is one"
    " kernel in both, whose scores never leave the chip, charged in 32 bits."
)
KINDS = (("decode", "LLM decoding"), ("image", "image"), ("video", "video"))


def bound(intensity: float, ridge: float) -> Bound:
    """What bounds a workload.

    >>> bound(10, 295), bound(3711, 295)
    ('memory', 'compute')
    """
    return "compute" if intensity >= ridge else "memory"


def attainable(intensity: float, gpu: Gpu | Roof) -> float:
    """The most FLOP per second that a workload can reach."""
    return min(gpu.flops, intensity * gpu.bytes_per_second)


def roofline(
    points: Sequence[Point], gpus: Sequence[Gpu], measured: Sequence[Measured] = ()
) -> Roofline:
    """The workloads, the roofs and the verdicts, in words that follow from the figures.

    Args:
        points: workloads; those of language models by growing batch.
        gpus: the first one's verdict is that of the whole.
        measured: points that ran somewhere.
    """
    roofs = tuple(Roof(g.name, g.flops, g.bytes_per_second, g.ridge, g.source) for g in gpus)
    told = tuple((roof.gpu, gpu_verdict(points, roof)) for roof in roofs)
    return Roofline(
        CLAIM, DEFINITION, tuple(points), roofs, tuple(measured), told, verdict(points, roofs)
    )


def gpu_verdict(points: Sequence[Point], roof: Roof) -> str:
    """How many workloads of each kind arithmetic bounds on a GPU, fused and not."""
    parts: list[str] = []
    for kind, noun in KINDS:
        own = [one for one in points if one.kind == kind]
        if own:
            fused = sum(bound(one.fused, roof.ridge) == "compute" for one in own)
            unfused = sum(bound(one.unfused, roof.ridge) == "compute" for one in own)
            parts.append(f"{noun}: {fused} of {len(own)} compute-bound fused, {unfused} unfused")
    return f"ridge {roof.ridge:.0f} FLOP per byte; " + "; ".join(parts)


def verdict(points: Sequence[Point], roofs: Sequence[Roof]) -> str:
    """The claim over all GPUs: which half holds, and when."""
    if not points or not roofs:
        return "Nothing was counted."
    said: list[str] = []
    for kind, noun in KINDS:
        own = [one for one in points if one.kind == kind]
        if not own:
            continue
        fused = [bound(one.fused, roof.ridge) == "compute" for one in own for roof in roofs]
        unfused = [bound(one.unfused, roof.ridge) == "compute" for one in own for roof in roofs]
        said.append(f"{noun} is {_when(fused, unfused)}")
    clips = [one for one in points if one.kind == "video"]
    tokens = [one for one in points if one.kind == "decode"]
    memory = all(bound(one.fused, roof.ridge) == "memory" for one in tokens for roof in roofs)
    compute = all(bound(one.fused, roof.ridge) == "compute" for one in clips for roof in roofs)
    even = all(bound(one.unfused, roof.ridge) == "compute" for one in clips for roof in roofs)
    if memory and compute and even:
        head = "Holds"
    elif memory and compute:
        head = "Holds, as far as elementwise work is fused"
    elif memory or compute:
        head = "Holds in part"
    else:
        head = "Does not hold"
    return f"{head}. On the {len(roofs)} GPUs: {'; '.join(said)}."


def _when(fused: Sequence[bool], unfused: Sequence[bool]) -> str:
    """In words, over all pairs of a workload and a GPU."""
    if not any(fused):
        return "memory-bound, fused or not"
    if all(unfused):
        return "compute-bound even unfused"
    share, total = sum(unfused), len(unfused)
    if all(fused):
        if not any(unfused):
            return "compute-bound only when fused"
        return f"compute-bound when fused, unfused in {share} of {total} cases"
    return f"compute-bound in {sum(fused)} of {total} cases fused, in {share} unfused"
