"""A step about to be run, and what became of it: the nouns of `run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evals.registry import Registry
from evals.types import Prompt
from leaderboard.workflows.chain import Chain, Recipe, Step

Status = Literal["done", "failed", "not run"]


@dataclass(frozen=True)
class Output:
    """What goes on from one prompt of a step."""

    prompt: Prompt
    path: Path
    fps: float | None
    """Of a clip."""
    seed: int
    of: int
    """How many it was chosen from."""


@dataclass(frozen=True)
class StepRun:
    """What became of one step."""

    step: str
    status: Status
    model: str | None
    suite: str | None = None
    made: int = 0
    """Generations that this run made."""
    already: int = 0
    """Recorded before."""
    failed: int = 0
    """Generations of the step that have no media."""
    outputs: tuple[Output, ...] = ()
    cost_usd: float | None = None
    """Of all its generations; `None` = the cost of one is unknown."""
    seconds: float = 0.0
    """Latencies of all its generations together."""
    reason: str | None = None
    """Why it failed, or was not run; or what is missing of it."""


@dataclass
class Work:
    """One step about to be run."""

    workspace: Path
    source: Registry
    chain: Chain
    step: Step
    model: str
    done: Mapping[str, StepRun]
    frames: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Prompt -> the picture that it begins with."""

    @property
    def recipe(self) -> Recipe:
        """What the chain's file says of running it."""
        return self.chain.recipes.get(self.step.id, Recipe())
