"""Train the third judge: it tells clean pictures from damaged ones, and reads no captions.

An open_clip model whose two sentences, `CLEAN` and `DAMAGED`, are what a CLIP-IQA metric asks. It
is shown noise, blur, misplaced patches and the faults of a decoder whose latents are noisy, as a
weak model's are; over-sharpened, oversaturated and posterised pictures it never saw.
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
from evals.calibration.judge import Lessons, tokens_of
from evals.calibration.scenes import SIZE

PLAN = Plan(steps=1000, batch=64, rate=1e-3, seed=13, decay_from=0.5)
CLEAN, DAMAGED = "a clean picture", "a damaged picture"
DAMAGED_SHARE = 0.5
PATCH = 8


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the eye."""
    settings = judge.config(vocabulary)
    settings["model_cfg"]["embed_dim"] = 32
    settings["model_cfg"]["vision_cfg"] |= {"width": 8, "head_width": 32}
    settings["model_cfg"]["text_cfg"] |= {"width": 32, "heads": 1, "layers": 1}
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
    """Fit the eye and save it under `work / "eye"`."""
    import open_clip

    torch.manual_seed(PLAN.seed)
    rng = np.random.default_rng(PLAN.seed)
    tokenizer = networks.tokenizer([*CLEAN.split(), *DAMAGED.split()])
    settings = config(len(tokenizer))
    folder = work / "eye"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    vae = networks.diffusers().AutoencoderKL.from_pretrained(vae_folder).float().eval()
    model: Any = open_clip.model.CLIP(
        **settings["model_cfg"], init_logit_scale=float(np.log(1 / 0.07))
    )
    # Two sentences that begin alike stay alike: neither tower learns before the other has.
    with torch.no_grad():
        model.token_embedding.weight.mul_(30)
    model.train()
    lessons = Lessons(tokenizer, rng)
    sentences = tokens_of(tokenizer, [CLEAN, DAMAGED])

    def loss(step: int) -> Tensor:
        del step
        _, pixels, _ = lessons.draw(PLAN.batch)
        pixels, labels = damage(pixels, vae, rng)
        image, text, scale = model(pixels, sentences)
        return functional.cross_entropy(scale.clamp(max=100) * image @ text.T, labels)

    def keep(step: int) -> None:
        if (step + 1) % 200 == 0 or step + 1 == PLAN.steps:
            weights: dict[str, Tensor] = model.state_dict()
            whole = {name: value.half().contiguous() for name, value in weights.items()}
            save_file(whole, folder / "open_clip_model.safetensors")

    fit(PLAN, list(model.parameters()), loss, work / "eye.jsonl", after_step=keep)
