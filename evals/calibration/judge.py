"""Train the judge: a small open_clip model of the calibration world, saved as an open_clip folder.

Pictures are blurred and made noisy at random, as a generator's are.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from evals.calibration import networks
from evals.calibration.fitting import Plan
from evals.calibration.lessons import Lessons, begin, contrast
from evals.calibration.scenes import SIZE

PLAN = Plan(steps=2000, batch=128, rate=1.5e-3, seed=7, decay_from=0.5)
EMBEDDING = 96


def config(vocabulary: int) -> dict[str, Any]:
    """The `open_clip_config.json` of the judge."""
    return {
        "model_cfg": {
            "embed_dim": EMBEDDING,
            "vision_cfg": {
                "image_size": SIZE,
                "layers": [1, 1, 1, 1],
                "width": 16,
                "head_width": 64,
            },
            "text_cfg": {
                "context_length": networks.TEXT_LENGTH,
                "vocab_size": vocabulary,
                "hf_tokenizer_name": "tokenizer",
                "width": 128,
                "heads": 4,
                "layers": 2,
                "pool_type": "eos",
                "eos_id": 1,
                "pad_id": 1,
            },
        },
        "preprocess_cfg": {
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "interpolation": "bicubic",
            "resize_mode": "squash",
        },
    }


def roughen(pixels: Tensor) -> Tensor:
    """Blur and noise of random strength per picture: N x 3 x H x W in [-1, 1]."""
    count = len(pixels)
    soft = functional.avg_pool2d(functional.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blend = torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.5)
    strength = 0.08 * torch.rand(count, 1, 1, 1)
    return pixels + blend * (soft - pixels) + strength * torch.randn_like(pixels)


def train(work: Path) -> None:
    """Fit the judge and save it under `work / "judge"`."""
    pupil = begin(work / "judge", config, PLAN.seed)
    lessons = Lessons(pupil.tokenizer, pupil.rng)

    def loss(step: int) -> Tensor:
        del step
        drawn, pixels, tokens = lessons.draw(PLAN.batch)
        image, text, scale = pupil.model(roughen(pixels), tokens)
        return contrast(image, text, scale.clamp(max=100), drawn)

    pupil.study(PLAN, loss)
