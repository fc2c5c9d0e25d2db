"""What a run ran on and with, for its header: never a host name, a user name or a path."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
from collections.abc import Generator, Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = (
    "churnboard",
    "torch",
    "torchvision",
    "diffusers",
    "transformers",
    "open_clip_torch",
    "torchmetrics",
    "numpy",
    "pillow",
)


def describe() -> dict[str, str]:
    """Processor, cores, memory, operating system, and the accelerator if torch is loaded."""
    facts = {
        "processor": _processor(),
        "cores": str(_cores()),
        "system": f"{platform.system()} {platform.machine()}",
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        facts["memory_gb"] = str(round(size / 1e9))
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        facts["accelerator"] = str(torch.cuda.get_device_name())
    return facts


def versions(libraries: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Version of Python and of each installed library; importing none of them."""
    found = {"python": platform.python_version()}
    for name in libraries:
        installed = _installed(name)
        if installed is not None:
            found[name] = installed
    return found


@lru_cache
def _installed(name: str) -> str | None:
    """Version of a library; parsed once, as every score asks for it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def environment() -> dict[str, str]:
    """What models ran on, for the header: every score says for itself where it was computed."""
    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch is not None else 1
    chosen = versions(("torch", "torchvision"))
    del chosen["python"]
    return {**chosen, "threads": str(threads)}


def judging(device: str, threads: int) -> str:
    """Environment of a judge, in words: torch, torchvision, kind of device, threads.

    Of a processor also the instructions that torch uses there, and of a CUDA device its model: they
    decide in what order sums are made, so scores of two of them are compared by the probes first.
    """
    import torch

    found = versions(("torch", "torchvision"))
    kind = device
    if device == "cpu":
        kind = f"cpu {torch.backends.cpu.get_cpu_capability()}"
    elif device == "cuda":
        kind = f"cuda {torch.cuda.get_device_name()}"
    return (
        f"torch {found.get('torch')}, torchvision {found.get('torchvision')}, {kind},"
        f" {threads} thread{'s' * (threads != 1)}"
    )


@contextlib.contextmanager
def torch_threads(count: int) -> Generator[None]:
    """Let torch compute on `count` processor threads, then on as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _processor() -> str:
    """The processor's model name where the system tells it, else its family."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:  # noqa: PTH123 - not a real file
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
