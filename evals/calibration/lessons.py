"""What judges are taught with: batches of renders and captions, and the pupil itself.

Every batch holds pairs of scenes that differ in one word, so that each picture must be told from
the picture next to it by that word alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from evals.calibration.scenes import VOCABULARY, Scene, caption

KEPT_EVERY = 200
"""Steps after which the weights are written."""


@dataclass(frozen=True)
class Pupil:
    """An open_clip model in training."""

    folder: Path
    """Where it is saved; its log lies beside, under the same name."""
    tokenizer: Any
    model: Any
    rng: np.random.Generator

    def study(self, plan: Plan, loss: Callable[[int], Tensor]) -> None:
        """Minimise the loss along the plan, keeping the weights in half precision."""

        def keep(step: int) -> None:
            if (step + 1) % KEPT_EVERY == 0 or step + 1 == plan.steps:
                weights: dict[str, Tensor] = self.model.state_dict()
                whole = {name: value.half().contiguous() for name, value in weights.items()}
                save_file(whole, self.folder / "open_clip_model.safetensors")

        self.model.train()
        log = self.folder.with_suffix(".jsonl")
        fit(plan, list(self.model.parameters()), loss, log, after_step=keep)


def begin(
    folder: Path, config: Callable[[int], dict[str, Any]], seed: int, words: Sequence[str] = ()
) -> Pupil:
    """A fresh model in an ordinary open_clip folder, with its configuration and tokenizer.

    Args:
        folder: made if it is not there.
        config: size of the vocabulary -> `open_clip_config.json`.
        seed: of torch's generator, and of the pupil's own.
        words: words beside the world's that texts will use.
    """
    import open_clip

    torch.manual_seed(seed)
    tokenizer = networks.tokenizer(words)
    settings = config(len(tokenizer))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "open_clip_config.json").write_text(json.dumps(settings, indent=2) + "\n")
    tokenizer.save_pretrained(folder)
    model: Any = open_clip.model.CLIP(
        **settings["model_cfg"], init_logit_scale=float(np.log(1 / 0.07))
    )
    return Pupil(folder, tokenizer, model, np.random.default_rng(seed))


def neighbour(scene: Scene, rng: np.random.Generator) -> Scene:
    """A scene of the training split that differs from `scene` in exactly one word."""
    while True:
        attribute = str(rng.choice(list(VOCABULARY)))
        words = [word for word in VOCABULARY[attribute] if word != scene.words[attribute]]
        other = Scene(**{**scene.words, attribute: str(rng.choice(words))})
        if not corpus.is_unseen(other):
            return other


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
