"""Workloads run for real on a device, beside what their counts promise.

Weights are random, since arithmetic takes as long with any. Of large models a few blocks run, at
the full width and the full size of the picture or clip.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from evals.compute import jobs, meta
from evals.compute.answers import Measured
from evals.compute.files import architectures, facts
from evals.compute.geometry import shot_of
from evals.compute.jobs import Job
from evals.compute.needed import BATCHES, DECODER, PROMPT
from evals.compute.resolve import resolve
from evals.compute.types import Forward, Network, Tensor
from evals.errors import InputError

REPEATS = 7
REFERENCES = ("reference-large", "reference-clip-large")
STACKS: Mapping[str, Mapping[str, int]] = {
    "flux.1-dev": {"num_layers": 2, "num_single_layers": 4},
    "wan2.1-t2v-1.3b-480p": {"num_layers": 3},
}
"""A real image and a real video model, and how many of their blocks run."""
DECODER_LAYERS = 8


def device_here() -> str:
    """The accelerator of this machine.

    Raises:
        InputError: it has none.
    """
    import torch

    if torch.cuda.is_available():
        return "cuda"
    raise InputError(
        "no CUDA GPU here, and --measure needs one; without it `churnboard compute` counts on the"
        " processor"
    )


def workloads(home: Path) -> list[Job]:
    """What is measured: reference models, stacks of real blocks, tokens of a language model."""
    known = architectures()
    found: list[Job] = []
    for name in REFERENCES:
        model = resolve(name, known, home)
        found.append(replace(jobs.denoising(model, shot_of(model)), label=name))
    for name, fewer in STACKS.items():
        model = known[name]
        job = jobs.denoising(model, shot_of(model))
        blocks = sum(fewer.values())
        label = f"{name}, {blocks} blocks"
        found.append(replace(job, label=label, network=_smaller(job.network, fewer)))
    decoder = _smaller(facts().llms[DECODER], {"num_hidden_layers": DECODER_LAYERS})
    for batch in BATCHES:
        job = jobs.token(DECODER, decoder, batch, PROMPT)
        label = f"{DECODER} decoding, batch {batch}, {DECODER_LAYERS} layers"
        found.append(replace(job, label=label))
    return found


def _smaller(network: Network, fewer: Mapping[str, int]) -> Network:
    return replace(network, arguments={**network.arguments, **fewer})


def measure(
    work: Sequence[Job],
    counts: Mapping[str, Forward],
    device: str,
    at: datetime,
    repeats: int = REPEATS,
    progress: Callable[[int, int, str], None] = lambda done, planned, label: None,
) -> list[Measured]:
    """Run every workload on a device.

    Args:
        work: to be run.
        counts: of each, by key.
        device: as torch names it.
        at: now.
        repeats: timed runs of each, after one that is not.
        progress: told how many of how many are done, and what is next.

    Returns:
        The FLOP and bytes per second that the median run reached.
    """
    name = device_name(device)
    found: list[Measured] = []
    for done, job in enumerate(work):
        progress(done, len(work), job.label)
        forward = counts[job.key]
        seconds = timed(job, device, repeats)
        found.append(
            Measured(
                job.label,
                name,
                forward.flops / seconds,
                forward.all_bytes / seconds,
                forward.unfused_intensity,
                seconds,
                repeats,
                at.isoformat(timespec="seconds"),
            )
        )
    progress(len(work), len(work), "")
    return found


def timed(job: Job, device: str, repeats: int) -> float:
    """Seconds of one forward, the median of `repeats` after one to warm up."""
    import torch

    call = _call(job, device)
    taken: list[float] = []
    with torch.no_grad():
        for _ in range(repeats + 1):
            _wait(device)
            begun = time.perf_counter()
            call()
            _wait(device)
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken[1:])


def device_name(device: str) -> str:
    """The device as people call it."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name())
    return device


def _call(job: Job, device: str) -> Callable[[], object]:
    """The workload with random weights and arguments on the device, ready to be run."""
    module: Any = meta.build(job.network, device)
    if job.call == "decode_token":
        from evals.compute.llm import filled_cache

        batch, context = job.inputs["batch"], job.inputs["context"]
        token = _there(Tensor((batch, 1), "int64"), device)
        cache = filled_cache(module.config, batch, context, device)

        def decode() -> None:
            module(input_ids=token, past_key_values=cache, use_cache=True)
            cache.crop(-1)  # the token just added

        return decode
    named = {k: _there(value, device) for k, value in job.inputs.items() if k != "positional"}
    placed = [_there(value, device) for value in job.inputs.get("positional", ())]
    return lambda: module(*placed, **named)


def _there(value: Any, device: str) -> Any:
    """An argument with its tensors made: masks keep everything, ids are 0, the rest is noise."""
    import torch

    if isinstance(value, Tensor):
        if value.dtype == "bool":
            return torch.ones(value.shape, dtype=torch.bool, device=device)
        if value.dtype == "int64":
            return torch.zeros(value.shape, dtype=torch.int64, device=device)
        return torch.randn(value.shape, dtype=getattr(torch, value.dtype), device=device)
    if isinstance(value, list):
        return [_there(item, device) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        return {name: _there(item, device) for name, item in table.items()}
    return value


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        import torch

        torch.cuda.synchronize()
