"""Train the second judge: another architecture, other seed, and an eye for damage.

A vision transformer where the first judge is a convolutional network, so that the two err apart:
they are families of their own. Beside captions it learns two sentences about workmanship
(`CLEAN`, `DAMAGED`), which is what a CLIP-IQA metric asks. It is shown noise, blur, patches and the
faults of a decoder; over-sharpening, saturation and posterising it never saw.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor
from torch.nn import functional

from evals.calibration import judge, networks
from evals.calibration.fitting import Plan, fit
from evals.calibration.judge import Lessons, contrast, tokens_of
from evals.calibration.scenes import SIZE

PLAN = Plan(steps=2400, batch=128, rate=1.2e-3, seed=11, warmup=200, decay_from=0.4)
CLEAN, DAMAGED = "a clean picture", "a damaged picture"
DAMAGED_SHARE = 0.5
PATCH = 8


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the second judge."""
    settings = judge.config(vocabulary)
    settings["model_cfg"]["vision_cfg"] = {
        "image_size": SIZE,
        "patch_size": PATCH,
        "layers": 4,
        "width": 96,
        "head_width": 32,
    }
    settings["model_cfg"]["text_cfg"] |= {"width": 96, "heads": 3}
    return settings


def damage(pixels: Tensor, vae: Any, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Half of the pictures damaged, each in one way of random strength, and which they are.

    Args:
        pixels: N x 3 x H x W in [-1, 1].
        vae: the world's autoencoder, whose decoder errs when its latents are noisy.
        rng: chooses.

    Returns pixels of the same shape, and N labels: 0 clean, 1 damaged.
    """
    labels = torch.from_numpy((rng.random(len(pixels)) < DAMAGED_SHARE).astype(np.int64))
    kinds = rng.integers(4, size=len(pixels))
    result = pixels.clone()
    for number in np.flatnonzero(labels.numpy()):
        strength = float(rng.uniform(0.25, 1.0))
        one = pixels[number : number + 1]
        if kinds[number] == 0:
            one = one + 0.35 * strength * torch.randn_like(one)
        elif kinds[number] == 1:
            for _ in range(1 + round(3 * strength)):
                one = functional.avg_pool2d(
                    functional.pad(one, (1, 1, 1, 1), mode="replicate"), 3, 1
                )
        elif kinds[number] == 2:
            one = one.clone()
            for _ in range(1 + round(3 * strength)):
                down, right = rng.integers(SIZE - PATCH, size=2)
                from_down, from_right = rng.integers(SIZE - PATCH, size=2)
                one[..., down : down + PATCH, right : right + PATCH] = pixels[
                    number : number + 1,
                    :,
                    from_down : from_down + PATCH,
                    from_right : from_right + PATCH,
                ]
        result[number : number + 1] = one
    spoilt = np.flatnonzero(labels.numpy() * (kinds == 3))
    if len(spoilt):
        with torch.no_grad():
            latents = vae.encode(pixels[spoilt]).latent_dist.mean
            strengths = torch.from_numpy(rng.uniform(0.3, 1.0, size=(len(spoilt), 1, 1, 1))).float()
            result[spoilt] = vae.decode(latents + strengths * torch.randn_like(latents)).sample
    # A little of either for all: a compressed picture is not a damaged one.
    return result + 0.015 * torch.randn_like(result), labels


def train(work: Path, vae_folder: Path) -> None:
    """Fit the second judge and save it under `work / "second-judge"`."""
    import open_clip

    torch.manual_seed(PLAN.seed)
    rng = np.random.default_rng(PLAN.seed)
    tokenizer = networks.tokenizer([*CLEAN.split(), *DAMAGED.split()])
    settings = config(len(tokenizer))
    folder = work / "second-judge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    vae = networks.diffusers().AutoencoderKL.from_pretrained(vae_folder).float().eval()
    model: Any = open_clip.model.CLIP(
        **settings["model_cfg"], init_logit_scale=float(np.log(1 / 0.07))
    )
    model.train()
    lessons = Lessons(tokenizer, rng)
    sentences = tokens_of(tokenizer, [CLEAN, DAMAGED])

    def loss(step: int) -> Tensor:
        del step
        drawn, pixels, tokens = lessons.draw(PLAN.batch)
        pixels, labels = damage(pixels, vae, rng)
        image, text, scale = model(pixels, torch.cat([tokens, sentences]))
        scale = scale.clamp(max=100)
        workmanship = functional.cross_entropy(scale * image @ text[-2:].T, labels)
        return contrast(image, text[:-2], scale, drawn) + 0.5 * workmanship

    def keep(step: int) -> None:
        if (step + 1) % 400 == 0 or step + 1 == PLAN.steps:
            weights: dict[str, Tensor] = model.state_dict()
            whole = {name: value.half().contiguous() for name, value in weights.items()}
            save_file(whole, folder / "open_clip_model.safetensors")

    fit(PLAN, list(model.parameters()), loss, work / "second-judge.jsonl", after_step=keep)
