"""A chain of models: steps, what each takes from which, and how often.

Nothing here reads a clock, a disk or a random state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evals.types import TASKS
from leaderboard.pick_answers import Role

Keep = Literal["best", "all"]
Mode = Literal["draft", "mixed", "final"]
MODES: tuple[Mode, ...] = ("draft", "mixed", "final")
"""All workhorses, each step by its role, all heroes."""

OTHER_TASKS: Mapping[str, str] = {
    "language": "text from words or pictures: captions, prompts, chat",
    "audio": "speech, music or sound",
    "audio-to-video": "clips that follow a sound: lips, talking heads",
    "video-edit": "clips from clips: edits, extensions, other styles",
    "video-upscale": "larger or cleaner clips",
    "control-to-image": "pictures that follow a control picture: edges, depth, pose",
    "control-to-video": "clips that follow control frames",
    "segmentation": "masks, cut-outs, removed backgrounds",
    "perception": "depth, pose, boxes and points read off a picture",
    "3d": "meshes, textures, splats",
    "vector": "vector graphics",
    "other": "made by a model, of a kind that was not recognised",
}
"""Tasks that occur in chains and that nothing here evaluates or prices."""
EVERY_TASK: tuple[str, ...] = (*TASKS, *OTHER_TASKS)


@dataclass(frozen=True)
class Step:
    """One model call of a chain, or several of one kind."""

    id: str
    task: str
    inputs: tuple[str, ...] = ()
    """Ids of the steps whose outputs it takes."""
    count: int = 1
    """Generations per run of the step, at least 1."""
    keep: Keep = "best"
    """Of these, what goes on: the best by the judges, or every one."""
    role: Role = "workhorse"
    """Who does it in the mixed mode."""
    domain: str = "all"
    weight: float = 1.0
    """In the chain's quality, above 0."""
    size: str | None = None
    """`1024x1024` of a picture, or the class of a clip's frames: `720p`."""
    seconds: float | None = None
    """Length of a clip."""
    model: str | None = None
    """The model that does it in every mode; `None` = who is picked."""
    calls: tuple[str, ...] = ()
    """What an imported chain names: weights, endpoints. Told, and never looked up."""
    note: str | None = None

    @property
    def evaluated(self) -> bool:
        """Whether its task is one that boards rank."""
        return self.task in TASKS


@dataclass(frozen=True)
class Recipe:
    """What it takes to run a step."""

    suite: str | None = None
    """Of a first step: whose prompts it makes."""
    prompts: int | None = None
    """Only the first so many of them."""
    only: tuple[str, ...] = ()
    """Only the prompts of these ids."""
    words: str | None = None
    """What is put behind every prompt from here on (a motion)."""
    metrics: tuple[str, ...] = ()
    """That score it and choose what goes on; none: those of its suite."""
    otherwise: Mapping[Role, str] = field(default_factory=dict[Role, str])
    """Role -> the registered model that runs where the edition has no pick."""


@dataclass(frozen=True)
class Chain:
    """A chain of models."""

    id: str
    title: str
    source: str
    """Where it is from, in one line."""
    steps: tuple[Step, ...]
    """In the order of the file."""
    simulated: bool = False
    """Its steps are done by the reference models of the calibration world."""
    recipes: Mapping[str, Recipe] = field(default_factory=dict[str, Recipe])
    """Step -> what it takes to run it, of chains that can be run."""

    def step(self, name: str) -> Step:
        """The step of that id, which must be one."""
        return next(one for one in self.steps if one.id == name)
