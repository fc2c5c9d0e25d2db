"""What a reader of an edition is told: frozen rows, one dataclass per question.

`refresh` builds them, `store` keeps them and `queries` returns them, so that the three agree by
construction. `None` always means "not known" or "does not apply", never zero. All times are
timezone-aware UTC. Nothing here imports more than the standard library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from leaderboard.pick_answers import ROLES, Decision, FrontierPoint, Role
from leaderboard.trust import MetricWeight, Sensitivity

__all__ = ["ROLES", "Role"]

EVALS = "evals"
"""The source of the boards that churnboard makes itself; every other source is an outside board."""
ALL_DOMAINS = "all"
"""The domain that holds every prompt of a suite."""


@dataclass(frozen=True)
class LeftOut:
    """Something that a board could have used and did not."""

    what: str
    reason: str


@dataclass(frozen=True)
class BoardKey:
    """Which boards an edition holds."""

    source: str
    task: str
    domain: str
    suite: str | None
    """Id of the suite behind it; `None` for an outside board."""
    at: datetime
    """When its newest evidence was made (own boards) or published (outside boards)."""
    simulated: bool


@dataclass(frozen=True)
class Billed:
    """What a model's generations of one size are billed by: what it costs at any day's prices."""

    generations: int
    quantities: Mapping[str, float]
    """Means over these generations."""
    width: int | None
    height: int | None
    frames: int
    fps: float | None
    """Of clips; `None` of pictures."""
    device: str | None
    """Kind of device that they ran on; `None` where the record does not say."""


@dataclass(frozen=True)
class BoardRow:
    """One model on one board. Rows are ordered by falling rating."""

    model: str
    name: str
    vendor: str | None
    anchor: str | None
    """`upper`, `lower`, or `None` for a model that can be picked."""
    simulated: bool
    rank: int | None
    """1 = best among the models that can be picked; `None` for an anchor."""
    rank_low: int | None
    rank_high: int | None
    """Ranks that the evidence cannot tell apart: 95 % at once for the whole board."""
    rating: float
    rating_low: float | None
    rating_high: float | None
    """95 % interval over resampled prompts; the reference model is 1000 by definition."""
    p_best: float | None
    p_top5: float | None
    comparisons: float
    """Comparisons with models that can be picked (a pair, a prompt and a seed count once)."""
    prompts: int
    failure_rate: float | None
    """Share of settled generations that failed by the model's own fault, 0..1."""
    latency_p50_s: float | None
    latency_p95_s: float | None
    cost_usd: float | None
    """Mean US dollars per generation; `None` = unknown."""
    cost_basis: str | None
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    """Mean of each metric over this model's generations, voting metrics and audits alike."""
    usd_per_clip_second: float | None = None
    """US dollars per second of clip, over all its clips together; `None` = unknown, or pictures."""
    compute_s_per_clip_second: float | None = None
    """Wall seconds of the model's calls per second of clip that they made."""
    clip_seconds: float | None = None
    """Mean length of its clips."""
    clip_width: int | None = None
    clip_height: int | None = None
    """Pixels of a frame: the commonest size among its clips."""
    billed: tuple[Billed, ...] = ()
    """What its generations are billed by, the commonest size first; none on outside boards."""


@dataclass(frozen=True)
class Board:
    """Task x domain x source at a date: an ordered list of models."""

    source: str
    task: str
    domain: str
    at: datetime
    suite_id: str | None
    suite_version: str | None
    simulated: bool
    """True when a model that can be picked stands in for a market model."""
    reference: str | None
    """The model that is 1000 by definition; `None` when the mean of the models is 1000."""
    metrics: tuple[str, ...]
    """Metrics that vote in the rating."""
    rows: tuple[BoardRow, ...]
    left_out: tuple[LeftOut, ...]
    weights: tuple[MetricWeight, ...] = ()
    """What every metric, and people's votes, weigh in the rating; empty for an outside board."""
    sensitivity: Sensitivity | None = None
    """What other weights would make of the order; `None` for an outside board."""
    silent_changes: tuple[SilentChange, ...] = ()
    """Of models with results on the suite; empty for an outside board."""


@dataclass(frozen=True)
class SilentChange:
    """A sign that what answers under a model's name is not what it was, or does not do as asked."""

    model: str
    kind: Literal["served_by", "bytes", "scores", "same_picture"]
    """`served_by`: the endpoint says so itself. `bytes`: a deterministic endpoint answers with
    other bytes. `scores`: they moved. `same_picture`: every seed gets the same picture, which is
    no change."""
    epoch: int
    """The first epoch after the change; of `same_picture` the newest."""
    before: int | None
    """The last epoch before it; `None` for `same_picture`."""
    evidence: str
    """One line."""
    metric: str | None = None
    effect: float | None = None
    """Of `scores`: mean difference over prompts, later less earlier, in the metric's own unit."""
    low: float | None = None
    high: float | None = None
    """95 % interval of the effect."""
    p: float | None = None
    """Probability of so large an effect without a change, adjusted for the number of tests."""


@dataclass(frozen=True)
class Pick:
    """The model named for one role."""

    task: str
    domain: str
    role: Role
    model: str
    name: str
    rating: float
    rating_low: float | None
    rating_high: float | None
    p_best: float
    p_floor: float | None
    """Workhorse only: P(its win-rate against the hero reaches the policy's floor)."""
    cost_usd: float
    cost_basis: str | None
    latency_p50_s: float | None
    reason: str
    runner_up: str | None
    evidence: str
    simulated: bool
    decided_at: datetime
    suite_id: str | None = None
    usd_per_clip_second: float | None = None
    compute_s_per_clip_second: float | None = None
    """As on the board: of clips."""


@dataclass(frozen=True)
class NoPick:
    """A role that nothing qualified for."""

    task: str
    domain: str
    role: Role
    reason: str


@dataclass(frozen=True)
class Refusal:
    """A model that was no candidate, and why."""

    task: str
    domain: str
    model: str
    reason: str


@dataclass(frozen=True)
class Picks:
    """Everything decided for one edition."""

    picks: tuple[Pick, ...] = ()
    none: tuple[NoPick, ...] = ()
    refused: tuple[Refusal, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """One for every role of every task and domain that was decided."""
    frontier: tuple[FrontierPoint, ...] = ()


@dataclass(frozen=True)
class SnapshotRow:
    """One line of an outside board as published."""

    source: str
    arena: str
    published_at: datetime
    rank: int | None
    """`None` = listed without a place."""
    model: str
    organization: str | None
    score: float | None
    score_low: float | None = None
    score_high: float | None = None
    votes: int | None = None
    licence: str | None = None
    price_usd: float | None = None
    """As published: 0 and below are no prices."""
    price_unit: str | None = None
    released: date | None = None
    model_id: str | None = None
    kind: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict[str, float])
    """What the source publishes beside the score."""


@dataclass(frozen=True)
class ImportFinding:
    """What a check said of an imported file."""

    file: str
    source: str
    imported_at: datetime
    arena: str | None
    """`None` = about the file as a whole."""
    name: str
    """The check: `truncated-feed`, `repeated-boards`, …"""
    count: int
    detail: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class ModelScore:
    """One model's rating beside its mean of one metric on the same board."""

    model: str
    name: str
    anchor: str | None
    training_run: str | None
    rating: float
    value: float


@dataclass(frozen=True)
class SuiteRow:
    """The current version of a suite that has results."""

    id: str
    version: str
    title: str
    task: str
    reference_model: str | None
