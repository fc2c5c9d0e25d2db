"""Train the autoencoder that every reference model shares."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from evals.calibration import corpus, networks
from evals.calibration.fitting import Plan, batches, fit, to_unit

PLAN = Plan(steps=2400, batch=48, rate=2e-3, decay_from=0.5)


def train(work: Path) -> None:
    """Fit the shared autoencoder; the decoder learns to undo noise of `LATENT_NOISE`."""
    torch.manual_seed(PLAN.seed)
    data = corpus.build(corpus.seen_scenes(), renders=3)
    order = batches(len(data.scenes), PLAN.batch, PLAN.seed)
    model: Any = networks.autoencoder()
    model.train()

    def loss(step: int) -> Tensor:
        del step
        pixels = to_unit(data.pictures[next(order)])
        with torch.autocast("cpu", torch.bfloat16):
            moments = model.quant_conv(model.encoder(pixels))
            mean, log_variance = moments.float().chunk(2, dim=1)
            noisy = mean + networks.LATENT_NOISE * torch.randn_like(mean)
            drawn = model.decoder(model.post_quant_conv(noisy)).float()
        error = drawn - pixels
        edges = error.diff(dim=2).square().mean() + error.diff(dim=3).square().mean()
        spread = mean.mean((0, 2, 3)).square().mean()
        spread = spread + (mean.var((0, 2, 3)) - 1).square().mean()
        target = 2 * math.log(networks.LATENT_NOISE)
        honest = (log_variance - target).square().mean()
        return (
            error.square().mean()
            + 0.3 * error.abs().mean()
            + edges
            + 0.02 * spread
            + 0.001 * honest
        )

    fit(PLAN, list(model.parameters()), loss, work / "autoencoder.jsonl")
    model.save_pretrained(work / "autoencoder")
