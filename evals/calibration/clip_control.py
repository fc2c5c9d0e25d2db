"""Train the reference image-to-video model: a start frame and a caption -> sixteen latents.

A control network that sees the first frame is added to the trained `clip-small`, and both are
trained on, as the captions alone leave open where exactly an object stands and what it looks like.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from evals.calibration import clip_corpus, clip_diffusion, clip_networks, motions, networks
from evals.calibration.clip_diffusion import ClipReference, flow_loss, noise_levels
from evals.calibration.corpus import FIRST_TRAINING_SEED
from evals.calibration.diffusion import DROPPED, SAVE_EVERY, encode
from evals.calibration.fitting import Plan, batches, fit

STAGE = "clip-control"
BASE = "clip-small"
PLAN = Plan(steps=1500, batch=4, rate=8e-4, seed=13, decay_from=0.5)
BREACH = 0.02
"""Standard deviation of the weights through which the control network first speaks: with none at
all it would take hundreds of steps to be heard."""


class Controlled(nn.Module):
    """A text-to-video model and the network that tells it the first frame."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.base = ClipReference(BASE, vocabulary)
        self.control: Any = clip_networks.control(clip_networks.SIZES[BASE])

    def predict(self, noisy: Tensor, t: Tensor, tokens: Tensor, first: Tensor) -> Tensor:
        """Clean latents (N x frames x 8 x 16 x 16).

        Args:
            noisy: of the same shape.
            t: noise levels (N,) in (0, 1].
            tokens: of the captions.
            first: start frames, N x 3 x 64 x 64 in [0, 1].
        """
        count, frames = noisy.shape[:2]
        words = self.base.text_encoder(tokens)[0].repeat_interleave(frames, 0)
        shown = torch.zeros(count, 3, frames, *first.shape[-2:])
        shown[:, :, 0] = first
        where = torch.zeros(count, 1, frames, *first.shape[-2:])
        where[:, :, 0] = 1
        sample, time = noisy.transpose(1, 2), t * networks.TIMESTEPS
        down, middle = self.control(
            sample,
            time,
            encoder_hidden_states=words,
            controlnet_cond=shown,
            conditioning_mask=where,
            return_dict=False,
        )
        unet: Any = self.base.unet
        clean: Tensor = unet(
            sample,
            time,
            words,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
        ).sample
        return clean.transpose(1, 2)


def begin(work: Path, vocabulary: int) -> Controlled:
    """The trained text-to-video model with a control network that starts from its encoder."""
    model = Controlled(vocabulary)
    step = clip_diffusion.CHECKPOINTS[BASE][-1]
    state = torch.load(work / BASE / f"step-{step:05d}.pt", weights_only=True)
    model.base.load_state_dict(state)
    encoder = model.base.unet.state_dict()
    own = model.control.state_dict()
    shared = {name: value for name, value in encoder.items() if name in own}
    model.control.load_state_dict(own | shared)
    for block in (*model.control.controlnet_down_blocks, model.control.controlnet_mid_block):
        nn.init.normal_(block.weight, std=BREACH)
    nn.init.normal_(model.control.controlnet_cond_embedding.conv_out.weight, std=BREACH)
    return model


def train(work: Path) -> None:
    """Fit the image-to-video model; continues from the last saved state of `work / STAGE`."""
    folder = work / STAGE
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(PLAN.seed)
    tokenizer = clip_networks.tokenizer()
    autoencoder = networks.diffusers().AutoencoderKL.from_pretrained(work / "autoencoder")
    data = clip_corpus.build(work, autoencoder, encode)
    tokens = clip_diffusion.tokenized(tokenizer, data.captions)
    firsts = _first_frames(data.captions)
    model = begin(work, len(tokenizer))
    average = copy.deepcopy(model).requires_grad_(requires_grad=False)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=PLAN.rate, betas=(0.9, 0.98), weight_decay=1e-3)
    saved, done_before = folder / "state.pt", 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        done_before = int(state["step"])
        torch.manual_seed(PLAN.seed + done_before)
    order = batches(len(data.captions), PLAN.batch, PLAN.seed + done_before)

    def loss(step: int) -> Tensor:
        del step
        chosen = next(order)
        clean = torch.from_numpy(data.latents[chosen]).float()
        words = tokens[chosen].clone()
        words[torch.rand(len(chosen)) < DROPPED] = tokens[-1]
        first = torch.from_numpy(firsts[chosen]).permute(0, 3, 1, 2).float() / 255
        t = noise_levels(len(chosen))
        wide = t[:, None, None, None, None]
        noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
        return flow_loss(model.predict(noisy, t, words, first), clean, t)

    def follow(step: int) -> None:
        done = step + 1
        clip_diffusion.update_average(average, model, done)
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
    fit(PLAN, parameters, loss, log, after_step=follow, first_step=done_before, optimiser=optimiser)


def _first_frames(captions: tuple[str, ...]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The first frame of every clip of the corpus: N x 64 x 64 x 3."""
    shots = [motions.parse(text) for text in captions]
    return np.stack(
        [motions.first_frame(shot, FIRST_TRAINING_SEED + n) for n, shot in enumerate(shots)]
    )
