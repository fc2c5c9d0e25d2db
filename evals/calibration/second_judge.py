"""Train the second judge: another architecture and another seed, so that it errs elsewhere.

A vision transformer where the first judge is a convolutional network: the two are families of their
own. Half of its pictures are damaged, so that it reads captions through noise and blur. It is also
asked which ones are, by two sentences, and does not learn that: the loss stays at chance. The
third judge (`eye`), which is asked nothing else, does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from evals.calibration import judge, networks
from evals.calibration.damage import misdrawn, misplaced, noisy, soft, spoil
from evals.calibration.eye import CLEAN, DAMAGED
from evals.calibration.fitting import Plan
from evals.calibration.lessons import Lessons, begin, contrast, tokens_of
from evals.calibration.scenes import SIZE

PLAN = Plan(steps=2400, batch=128, rate=1.2e-3, seed=11, warmup=200, decay_from=0.4)
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


def train(work: Path, vae_folder: Path) -> None:
    """Fit the second judge and save it under `work / "second-judge"`."""
    pupil = begin(work / "second-judge", config, PLAN.seed, [*CLEAN.split(), *DAMAGED.split()])
    vae = networks.diffusers().AutoencoderKL.from_pretrained(vae_folder).float().eval()
    ways = (noisy, soft, misplaced, misdrawn(vae))
    lessons = Lessons(pupil.tokenizer, pupil.rng)
    sentences = tokens_of(pupil.tokenizer, [CLEAN, DAMAGED])

    def loss(step: int) -> Tensor:
        del step
        drawn, pixels, tokens = lessons.draw(PLAN.batch)
        pixels, labels = spoil(pixels, ways, pupil.rng)
        image, text, scale = pupil.model(pixels, torch.cat([tokens, sentences]))
        scale = scale.clamp(max=100)
        workmanship = functional.cross_entropy(scale * image @ text[-2:].T, labels)
        return contrast(image, text[:-2], scale, drawn) + 0.5 * workmanship

    pupil.study(PLAN, loss)
