"""The training loop that all reference networks share: a plan of steps and rates, and its log."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Plan:
    """How long and how fast a network is trained."""

    steps: int
    batch: int
    rate: float
    seed: int = 0
    warmup: int = 100
    decay_from: float = 0.6
    """Share of the steps after which the learning rate falls to zero, linearly."""

    def rate_at(self, step: int) -> float:
        """Learning rate at `step` (0-based): linear warm-up, plateau, linear decay."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        start = int(self.decay_from * self.steps)
        if step < start:
            return self.rate
        return self.rate * max(0.0, (self.steps - step) / max(1, self.steps - start))


@dataclass(frozen=True)
class Leg:
    """A stretch of a training."""

    steps: int
    rate: float
    decays_from: float = 1.0
    """Share of the leg after which the learning rate falls to zero, linearly."""


@dataclass(frozen=True)
class Legs(Plan):
    """A plan that starts again, faster or slower; `steps` is the sum over its legs."""

    legs: tuple[Leg, ...] = ()

    def rate_at(self, step: int) -> float:
        """Learning rate at `step` (0-based): linear warm-up, then each leg's plateau and decay."""
        first = 0
        for leg in self.legs:
            if step < first + leg.steps:
                warm = min(1.0, (step + 1) / self.warmup)
                falling = leg.steps - int(leg.decays_from * leg.steps)
                left = first + leg.steps - step
                return leg.rate * warm * (min(1.0, left / falling) if falling else 1.0)
            first += leg.steps
        return 0.0


def total(legs: Sequence[Leg]) -> int:
    """Steps of all legs together."""
    return sum(leg.steps for leg in legs)


def fit(
    plan: Plan,
    parameters: list[nn.Parameter],
    loss: Callable[[int], Tensor],
    log: Path,
    every: int = 50,
    after_step: Callable[[int], None] | None = None,
    first_step: int = 0,
    optimiser: torch.optim.Optimizer | None = None,
) -> None:
    """Minimise `loss(step)` by AdamW along the plan; one JSON line per `every` steps in `log`."""
    optimiser = optimiser or torch.optim.AdamW(
        parameters, lr=plan.rate, betas=(0.9, 0.98), weight_decay=1e-3
    )
    started, running = time.monotonic(), 0.0
    for step in range(first_step, plan.steps):
        for group in optimiser.param_groups:
            group["lr"] = plan.rate_at(step)
        value = loss(step)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        if after_step is not None:
            after_step(step)
        running += float(value.detach())
        if (step + 1) % every == 0:
            line = {
                "step": step + 1,
                "loss": running / every,
                "seconds": round(time.monotonic() - started, 1),
            }
            if not math.isfinite(running):
                raise FloatingPointError(f"training diverged at step {step + 1}: {log}")
            with log.open("a") as handle:
                handle.write(json.dumps(line) + "\n")
            running = 0.0


def to_unit(pictures: np.ndarray[Any, np.dtype[np.uint8]]) -> Tensor:
    """uint8 N x H x W x 3 -> float N x 3 x H x W in [-1, 1]."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def batches(count: int, size: int, seed: int) -> Iterator[np.ndarray[Any, np.dtype[np.int64]]]:
    """Endless shuffled batches of indices below `count`."""
    rng = np.random.default_rng(seed)
    while True:
        order = rng.permutation(count)
        for start in range(0, count - size + 1, size):
            yield order[start : start + size]
