"""Train the upscaler's autoencoder, on crops around objects: it looks no further than those.

It begins as an encoder that lays four pixels into twelve channels, and a decoder that gives back
their mean; what the four are like is then learnt.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from evals.calibration import upscale_corpus
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.upscale_networks import FACTOR, LATENT_CHANNELS, LATENT_NOISE, autoencoder

STAGE = "upscale-autoencoder"
PLAN = Plan(steps=900, batch=8, rate=1.5e-3, seed=20, warmup=50, decay_from=0.4)
MEAN, DEVIATION = 0.7, 0.27
"""Of the pixels of this world in [0, 1], roughly."""
FAINT = 0.3
"""What is left of the random weights around those that are set."""


def train(work: Path) -> None:
    """Fit the autoencoder; the decoder learns to undo noise of `LATENT_NOISE`."""
    torch.manual_seed(PLAN.seed)
    data = upscale_corpus.build()
    order = batches(len(data.scenes), PLAN.batch, PLAN.seed)
    model: Any = autoencoder()
    begin(model)
    model.train()

    def loss(step: int) -> Tensor:
        del step
        chosen = next(order)
        pixels = upscale_corpus.cut(to_unit(data.large[chosen]), data.corners[chosen], FACTOR)
        with torch.autocast("cpu", torch.bfloat16):
            latents = model.encoder(pixels).float()
            drawn = model.decoder(latents + LATENT_NOISE * torch.randn_like(latents)).float()
        error = drawn - pixels
        edges = error.diff(dim=2).square().mean() + error.diff(dim=3).square().mean()
        spread = latents.mean((0, 2, 3)).square().mean()
        spread = spread + (latents.var((0, 2, 3)) - 1).square().mean()
        return error.square().mean() + 0.1 * error.abs().mean() + edges + 0.002 * spread

    fit(PLAN, list(model.parameters()), loss, work / f"{STAGE}.jsonl")
    model.save_pretrained(work / STAGE)


@torch.no_grad()
def begin(model: Any) -> None:
    """Set the weights from which training starts; what they leave open stays random, and faint."""
    into, out = model.encoder.layers, model.decoder.layers
    for block in (*into, *out):
        if hasattr(block, "fuse"):
            block.conv[-1].weight.zero_()
            block.conv[-1].bias.zero_()
    part = torch.arange(LATENT_CHANNELS)
    colour, place = part % 3, part // 3
    below, right = place // FACTOR, place % FACTOR
    halving = next(layer for layer in into if getattr(layer, "stride", 1) == (FACTOR, FACTOR))
    _set(into[0], torch.arange(3), torch.arange(3), 1.0)
    _set(halving, part, colour, 1.0, 1 + below, 1 + right)
    _set(into[-1], part, part, 1 / DEVIATION, shift=-MEAN / DEVIATION)
    _set(out[0], part, part, DEVIATION, shift=MEAN)
    joining = next(n for n, layer in enumerate(out) if isinstance(layer, nn.Upsample)) + 1
    _set(out[joining], colour, part, 1 / FACTOR**2)
    _set(out[-1], torch.arange(3), torch.arange(3), 1.0)


def _set(
    layer: Any,
    to: Tensor,
    of: Tensor,
    weight: float,
    row: Tensor | int = 1,
    column: Tensor | int = 1,
    shift: float = 0.0,
) -> None:
    """Make each channel in `to` depend on those of the same place in `of`, and on no others."""
    layer.weight *= FAINT
    layer.weight[to] = 0
    layer.weight[to, of, row, column] = weight
    if layer.bias is not None:
        layer.bias[to] = shift
