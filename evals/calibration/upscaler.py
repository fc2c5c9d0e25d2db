"""Train the reference upscaler: a small picture and its caption -> latents of the large one.

Rectified flow with prediction of the clean latents, as for the image models, but every noise level
counts alike and a share of the steps is at the highest: what is wanted is nearly told by the small
picture. That has a little noise of its own, and some of them are not quite clean, as those that
models draw are not. Steps take turns between crops around objects and whole pictures. Training
begins with a network that repeats pixels. What is kept is the moving average of the weights.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from evals.calibration import networks, upscale_autoencoder, upscale_corpus, upscale_networks
from evals.calibration.clip_diffusion import tokenized, update_average
from evals.calibration.diffusion import DROPPED, SAVE_EVERY
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.scenes import caption
from evals.calibration.upscale_autoencoder import DEVIATION, MEAN
from evals.calibration.upscale_corpus import Pairs
from evals.calibration.upscale_networks import LATENT_CHANNELS, silence, wire

STAGE = "upscaler"
PLAN = Plan(steps=2500, batch=8, rate=8e-4, seed=22, warmup=50, decay_from=0.4)
NOISY = 0.1
"""Share of small pictures with noise. With more of it, and with more flaws, edges stayed soft."""
LEAST_NOISE = 0.2
FROM_NOTHING = 0.5
"""Share of the pictures that are at the highest noise level, where sampling begins."""


class Upscaler(nn.Module):
    """The two networks that are trained together."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.text_encoder: nn.Module = networks.text_encoder(vocabulary)
        self.unet: nn.Module = upscale_networks.unet()
        begin(self.unet)

    def predict(
        self, noisy: Tensor, t: Tensor, tokens: Tensor, small: Tensor, level: Tensor
    ) -> Tensor:
        """Clean latents (N x 12 x H x W).

        Args:
            noisy: of the same shape.
            t: noise levels (N,) in (0, 1].
            tokens: of the captions.
            small: pictures to enlarge, N x 3 x H x W in [-1, 1], with noise.
            level: of that noise (N,), whole numbers.
        """
        words = self.text_encoder(tokens)[0]
        seen = torch.cat([noisy, small], dim=1)
        clean: Tensor = self.unet(seen, t * networks.TIMESTEPS, words, class_labels=level).sample
        return clean


def begin(unet: Any) -> None:
    """Set the weights from which training starts: four pixels like the small one, no noise."""
    silence(unet)
    colours, part = torch.arange(3), torch.arange(LATENT_CHANNELS)
    last = unet.up_blocks[-1].resnets[0].conv_shortcut
    width = last.out_channels
    wire(unet.conv_in, colours, LATENT_CHANNELS + colours, 1.0)
    # Behind what comes from deeper stand the channels of the same resolution.
    kept = torch.arange(width)
    with torch.no_grad():
        last.weight[kept] = 0
        last.weight[kept, last.in_channels - width + kept] = 1
    wire(unet.conv_out, part, part % 3, 1 / DEVIATION, -MEAN / DEVIATION)


def train(work: Path) -> None:
    """Fit the upscaler; continues from the last saved state of `work / STAGE`."""
    folder = work / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(PLAN.seed)
    tokenizer = networks.tokenizer()
    data = upscale_corpus.build()
    kind = networks.diffusers().AutoencoderKL
    shown = upscale_corpus.flaw(data.small, kind.from_pretrained(work / "autoencoder"))
    latents = _latents(kind.from_pretrained(work / upscale_autoencoder.STAGE), data)
    tokens = tokenized(tokenizer, tuple(caption(scene) for scene in data.scenes))
    levels: Any = upscale_networks.low_res_scheduler()
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
        clean, small = latents[chosen].float(), to_unit(shown[chosen])
        if step % 2:
            clean = upscale_corpus.cut(clean, data.corners[chosen])
            small = upscale_corpus.cut(small, data.corners[chosen])
        else:
            few = PLAN.batch // 4  # as many pixels as there are in the crops
            chosen, clean, small = chosen[:few], clean[:few], small[:few]
        words = tokens[chosen].clone()
        words[torch.rand(len(chosen)) < DROPPED] = tokens[-1]
        level = torch.randint(upscale_networks.MOST_NOISE + 1, (len(chosen),))
        level[torch.rand(len(chosen)) >= NOISY] = 0
        small = levels.add_noise(small, torch.randn_like(small), level)
        t = noise_levels(len(chosen))
        wide = t[:, None, None, None]
        noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
        guess = model.predict(noisy, t, words, small, level)
        return (guess - clean).square().mean()

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
    """Noise levels in [LEAST_NOISE, 1], evenly spread, and a share of `FROM_NOTHING` at 1."""
    t = LEAST_NOISE + (1 - LEAST_NOISE) * torch.rand(count)
    t[torch.rand(count) < FROM_NOTHING] = 1.0
    return t


@torch.no_grad()
def _latents(autoencoder: Any, data: Pairs) -> Tensor:
    """Latent means of the large pictures at unit variance, in half precision: N x 12 x 64 x 64."""
    parts: list[Tensor] = []
    for start in range(0, len(data.large), 32):
        pixels = to_unit(data.large[start : start + 32])
        mean = autoencoder.encode(pixels).latent_dist.mean
        parts.append((mean * upscale_networks.SCALING).half())
    return torch.cat(parts)
