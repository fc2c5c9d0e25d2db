"""Train the reference upscaler: a small picture and its caption -> latents of the large one.

The network learns what the preconditioning of Karras et al. (2022) leaves open, at noise levels
drawn evenly on a logarithmic scale; a share of the steps is at the highest, where sampling begins.
Steps take turns between crops around objects and whole pictures. Some of the small pictures are not
quite clean, as those that models draw are not. What is kept is the moving average of the weights.
"""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from evals.calibration import networks, upscale_autoencoder, upscale_corpus, upscale_networks
from evals.calibration.clip_diffusion import tokenized, update_average
from evals.calibration.diffusion import DROPPED, SAVE_EVERY
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.scenes import caption
from evals.calibration.upscale_networks import FACTOR

STAGE = "upscaler"
PLAN = Plan(steps=3000, batch=8, rate=1.5e-3, seed=22, decay_from=0.4)
LEAST_NOISE, MOST_NOISE = 0.1, 14.65
"""Range of the noise levels; the latter is where the sampler begins."""
FROM_NOTHING = 0.3
"""Share of the pictures that are at the highest."""


class Upscaler(nn.Module):
    """The two networks that are trained together."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder: nn.Module = networks.text_encoder(vocabulary, layers=1)
        self.unet: nn.Module = upscale_networks.unet()


def train(work: Path) -> None:
    """Fit the upscaler; continues from the last saved state of `work / STAGE`."""
    folder = work / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(PLAN.seed)
    tokenizer = networks.tokenizer()
    data = upscale_corpus.build()
    library = networks.diffusers()
    shared = library.AutoencoderKL.from_pretrained(work / "autoencoder")
    own = library.AutoencoderTiny.from_pretrained(work / upscale_autoencoder.STAGE)
    small = _latents(own, upscale_corpus.flaw(data.small, shared))
    large = _latents(own, data.large)
    tokens = tokenized(tokenizer, tuple(caption(scene) for scene in data.scenes))
    model = Upscaler(len(tokenizer))
    average = copy.deepcopy(model).requires_grad_(requires_grad=False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=PLAN.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    saved, first = folder / "state.pt", 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        first = int(state["step"])
        torch.manual_seed(PLAN.seed + first)
    order = batches(len(data.scenes), PLAN.batch, PLAN.seed + first)

    def loss(step: int) -> Tensor:
        chosen = next(order)
        if step % 2:
            wanted = upscale_corpus.cut(large[chosen], data.corners[chosen]).float()
            shown = upscale_corpus.cut(small[chosen], data.corners[chosen], 1 / FACTOR).float()
        else:
            chosen = chosen[: PLAN.batch // 4]  # as many pixels as there are in the crops
            wanted, shown = large[chosen].float(), small[chosen].float()
        words = tokens[chosen].clone()
        words[torch.rand(len(chosen)) < DROPPED] = tokens[-1]
        sigma = noise_levels(len(chosen))
        wide = sigma[:, None, None, None]
        noisy = wanted + wide * torch.randn_like(wanted)
        with torch.autocast("cpu", torch.bfloat16):
            guess = upscale_networks.clean(model, noisy, sigma, shown, words)
        # The error of the network itself, which is of one size at every level of noise.
        return ((guess - wanted) * (1 + wide.square()).sqrt() / wide).square().mean()

    def follow(step: int) -> None:
        done = step + 1
        update_average(average, model, done)
        if done == PLAN.steps:
            torch.save(average.state_dict(), folder / "final.pt")
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

    log = work / f"{STAGE}.jsonl"
    fit(PLAN, parameters, loss, log, after_step=follow, first_step=first, optimiser=optimiser)


def noise_levels(count: int) -> Tensor:
    """Standard deviations of the noise, evenly spread in their logarithm; some are the highest."""
    least, most = math.log(LEAST_NOISE), math.log(MOST_NOISE)
    sigma = (least + (most - least) * torch.rand(count)).exp()
    sigma[torch.rand(count) < FROM_NOTHING] = MOST_NOISE
    return sigma


@torch.no_grad()
def _latents(autoencoder: Any, pictures: NDArray[np.uint8]) -> Tensor:
    """Latents of pictures, in half precision: N x 12 x half as many pixels a side."""
    parts = [
        autoencoder.encode(to_unit(pictures[start : start + 32])).latents.half()
        for start in range(0, len(pictures), 32)
    ]
    return torch.cat(parts)
