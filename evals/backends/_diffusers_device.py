"""Where a pipeline runs: which device and why, whether it fits there, and how it gets there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.backends._diffusers_faults import first_line
from evals.errors import LoadError

AUTO = ("cuda", "mps", "cpu")
"""What `auto` prefers, from the first."""
_CGROUPS = (
    ("/sys/fs/cgroup", "memory.max", "memory.current"),
    ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
)
"""Folders in which a container is told its limit and what it uses, and in `memory.stat` of what."""
_CACHED = re.compile(r"^(?:total_)?(?:in)?active_file (\d+)$", re.MULTILINE)


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
    """Memory that a model can have of a device; of a processor, within its container's limit too.

    What is kept for speed counts as free: blocks that torch holds and nothing uses, and files that
    a system has read (weights that were just downloaded or hashed, above all).
    """
    import torch

    if kind == "cuda":
        unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
        return torch.cuda.mem_get_info()[0] + unused
    if kind == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    import psutil

    free = int(psutil.virtual_memory().available)
    left = (_left_in(Path(folder), limit, used) for folder, limit, used in _CGROUPS)
    return min((free, *(one for one in left if one is not None)))


def _left_in(folder: Path, limit: str, used: str) -> int | None:
    """Bytes left within the limit of a container; None where there is no such limit."""
    try:
        left = int((folder / limit).read_text()) - int((folder / used).read_text())
        cached = sum(map(int, _file_pages((folder / "memory.stat").read_text())))
    except (OSError, ValueError):  # no such group, or "max"
        return None
    return max(left + cached, 0)


def _file_pages(stat: str) -> list[str]:
    """Sizes of the pages of files, which are dropped when memory is asked for."""
    whole = [line for line in stat.splitlines() if line.startswith("total_")]
    return _CACHED.findall("\n".join(whole) if whole else stat)


def release(kind: str) -> None:
    """Give back to a device what torch holds of it and nothing uses."""
    import torch

    if kind == "cuda":
        torch.cuda.empty_cache()
    elif kind == "mps":
        torch.mps.empty_cache()


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
