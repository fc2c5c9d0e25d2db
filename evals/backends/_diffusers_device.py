"""Where a pipeline runs: which device and why, whether it fits there, and how it gets there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.backends._diffusers_faults import first_line
from evals.errors import LoadError

AUTO = ("cuda", "mps", "cpu")
"""What `auto` prefers, from the first."""
_CGROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    (
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
        "/sys/fs/cgroup/memory/memory.usage_in_bytes",
    ),
)


@dataclass(frozen=True)
class Place:
    """A device that was chosen."""

    kind: str
    """`cpu`, `cuda` or `mps`."""
    why: str
    """Which one it is and why, in words."""


def choose(wanted: str) -> Place:
    """The device that `wanted` names, `auto` being the best there is; LoadError if it is absent."""
    import torch

    usable = {"cpu": True, "cuda": torch.cuda.is_available()}
    usable["mps"] = torch.backends.mps.is_available()
    if wanted == "auto":
        kind = next(kind for kind in AUTO if usable[kind])
        absent = " or ".join(AUTO[: AUTO.index(kind)])
        reason = f"auto: no {absent} here" if absent else "auto: preferred where there is one"
        return Place(kind, f"{_named(kind)} ({reason})")
    if not usable.get(wanted, False):
        raise LoadError(f'device "{wanted}" is not available here; use device = "auto"')
    return Place(wanted, f"{_named(wanted)} (as asked for)")


def free_bytes(kind: str) -> int:
    """Memory that is free on a device; of a processor, also within the limit of its container."""
    import torch

    if kind == "cuda":
        return torch.cuda.mem_get_info()[0]
    if kind == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    import psutil

    free = psutil.virtual_memory().available
    for limit, used in _CGROUPS:
        try:
            left = int(Path(limit).read_text()) - int(Path(used).read_text())
        except (OSError, ValueError):  # no such group, or "max"
            continue
        free = min(free, max(left, 0))
    return int(free)


def check_size(sizes: Mapping[str, int], place: Place, offload: str | None) -> None:
    """Refuse weights that cannot fit, before they are read.

    Weights pass through the processor's memory on their way to an accelerator, where all of them
    stay, or with `offload` the largest component, or a layer.

    Args:
        sizes: component -> bytes once loaded.
        place: where they go.
        offload: as the settings say.

    Raises:
        LoadError: of the kind `too_large`; says what is needed, what is free, and what helps.
    """
    total, largest = sum(sizes.values()), max(sizes.values(), default=0)
    held = {None: total, "model": largest, "sequential": 0}[offload]
    checks = [("cpu", total, "")]
    if place.kind != "cpu":
        helps = {None: '; offload = "model" needs less', "model": '; try offload = "sequential"'}
        checks.append((place.kind, held, helps.get(offload, "")))
    for kind, needed, help in checks:
        free = free_bytes(kind)
        if needed > free:
            raise LoadError(
                f"the weights take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free on"
                f" {kind}{help or '; a smaller dtype or another machine is needed'}",
                kind="too_large",
            )


def check_offload(place: Place, offload: str | None) -> None:
    """LoadError if there is nothing to offload from."""
    if offload is not None and place.kind == "cpu":
        raise LoadError(
            f'offload = "{offload}" needs an accelerator to offload from, and this runs on'
            f" {place.why}; leave it out"
        )


def put(pipeline: Any, place: Place, offload: str | None) -> None:
    """Bring a pipeline to its device; LoadError if it cannot go there."""
    try:
        if offload == "model":
            pipeline.enable_model_cpu_offload(device=place.kind)
        elif offload == "sequential":
            pipeline.enable_sequential_cpu_offload(device=place.kind)
        else:
            pipeline.to(place.kind)
    except Exception as error:
        raise LoadError(first_line(error)) from error


def _named(kind: str) -> str:
    import torch

    return f"cuda, {torch.cuda.get_device_name()}" if kind == "cuda" else kind
