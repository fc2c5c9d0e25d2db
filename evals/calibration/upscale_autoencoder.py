"""Make the upscaler's autoencoder: an encoder that is set, and a decoder that is trained.

The encoder lays four pixels into twelve channels. The decoder begins by giving back their mean, and
learns what the four are like, in turn on crops around objects and on whole pictures. Where a
normalisation cannot be avoided, each of its groups has a channel that is far from all others and
one that is zero: the first makes the normalisation nearly the same for all pictures, and to the
second what is normalised is compared.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from evals.calibration import upscale_corpus
from evals.calibration.fitting import Plan, batches, fit, to_unit
from evals.calibration.upscale_networks import (
    FACTOR,
    GROUPS,
    LATENT_CHANNELS,
    LATENT_NOISE,
    SCALING,
    WIDTHS,
    autoencoder,
    silence,
    wire,
)

STAGE = "upscale-autoencoder"
PLAN = Plan(steps=900, batch=8, rate=2.5e-4, seed=20, warmup=100, decay_from=0.4)
MEAN, DEVIATION = 0.4, 0.54
"""Of the pixels of this world in [-1, 1], roughly."""
FAR, FAR_IN_DECODER = 30.0, 4.0
"""Values of the channels that keep a normalisation the same: the larger, the harder to train."""
LINEAR, LINEAR_IN_DECODER = 10.0, 5.0
"""Shift behind a normalisation, above which the activation leaves values as they are."""


def train(work: Path) -> None:
    """Fit the decoder, which also learns to undo noise of `LATENT_NOISE`."""
    torch.manual_seed(PLAN.seed)
    data = upscale_corpus.build()
    order = batches(len(data.scenes), PLAN.batch, PLAN.seed)
    model: Any = autoencoder()
    begin(model)
    model.train()

    def loss(step: int) -> Tensor:
        chosen = next(order)
        pixels = to_unit(data.large[chosen])
        if step % 2:
            pixels = upscale_corpus.cut(pixels, data.corners[chosen], FACTOR)
        else:
            pixels = pixels[: PLAN.batch // 4]  # as many pixels as there are in the crops
        # In full precision: half of it does not tell small values from those that are far.
        with torch.no_grad():
            mean = model.encode(pixels).latent_dist.mean
        noisy = mean + LATENT_NOISE * torch.randn_like(mean)
        drawn = model.decoder(model.post_quant_conv(noisy))
        error = drawn - pixels
        edges = error.diff(dim=2).square().mean() + error.diff(dim=3).square().mean()
        return error.square().mean() + 0.1 * error.abs().mean() + edges

    fit(PLAN, list(model.decoder.parameters()), loss, work / f"{STAGE}.jsonl", every=25)
    rescale(model)
    model.save_pretrained(work / STAGE)


def begin(model: Any) -> None:
    """Set the encoder, and what the decoder starts from; what is left open stays random."""
    silence(model)
    encoder, decoder = model.encoder, model.decoder
    inner, outer = _slots(WIDTHS[1], LATENT_CHANNELS), _slots(WIDTHS[0], 3)
    part = torch.arange(LATENT_CHANNELS)
    colour, place = part % 3, part // 3
    wire(encoder.conv_in, torch.arange(3), torch.arange(3), 1.0)
    halving, joining = encoder.down_blocks[0].downsamplers[0], decoder.up_blocks[0].upsamplers[0]
    wire(halving.conv, part, colour, 1.0, row=place // FACTOR, column=place % FACTOR)
    wire(encoder.down_blocks[1].resnets[0].conv_shortcut, inner, part, 1.0)
    _steady(encoder.down_blocks[1].resnets[0].conv_shortcut, FAR)
    _read(encoder.conv_norm_out, encoder.conv_out, inner, FAR, LINEAR)
    with torch.no_grad():
        encoder.conv_out.weight /= DEVIATION
        encoder.conv_out.bias.fill_(-MEAN / DEVIATION)
    variance = torch.arange(LATENT_CHANNELS, 2 * LATENT_CHANNELS)
    wire(encoder.conv_out, variance, variance, 0.0, 2 * math.log(LATENT_NOISE))
    for layer in (model.quant_conv, model.post_quant_conv):
        every = torch.arange(layer.out_channels)
        wire(layer, every, every, 1.0)
    wire(decoder.conv_in, part, part, DEVIATION, MEAN)
    wire(joining.conv, colour, part, 1 / FACTOR**2)
    wire(decoder.up_blocks[1].resnets[0].conv_shortcut, outer, torch.arange(3), 1.0)
    _steady(decoder.up_blocks[1].resnets[0].conv_shortcut, FAR_IN_DECODER)
    _read(decoder.conv_norm_out, decoder.conv_out, outer, FAR_IN_DECODER, LINEAR_IN_DECODER)


def _slots(width: int, count: int) -> Tensor:
    """Channels for `count` values before a normalisation, spread over its groups."""
    size, each = width // GROUPS, math.ceil(count / GROUPS)
    return torch.tensor([size * (n // each) + n % each for n in range(count)])


def _steady(layer: Any, far: float) -> None:
    """Make the last channel of each group far from the others, and the one before it zero."""
    size = layer.out_channels // GROUPS
    last = torch.arange(size - 1, layer.out_channels, size)
    for channels, value in ((last, far), (last - 1, 0.0)):
        wire(layer, channels, torch.zeros_like(channels), 0.0, value)


@torch.no_grad()
def _read(norm: Any, layer: Any, slots: Tensor, far: float, linear: float) -> None:
    """Undo a normalisation: what is in `slots`, less the zero of their group, as it was before."""
    size = norm.num_channels // GROUPS
    deviation = far * math.sqrt(1 / size - 1 / size**2)
    norm.bias.fill_(linear)
    to = torch.arange(len(slots))
    wire(layer, to, slots, deviation)
    layer.weight[to, slots // size * size + size - 2, 1, 1] = -deviation


@torch.no_grad()
def rescale(model: Any) -> None:
    """From latents of unit variance to those that the pipeline's scaling brings back to it."""
    moments = model.quant_conv
    for values in (moments.weight, moments.bias):
        values[:LATENT_CHANNELS] /= SCALING
    moments.bias[LATENT_CHANNELS:] -= 2 * math.log(SCALING)
    model.post_quant_conv.weight *= SCALING
