"""Counts that answers are made of: named, run once, and kept by what they depend on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from evals.compute import meta
from evals.compute.geometry import latents_of
from evals.compute.recipes import inputs_of
from evals.compute.types import Architecture, Encoder, Forward, Inputs, Network, Shot, Tensor
from evals.errors import InputError
from evals.home import shown

LIBRARIES = ("torch", "diffusers", "transformers")


@cache
def _versions() -> list[str]:
    return [version(library) for library in LIBRARIES]


@dataclass(frozen=True)
class Job:
    """One forward to count."""

    label: str
    """For people; not part of what the count depends on."""
    call: Literal["forward", "decode_token", "decode_latents"]
    network: Network
    inputs: Inputs

    @cached_property
    def key(self) -> str:
        """A hash of everything that the count depends on, the installed libraries included."""
        network = self.network
        parts = [
            meta.VERSION,
            _versions(),
            [self.call, network.library, network.kind],
            json.dumps(dict(network.arguments), sort_keys=True),
            repr(sorted(self.inputs.items())),
        ]
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def denoising(model: Architecture, shot: Shot) -> Job:
    """One forward of the denoiser.

    Raises:
        InputError: as `recipes.inputs_of`.
    """
    label = f"{model.name} {shot.width} × {shot.height}"
    if model.modality == "video":
        label += f" × {shot.frames}"
    return Job(label, "forward", model.network, inputs_of(model, shot))


def encoding(encoder: Encoder) -> Job:
    """One prompt through a text encoder."""
    ids = Tensor((1, encoder.tokens), "int64")
    return Job(encoder.name, "forward", encoder.network, {"input_ids": ids})


def decoding(model: Architecture, shot: Shot) -> Job | None:
    """One picture, or one frame of a clip, out of the VAE; None where its network is not known."""
    if model.vae.network is None:
        return None
    grid = latents_of(model, shot)
    latents = Tensor((1, model.vae.latent_channels, grid.height, grid.width))
    return Job(f"{model.name} VAE", "decode_latents", model.vae.network, {"z": latents})


def prompt(name: str, network: Network, tokens: int) -> Job:
    """A prompt read by a language model at once."""
    inputs = {"input_ids": Tensor((1, tokens), "int64"), "use_cache": False}
    return Job(f"{name} prompt", "forward", network, inputs)


def token(name: str, network: Network, batch: int, context: int) -> Job:
    """One more token of each of `batch` sequences of a language model."""
    inputs = {"batch": batch, "context": context}
    return Job(f"{name} decoding", "decode_token", network, inputs)


def counted(job: Job) -> Forward:
    """Run a job.

    Raises:
        InputError: as `meta.count`.
    """
    if job.call == "decode_token":
        from evals.compute.llm import decode

        return decode(job.network, job.inputs["batch"], job.inputs["context"])
    if job.call == "decode_latents":
        module: Any = meta.build(job.network)
        latents = meta.on_meta(job.inputs["z"])
        return meta.counted(module, lambda: module.decode(latents), job.network.kind)
    return meta.count(job.network, job.inputs)


def kept(home: Path, jobs: Iterable[Job]) -> dict[str, Forward]:
    """Counts of these jobs that the home holds, by key; a damaged one is as if it were not there.

    Imports no torch.
    """
    found: dict[str, Forward] = {}
    for job in jobs:
        key = job.key
        forward = _read(_file(home, key))
        if forward is not None:
            found[key] = forward
    return found


def all_counts(
    home: Path,
    jobs: Sequence[Job],
    progress: Callable[[int, int, str], None] = lambda done, planned, label: None,
) -> Mapping[str, Forward]:
    """Counts of all jobs by key: those that are kept, and the others made now and kept.

    Args:
        home: what is made is kept in.
        jobs: to be counted; the same one may be in it twice.
        progress: told how many of how many are made, and what is made next.

    Raises:
        InputError: a forward cannot be counted, or the home cannot be written.
    """
    found = kept(home, jobs)
    missing = {job.key: job for job in jobs if job.key not in found}
    for done, (key, job) in enumerate(missing.items()):
        progress(done, len(missing), job.label)
        found[key] = counted(job)
        _write(_file(home, key), found[key])
    if missing:
        progress(len(missing), len(missing), "")
    return found


def folder(home: Path) -> Path:
    """Where counts are kept."""
    return home / "compute" / "counts"


def _file(home: Path, key: str) -> Path:
    return folder(home) / f"{key}.json"


def _read(path: Path) -> Forward | None:
    try:
        table = json.loads(path.read_bytes())
        forward = Forward(**table)
    except (OSError, ValueError, TypeError):
        return None
    whole = all(isinstance(value, int) and value >= 0 for value in asdict(forward).values())
    return forward if whole and forward.all_bytes else None


def _write(path: Path, forward: Forward) -> None:
    write_whole(path, json.dumps(asdict(forward)))


def write_whole(path: Path, text: str) -> None:
    """Write a file in one step, so that nobody reads half of it.

    Raises:
        InputError: it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be written: {error.strerror}") from error
