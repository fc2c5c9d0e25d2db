"""Train the third judge: it tells clean pictures from damaged ones, and reads no captions.

An open_clip model whose two sentences, `CLEAN` and `DAMAGED`, are what a CLIP-IQA metric asks. It
is shown noise, blur, halos, garish colours, misplaced patches and the faults of a decoder whose
latents are noisy, as a weak model's are; and clean ones that were shifted by a pixel or saved as
JPEG. A first eye that was not shown halos and garish colours was fooled by them, and a second took
JPEG for damage, which its tie band told. Posterised pictures this one never saw either.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from evals.calibration import judge, networks
from evals.calibration.damage import garish, haloed, handle, misdrawn, misplaced, noisy, soft, spoil
from evals.calibration.fitting import Plan
from evals.calibration.lessons import Lessons, begin, tokens_of

PLAN = Plan(steps=1200, batch=64, rate=1e-3, seed=13, decay_from=0.5)
CLEAN, DAMAGED = "a clean picture", "a damaged picture"


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the eye."""
    settings = judge.config(vocabulary)
    settings["model_cfg"]["embed_dim"] = 32
    settings["model_cfg"]["vision_cfg"] |= {"width": 8, "head_width": 32}
    settings["model_cfg"]["text_cfg"] |= {"width": 32, "heads": 1, "layers": 1}
    return settings


def train(work: Path, vae_folder: Path) -> None:
    """Fit the eye and save it under `work / "eye"`."""
    pupil = begin(work / "eye", config, PLAN.seed, [*CLEAN.split(), *DAMAGED.split()])
    vae = networks.diffusers().AutoencoderKL.from_pretrained(vae_folder).float().eval()
    ways = (noisy, soft, misplaced, haloed, garish, misdrawn(vae))
    # Two sentences that begin alike stay alike: neither tower learns before the other has.
    with torch.no_grad():
        pupil.model.token_embedding.weight.mul_(30)
    lessons = Lessons(pupil.tokenizer, pupil.rng)
    sentences = tokens_of(pupil.tokenizer, [CLEAN, DAMAGED])

    def loss(step: int) -> Tensor:
        del step
        _, pixels, _ = lessons.draw(PLAN.batch)
        pixels, labels = spoil(pixels, ways, pupil.rng)
        pixels = handle(pixels, pupil.rng)
        image, text, scale = pupil.model(pixels, sentences)
        return functional.cross_entropy(scale.clamp(max=100) * image @ text.T, labels)

    pupil.study(PLAN, loss)
