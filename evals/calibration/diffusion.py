"""Train the reference diffusion models: caption -> latents of the shared autoencoder.

Rectified flow with prediction of the clean latent: x_t = (1 - t) x + t e, loss weighted by 1 / t.
One caption in ten is dropped, for classifier-free guidance. What is kept is the exponential moving
average of the weights, at the steps named in `CHECKPOINTS`.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from evals.calibration import corpus, networks
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.scenes import caption

PLANS: dict[str, Plan] = {
    "small": Plan(steps=4000, batch=64, rate=1.5e-3, seed=1, decay_from=0.7),
    "medium": Plan(steps=2000, batch=64, rate=1.3e-3, seed=2, decay_from=0.5),
    "large": Plan(steps=3500, batch=64, rate=1.3e-3, seed=3, decay_from=0.5),
}
CHECKPOINTS: dict[str, tuple[int, ...]] = {
    "small": (200, 350, 550, 800, 1200, 1800, 2700, 4000),
    "medium": (2000,),
    "large": (3500,),
}
RENDERS = 4
DROPPED = 0.10
"""Share of captions replaced by the empty one."""
SMALLEST_T = 0.02
SAVE_EVERY = 250
AVERAGE = 0.998
"""Decay of the moving average of the weights, reached after a warm-up."""


def releases(size: str) -> list[tuple[str, int]]:
    """(folder name, training step) of what is published of one training.

    >>> releases("large")
    [('large', 3500)]
    """
    return numbered(size, CHECKPOINTS[size])


def numbered(name: str, steps: tuple[int, ...]) -> list[tuple[str, int]]:
    """The one checkpoint goes by the name, several as its releases."""
    if len(steps) == 1:
        return [(name, steps[0])]
    return [(f"{name}-r{number}", step) for number, step in enumerate(steps, start=1)]


class Reference(nn.Module):
    """The two networks of one reference model that are trained together."""

    def __init__(self, size: str, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder: nn.Module = networks.text_encoder(vocabulary)
        self.unet: nn.Module = networks.unet(networks.SIZES[size])

    def predict(self, noisy: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """Clean latents (N x 8 x 16 x 16) from noisy ones, t in (0, 1] and caption tokens."""
        words = self.text_encoder(tokens)[0]
        clean: Tensor = self.unet(noisy, t * networks.TIMESTEPS, words).sample
        return clean


@torch.no_grad()
def encode(autoencoder: Any, pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> Tensor:
    """Latent means of pictures, in half precision: N x 8 x 16 x 16."""
    parts: list[Tensor] = []
    for start in range(0, len(pictures), 256):
        pixels = to_unit(pictures[start : start + 256])
        parts.append(autoencoder.encode(pixels).latent_dist.mean.half())
    return torch.cat(parts)


def train(size: str, work: Path) -> None:
    """Fit one reference model; continues from the last saved state of `work / size`."""
    plan = PLANS[size]
    folder = work / size
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    tokenizer = networks.tokenizer()
    data = corpus.build(corpus.seen_scenes(), RENDERS)
    autoencoder = networks.diffusers().AutoencoderKL.from_pretrained(work / "autoencoder")
    latents = encode(autoencoder, data.pictures)
    tokens = torch.tensor(
        tokenizer(
            [*(caption(scene) for scene in data.scenes), ""],
            padding="max_length",
            max_length=networks.TEXT_LENGTH,
        )["input_ids"]
    )
    model = Reference(size, len(tokenizer))
    average = copy.deepcopy(model).requires_grad_(requires_grad=False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    saved, first = folder / "state.pt", 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
        torch.manual_seed(plan.seed + first)
    order = batches(len(data.scenes), plan.batch, plan.seed + first)
    nothing = tokens[-1]

    def loss(step: int) -> Tensor:
        del step
        chosen = next(order)
        clean = latents[chosen].float()
        words = tokens[chosen].clone()
        words[torch.rand(len(chosen)) < DROPPED] = nothing
        t = torch.rand(len(chosen)).clamp(min=SMALLEST_T)
        wide = t[:, None, None, None]
        noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
        with torch.autocast("cpu", torch.bfloat16):
            guess = model.predict(noisy, t, words).float()
        return ((guess - clean).square().mean((1, 2, 3)) / t).mean()

    def follow(step: int) -> None:
        decay = min(AVERAGE, (step + 1) / (step + 10))
        with torch.no_grad():
            for mean, value in zip(average.parameters(), model.parameters(), strict=True):
                mean.lerp_(value, 1 - decay)
        done = step + 1
        if done in CHECKPOINTS[size]:
            torch.save(average.state_dict(), folder / f"step-{done:05d}.pt")
        if done % SAVE_EVERY == 0:
            fresh = folder / "state.new"
            torch.save(
                {
                    "model": model.state_dict(),
                    "average": average.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "step": done,
                },
                fresh,
            )
            fresh.replace(saved)

    fit(
        plan,
        parameters,
        loss,
        work / f"{size}.jsonl",
        after_step=follow,
        first_step=first,
        optimiser=optimiser,
    )
