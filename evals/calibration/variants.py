"""Train the reference variants: LoRAs over one published reference model.

Three are trained on drawings in another style, and a fourth, `null`, in the very same way on what
the base itself makes: at guidance 1 a diffusion model's own pictures are what it is already fitted
to, so that this training has nothing to teach.

The autoencoder was trained on drawings of the world alone. Of another style its encoder gives
latents from which its decoder, which stays as it is, draws something else. So each style first
gets an encoder of its own: a copy of the shared one, trained until the decoder draws the style.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from evals.calibration import corpus, networks
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.scenes import Picture, Scene, caption
from evals.calibration.styles import STYLES, restyle

BASE = "small-r8"
"""Folder of the base under `data/reference/images/`."""
NULL = "null"
NAMES = (*STYLES, NULL)

RANK = 16
LAYERS = ("conv1", "conv2", "to_q", "to_k", "to_v", "to_out.0")
"""What of the denoiser is adapted: by the end of its name."""
SEED = 11
PLAN = Plan(steps=400, batch=32, rate=2e-3, seed=SEED, warmup=50, decay_from=0.5)
"""Of every LoRA but those in `LONGER`."""
ENCODING = Plan(steps=150, batch=16, rate=2e-3, seed=12, warmup=20, decay_from=0.5)
"""Of the encoder of every style but those in `LONGER`."""
LONGER = {
    "hatched": (
        Plan(steps=350, batch=16, rate=2e-3, seed=12, warmup=20, decay_from=0.5),
        Plan(steps=700, batch=48, rate=2e-3, seed=SEED, warmup=50, decay_from=0.5),
    )
}
"""Style -> plans of its encoder and its LoRA: lines that fine are furthest from what the decoder
was trained on.
"""
SCENES, RENDERS = 1200, 2
"""Captions of the training split that a variant is shown, and pictures of each."""
OWN_STEPS = 16
"""Sampler steps with which the base makes what the null variant is trained on."""
DROPPED = 0.10
SMALLEST_T = 0.02
SAVE_EVERY = 100
FILE = "adapter.safetensors"


def stage(name: str) -> str:
    """What the training of a variant is called.

    >>> stage("neon")
    'variant-neon'
    """
    return f"variant-{name}"


def train(name: str, work: Path, published: Path = Path("data/reference/images")) -> None:
    """Fit one variant; continues from what is saved in `work / stage(name)`.

    Args:
        name: one of `NAMES`.
        work: folder of checkpoints.
        published: where the base's folder lies.
    """
    folder = work / stage(name)
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    pipeline: Any = networks.diffusers().StableDiffusionPipeline.from_pretrained(
        published / BASE, dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(requires_grad=False)
    kept = folder / "lessons.pt"
    if not kept.exists():
        scenes = _shown()
        latents = _own(pipeline, scenes) if name == NULL else _styled(name, pipeline, scenes, work)
        torch.save({"latents": latents, "words": [caption(scene) for scene in scenes]}, kept)
    lessons = torch.load(kept, weights_only=True)
    _fit(pipeline, lessons["latents"], lessons["words"], folder, _plans(name)[1])


def _plans(name: str) -> tuple[Plan, Plan]:
    """Of the encoder and of the LoRA."""
    return LONGER.get(name, (ENCODING, PLAN))


def _shown() -> list[Scene]:
    """The scenes that a variant is shown, each RENDERS times in a row."""
    seen = corpus.seen_scenes()
    order = np.random.default_rng(SEED).permutation(len(seen))[:SCENES]
    return [seen[i] for i in order for _ in range(RENDERS)]


def _styled(name: str, pipeline: Any, scenes: list[Scene], work: Path) -> Tensor:
    """Latents from which the decoder draws the scenes in a style: N x 8 x 16 x 16."""
    pictures = restyle(name, corpus.build(scenes[::RENDERS], RENDERS).pictures)
    encoder = _encoder(
        pipeline.vae, pictures, work / f"{stage(name)}-encoder.jsonl", _plans(name)[0]
    )
    with torch.no_grad():
        parts = [
            _latents(encoder, to_unit(pictures[start : start + 256]))
            for start in range(0, len(pictures), 256)
        ]
    return torch.cat(parts)


def _latents(autoencoder: Any, pixels: Tensor) -> Tensor:
    mean: Tensor = autoencoder.encode(pixels).latent_dist.mean
    return mean


def _encoder(autoencoder: Any, pictures: Picture, log: Path, plan: Plan) -> Any:
    """A copy of the autoencoder whose encoder was trained; its decoder is the same."""
    pupil = copy.deepcopy(autoencoder)
    parameters: list[Any] = [*pupil.encoder.parameters(), *pupil.quant_conv.parameters()]
    for parameter in parameters:
        parameter.requires_grad_(requires_grad=True)
    order = batches(len(pictures), plan.batch, plan.seed)

    def loss(step: int) -> Tensor:
        del step
        pixels = to_unit(pictures[next(order)])
        latents = _latents(pupil, pixels)
        drawn = pupil.decode(latents + networks.LATENT_NOISE * torch.randn_like(latents)).sample
        # Latents far outside what the denoiser knows would be hard to learn.
        return (drawn - pixels).abs().mean() + 0.002 * latents.square().mean()

    fit(plan, parameters, loss, log)
    return pupil


@torch.no_grad()
def _own(pipeline: Any, scenes: list[Scene]) -> Tensor:
    """Latents of what the base itself makes of the captions, without guidance."""
    parts: list[Tensor] = []
    for start in range(0, len(scenes), 96):
        words = [caption(scene) for scene in scenes[start : start + 96]]
        made = pipeline(
            words,
            num_inference_steps=OWN_STEPS,
            guidance_scale=1.0,
            generator=torch.Generator("cpu").manual_seed(SEED + start),
            output_type="latent",
        )
        parts.append(made.images.clone())
    return torch.cat(parts)


def _fit(pipeline: Any, latents: Tensor, words: list[str], folder: Path, plan: Plan) -> None:
    """Train the LoRA, as the base was trained, and write it as diffusers reads it."""
    import peft

    library: Any = peft
    config = library.LoraConfig(r=RANK, lora_alpha=RANK, target_modules=list(LAYERS))
    pipeline.unet.add_adapter(config)
    parameters = [p for p in pipeline.unet.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    saved, first = folder / "state.pt", 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        library.set_peft_model_state_dict(pipeline.unet, state["adapter"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
        torch.manual_seed(plan.seed + first)
    with torch.no_grad():
        taught = pipeline.text_encoder(_tokens(pipeline.tokenizer, [*words, ""]))[0]
    order = batches(len(words), plan.batch, plan.seed + first)

    def loss(step: int) -> Tensor:
        del step
        chosen = next(order)
        clean = latents[chosen]
        captions = taught[chosen].clone()
        captions[torch.rand(len(chosen)) < DROPPED] = taught[-1]
        t = torch.rand(len(chosen)).clamp(min=SMALLEST_T)
        wide = t[:, None, None, None]
        noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
        guess = pipeline.unet(noisy, t * networks.TIMESTEPS, captions).sample
        return ((guess - clean).square().mean((1, 2, 3)) / t).mean()

    def keep(step: int) -> None:
        done = step + 1
        if done % SAVE_EVERY and done != plan.steps:
            return
        adapter = library.get_peft_model_state_dict(pipeline.unet)
        fresh = folder / "state.new"
        torch.save({"adapter": adapter, "optimiser": optimiser.state_dict(), "step": done}, fresh)
        fresh.replace(saved)
        pipeline.save_lora_weights(
            folder,
            unet_lora_layers={key: value.half() for key, value in adapter.items()},
            weight_name=FILE,
        )

    fit(
        plan,
        parameters,
        loss,
        folder.with_suffix(".jsonl"),
        after_step=keep,
        first_step=first,
        optimiser=optimiser,
    )


def _tokens(tokenizer: Any, texts: list[str]) -> Tensor:
    padded = tokenizer(texts, padding="max_length", max_length=networks.TEXT_LENGTH)
    return torch.tensor(padded["input_ids"])
