"""Train the judge: a small open_clip model of the calibration world, saved as an open_clip folder.

Every batch holds pairs of scenes that differ in one word, so that each picture must be told from
the picture next to it by that word alone. Pictures are blurred and made noisy at random, as a
generator's are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file  # pyright: ignore[reportUnknownVariableType]
from torch import Tensor
from torch.nn import functional

from evals.calibration import corpus, networks
from evals.calibration.fitting import Plan, fit, to_unit
from evals.calibration.scenes import SIZE, VOCABULARY, Scene, caption

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


def neighbour(scene: Scene, rng: np.random.Generator) -> Scene:
    """A scene of the training split that differs from `scene` in exactly one word."""
    while True:
        attribute = str(rng.choice(list(VOCABULARY)))
        words = [word for word in VOCABULARY[attribute] if word != scene.words[attribute]]
        other = Scene(**{**scene.words, attribute: str(rng.choice(words))})
        if not corpus.is_unseen(other):
            return other


def roughen(pixels: Tensor) -> Tensor:
    """Blur and noise of random strength per picture: N x 3 x H x W in [-1, 1]."""
    count = len(pixels)
    soft = functional.avg_pool2d(functional.pad(pixels, (1, 1, 1, 1), mode="replicate"), 3, 1)
    blend = torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.5)
    strength = 0.08 * torch.rand(count, 1, 1, 1)
    return pixels + blend * (soft - pixels) + strength * torch.randn_like(pixels)


class Lessons:
    """Batches of renders and captions of the training split, in pairs one word apart."""

    RENDERS = 3

    def __init__(self, tokenizer: Any, rng: np.random.Generator) -> None:
        self.rng = rng
        self.scenes = corpus.seen_scenes()
        self.pictures = corpus.build(self.scenes, self.RENDERS).pictures
        self.place = {scene: i for i, scene in enumerate(self.scenes)}
        self.tokens = tokens_of(tokenizer, [caption(scene) for scene in self.scenes])

    def draw(self, count: int) -> tuple[NDArray[np.int64], Tensor, Tensor]:
        """Numbers of `count` scenes, their pixels (N x 3 x H x W in [-1, 1]) and their tokens."""
        picked = self.rng.integers(len(self.scenes), size=count // 2)
        half: list[Scene] = [self.scenes[i] for i in picked]
        pairs = [*half, *(neighbour(scene, self.rng) for scene in half)]
        drawn = np.array([self.place[scene] for scene in pairs])
        shown = drawn * self.RENDERS + self.rng.integers(self.RENDERS, size=len(drawn))
        return drawn, to_unit(self.pictures[shown]), self.tokens[drawn]


def tokens_of(tokenizer: Any, texts: Sequence[str]) -> Tensor:
    """N x TEXT_LENGTH token numbers."""
    padded = tokenizer(list(texts), padding="max_length", max_length=networks.TEXT_LENGTH)
    return torch.tensor(padded["input_ids"])


def contrast(image: Tensor, text: Tensor, scale: Tensor, drawn: NDArray[np.int64]) -> Tensor:
    """CLIP's symmetric cross entropy; pairs of one and the same scene are no negatives."""
    logits = scale * image @ text.T
    same = torch.from_numpy(drawn[:, None] == drawn[None, :])
    same.fill_diagonal_(False)
    logits = logits.masked_fill(same, -torch.inf)
    target = torch.arange(len(drawn))
    return (
        functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    ) / 2


def train(work: Path) -> None:
    """Fit the judge and save it under `work / "judge"`."""
    import open_clip

    torch.manual_seed(PLAN.seed)
    rng = np.random.default_rng(PLAN.seed)
    tokenizer = networks.tokenizer()
    settings = config(len(tokenizer))
    folder = work / "judge"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    model: Any = open_clip.model.CLIP(
        **settings["model_cfg"], init_logit_scale=float(np.log(1 / 0.07))
    )
    model.train()

    lessons = Lessons(tokenizer, rng)

    def loss(step: int) -> Tensor:
        del step
        drawn, pixels, tokens = lessons.draw(PLAN.batch)
        image, text, scale = model(roughen(pixels), tokens)
        return contrast(image, text, scale.clamp(max=100), drawn)

    def keep(step: int) -> None:
        if (step + 1) % 500 == 0 or step + 1 == PLAN.steps:
            weights: dict[str, Tensor] = model.state_dict()
            whole = {name: value.half().contiguous() for name, value in weights.items()}
            save_file(whole, folder / "open_clip_model.safetensors")

    fit(PLAN, list(model.parameters()), loss, work / "judge.jsonl", after_step=keep)
