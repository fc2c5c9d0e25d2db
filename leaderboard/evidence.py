"""What is known about the models of one suite: the input of a board.

`store.evidence` reads it from the database, `boards` turns it into ratings. Everything is of the
current version of the suite and of the current revision of each model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from evals.types import MetricSpec
from leaderboard.answers import LeftOut
from leaderboard.ratings.verdicts import Mark


@dataclass(frozen=True)
class ModelFacts:
    """What a board says about a model beside its results."""

    id: str
    name: str
    vendor: str | None = None
    anchor: str | None = None
    simulated: bool = False
    released: date | None = None
    base: str | None = None
    """The model that it is a variant of."""


@dataclass(frozen=True)
class Sample:
    """The newest settled try of one model at one prompt and seed, or the failed one."""

    model: str
    prompt: str
    seed: int
    state: Literal["ok", "failed", "missing"]
    """`failed` = by the model's own fault; `missing` = skipped, or the infrastructure failed."""
    at: datetime
    problem: str | None = None
    """Kind of failure, unless `ok`."""
    latency_s: float | None = None
    cost_usd: float | None = None
    cost_basis: str | None = None
    clip_seconds: float | None = None
    """How long a clip plays; `None` for a picture."""
    width: int | None = None
    height: int | None = None
    """Pixels of a picture or of a frame."""
    frames: int | None = None
    """1 of a picture."""
    fps: float | None = None
    device: str | None = None
    """Kind of device that it ran on, where the record says so."""
    quantities: Mapping[str, float] = field(default_factory=dict[str, float])
    """What it is billed by."""
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    unscored: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metric -> why there is no score."""
    epoch: int = 1


@dataclass(frozen=True)
class PersonVote:
    """One person's comparison of two generations of one prompt."""

    id: str
    voter: str
    """One browser's identity (a random token), or whatever an imported file names."""
    prompt: str
    left: str
    """Model."""
    left_seed: int
    right: str
    right_seed: int
    outcome: Literal["left", "right", "tie", "both_bad"]
    at: datetime


@dataclass(frozen=True)
class Canary:
    """How one metric fared against one kind of degraded copies (newest result)."""

    metric: str
    fingerprint: str
    """Of the metric that was tested; a result for another one says nothing about today's."""
    canary: str
    pairs: int
    wins: int
    ties: int
    low: float
    """Lower 95 % bound of the share that the copy wins; above 0.5 the metric is fooled."""


@dataclass(frozen=True)
class ModelMark:
    """One score of all that a model made of the suite."""

    model: str
    metric: str
    mark: Mark
    generations: int
    epoch: int = 1


@dataclass(frozen=True)
class SuiteEvidence:
    """Everything that the boards of one suite are made from."""

    suite_id: str
    suite_version: str
    task: str
    reference: str | None
    models: tuple[ModelFacts, ...]
    specs: tuple[MetricSpec, ...]
    """One per metric: that of the newest run, with what its judge says of it today."""
    domains: Mapping[str, tuple[str, ...]]
    """Prompt -> its tags."""
    samples: tuple[Sample, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Superseded revisions and versions, and scores of environments that do not agree."""
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    """The suite's own weights of metrics; empty where it states none."""
    keep_fooled: tuple[str, ...] = ()
    """Metrics that the suite trusts although a canary fooled them."""
    canaries: tuple[Canary, ...] = ()
    model_marks: tuple[ModelMark, ...] = ()
    votes: tuple[PersonVote, ...] = ()
    """Of the current version of the suite, between current revisions of models."""
