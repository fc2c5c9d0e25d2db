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
from leaderboard.comparisons import Mark


@dataclass(frozen=True)
class ModelFacts:
    """What a board says about a model beside its results."""

    id: str
    name: str
    vendor: str | None = None
    anchor: str | None = None
    simulated: bool = False
    released: date | None = None


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
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    unscored: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metric -> why there is no score."""


@dataclass(frozen=True)
class SuiteEvidence:
    """Everything that the boards of one suite are made from."""

    suite_id: str
    suite_version: str
    task: str
    reference: str | None
    models: tuple[ModelFacts, ...]
    specs: tuple[MetricSpec, ...]
    """One per metric: that of the newest run."""
    domains: Mapping[str, tuple[str, ...]]
    """Prompt -> its tags."""
    samples: tuple[Sample, ...]
    left_out: tuple[LeftOut, ...] = ()
    """Superseded revisions and versions."""
