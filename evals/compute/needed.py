"""What has to be counted for each answer (pure but for the shipped files)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evals.compute import jobs, ladder
from evals.compute.files import architectures
from evals.compute.geometry import hd, nearest_frames, shot_of, ultra_hd
from evals.compute.jobs import Job
from evals.compute.types import Architecture, Facts, Shot
from evals.errors import InputError

PROMPT = 200
"""Tokens of the prompt that is one unit."""
BATCHES = (1, 32, 256)
DECODER = "llama-3.1-8b"
"""The language model whose decoding is on the roofline."""
LINEAR_CLASSES = {"SanaTransformer2DModel"}
"""Networks whose attention over the picture is linear in its tokens."""


@dataclass(frozen=True)
class Asked:
    """A model and what is asked of it."""

    model: Architecture
    shot: Shot


def shipped() -> tuple[Asked, ...]:
    """Every shipped architecture at its defaults."""
    return tuple(Asked(model, shot_of(model)) for model in architectures().values())


def model_jobs(asked: Sequence[Asked], known: Facts) -> list[Job]:
    """What models, the units and the bands of the GPUs are made of."""
    found: list[Job] = []
    for one in asked:
        found.append(jobs.denoising(one.model, one.shot))
        found += [jobs.encoding(encoder) for encoder in one.model.text.encoders]
        vae = jobs.decoding(one.model, one.shot)
        found += [vae] if vae is not None else []
    found += [jobs.prompt(name, network, PROMPT) for name, network in known.llms.items()]
    models = architectures()
    for latency in known.latencies:
        model = models[latency.model]
        found.append(jobs.denoising(model, shot_of(model)))
    return found


def ladder_jobs(known: Facts) -> list[Job]:
    """What the ladder is made of."""
    found = [jobs.prompt(name, network, PROMPT) for name, network in known.llms.items()]
    for model in architectures().values():
        found.append(jobs.denoising(model, rung_shot(model)))
        for shot in scaled_shots(model) or ():
            found.append(jobs.denoising(model, shot))
    return found


def roofline_jobs(known: Facts) -> list[Job]:
    """What the roofline is made of."""
    found = [jobs.denoising(one.model, one.shot) for one in shipped()]
    network = known.llms[DECODER]
    found.append(jobs.prompt(DECODER, network, PROMPT))
    return found + [jobs.token(DECODER, network, batch, PROMPT) for batch in BATCHES]


def passes(model: Architecture, shot: Shot) -> int:
    """Forwards of one generation."""
    return shot.steps * model.defaults.passes_per_step


def rung_shot(model: Architecture) -> Shot:
    """A picture at the defaults, or a clip of as near to five seconds as the model makes."""
    usual = shot_of(model)
    if usual.fps is None:
        return usual
    return replace(usual, frames=nearest_frames(model, ladder.CLIP_SECONDS * usual.fps))


def scaled_shots(model: Architecture) -> tuple[Shot, Shot] | None:
    """One model at 720p and 4K: of clips all, of pictures those of linear attention.

    None where the model cannot be asked for both.
    """
    if model.modality == "image" and model.network.kind not in LINEAR_CLASSES:
        return None
    try:
        return shot_of(model, *hd(model)), shot_of(model, *ultra_hd(model))
    except InputError:
        return None
