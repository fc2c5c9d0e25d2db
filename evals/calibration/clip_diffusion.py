"""Train the reference text-to-video models: caption -> sixteen latents of the shared autoencoder.

Rectified flow with prediction of the clean latents, as for the image models, but with the noise
level drawn from a shifted schedule. The first steps are spent on stills, many different ones at
once, so that a network knows what an object looks like before it learns how one moves.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from evals.calibration import clip_corpus, clip_networks, diffusion, networks
from evals.calibration.diffusion import AVERAGE, DROPPED, SAVE_EVERY, SMALLEST_T, encode
from evals.calibration.fitting import Leg, Legs, batches, fit, total


@dataclass(frozen=True)
class ClipPlan(Legs):
    """A plan in legs, whose first steps are on stills."""

    stills: int = 0
    """Steps on stills, `batch` times 16 of them at a time."""


def _plan(seed: int, *legs: Leg) -> ClipPlan:
    return ClipPlan(total(legs), 4, legs[0].rate, seed=seed, stills=1200, legs=legs)


PLANS: dict[str, ClipPlan] = {
    # The first leg proved too fast for four clips at a time, the second too short.
    "clip-small": _plan(11, Leg(2000, 1.5e-3), Leg(7000, 8e-4, 0.42), Leg(2800, 6e-4, 0.3)),
    # Stopped early: what a larger network knows after a sixth of the training.
    "clip-large": _plan(12, Leg(1500, 1.3e-3)),
}
CHECKPOINTS: dict[str, tuple[int, ...]] = {
    "clip-small": (3600, 5200, 11800),
    "clip-large": (1500,),
}


def releases(size: str) -> list[tuple[str, int]]:
    """(folder name, training step) of what is published of one training.

    >>> releases("clip-large")
    [('clip-large', 1500)]
    """
    return diffusion.numbered(size, CHECKPOINTS[size])


class ClipReference(nn.Module):
    """The two networks of one text-to-video model that are trained together."""

    def __init__(self, size: str, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder: nn.Module = networks.text_encoder(vocabulary)
        self.unet: nn.Module = clip_networks.unet(clip_networks.SIZES[size])

    def predict(self, noisy: Tensor, t: Tensor, tokens: Tensor) -> Tensor:
        """Clean latents (N x frames x 8 x 16 x 16) from noisy ones, t in (0, 1] and tokens."""
        words = self.text_encoder(tokens)[0].repeat_interleave(noisy.shape[1], 0)
        clean: Tensor = self.unet(noisy.transpose(1, 2), t * networks.TIMESTEPS, words).sample
        return clean.transpose(1, 2)


def noise_levels(count: int) -> Tensor:
    """Noise levels in (0, 1], drawn from the schedule that sampling uses."""
    u = torch.rand(count)
    shift = clip_networks.SHIFT
    return (shift * u / (1 + (shift - 1) * u)).clamp(min=SMALLEST_T)


def flow_loss(guess: Tensor, clean: Tensor, t: Tensor) -> Tensor:
    """Mean squared error of every clip, weighted by 1 / t."""
    return ((guess - clean).square().mean((1, 2, 3, 4)) / t).mean()


def tokenized(tokenizer: Any, captions: tuple[str, ...]) -> Tensor:
    """Token numbers of captions, and in the last row those of the empty one."""
    padded = tokenizer([*captions, ""], padding="max_length", max_length=networks.TEXT_LENGTH)
    return torch.tensor(padded["input_ids"])


def train(size: str, work: Path) -> None:
    """Fit one text-to-video model; continues from the last saved state of `work / size`."""
    plan = PLANS[size]
    folder = work / size
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    tokenizer = clip_networks.tokenizer()
    autoencoder = networks.diffusers().AutoencoderKL.from_pretrained(work / "autoencoder")
    data = clip_corpus.build(work, autoencoder, encode)
    tokens = tokenized(tokenizer, data.captions)
    model = ClipReference(size, len(tokenizer))
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
    clips = batches(len(data.captions), plan.batch, plan.seed + first)
    stills = batches(len(data.captions), plan.batch * data.latents.shape[1], plan.seed + first)

    def loss(step: int) -> Tensor:
        if step < plan.stills:
            chosen = next(stills)
            clean = torch.from_numpy(data.latents[chosen, :1]).float()
        else:
            chosen = next(clips)
            clean = torch.from_numpy(data.latents[chosen]).float()
        words = tokens[chosen].clone()
        words[torch.rand(len(chosen)) < DROPPED] = tokens[-1]
        t = noise_levels(len(chosen))
        wide = t[:, None, None, None, None]
        noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
        return flow_loss(model.predict(noisy, t, words), clean, t)

    def follow(step: int) -> None:
        done = step + 1
        update_average(average, model, done)
        if done in CHECKPOINTS[size]:
            torch.save(average.state_dict(), folder / f"step-{done:05d}.pt")
        if done % SAVE_EVERY == 0:
            fresh = folder / "state.new"
            state = {
                "model": model.state_dict(),
                "average": average.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": done,
            }
            torch.save(state, fresh)
            fresh.replace(saved)

    log = work / f"{size}.jsonl"
    fit(plan, parameters, loss, log, after_step=follow, first_step=first, optimiser=optimiser)


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, done: int) -> None:
    """Move the moving average of the weights on by one step."""
    decay = min(AVERAGE, done / (done + 9))
    for mean, value in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)
