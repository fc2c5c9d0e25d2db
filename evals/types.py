"""The nouns of an evaluation, frozen: what is registered, what is planned, what came back.

Nothing here reads a clock, a disk or a random state. All times are timezone-aware UTC.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Task = Literal[
    "text-to-image", "image-edit", "upscale", "text-to-video", "image-to-video", "interpolate"
]
TASKS: tuple[Task, ...] = (
    "text-to-image",
    "image-edit",
    "upscale",
    "text-to-video",
    "image-to-video",
    "interpolate",
)
Anchor = Literal["upper", "lower"]
Status = Literal["ok", "failed", "skipped"]
Measures = Literal["alignment", "quality", "diversity", "motion"]


def digest(value: Any) -> str:
    """sha256 (hex) of `value` as canonical JSON: sorted keys, no spaces, NaN refused."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Model:
    """A registered generator and its settings."""

    id: str
    name: str
    task: Task
    backend: str
    """File name of the backend in `evals/backends/` (or an entry point's name)."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the backend needs (source, steps, guidance, …), validated by that backend."""
    revision: str = ""
    """Pins what is run: commit of a hub repository, or content hash of a folder + settings."""
    hardware: str | None = None
    """Key into the hardware prices; `None` means the cost of running it is unknown."""
    anchor: Anchor | None = None
    """A model that bounds the scale (the renderer, noise). Never a candidate for a pick."""
    vendor: str | None = None
    licence: str | None = None
    released: date | None = None
    base: str | None = None
    """Id of the model this is a variant of (fine-tune, distillation, other step count)."""
    training_run: str | None = None
    """Models that are checkpoints of one training share this name."""
    suites: tuple[str, ...] = ()
    """Suites that this model takes part in by default; others only when it is named."""
    simulated: bool = False
    """Stands in for a market model (a reference model of the calibration world)."""


@dataclass(frozen=True)
class Prompt:
    """One prompt of a suite."""

    id: str
    text: str
    domains: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Exact truth where it is known: attribute -> word (calibration suites)."""


@dataclass(frozen=True)
class Suite:
    """A versioned set of prompts for one task."""

    id: str
    title: str
    task: Task
    prompts: tuple[Prompt, ...]
    reference_model: str | None = None
    """Its rating is 1000 by definition."""
    seeds: tuple[int, ...] = (0, 1)

    @property
    def version(self) -> str:
        """First 12 hex digits of the hash of everything a score depends on: task and prompts."""
        return digest(
            [self.task, [[p.id, p.text, list(p.domains), dict(p.facts)] for p in self.prompts]]
        )[:12]


@dataclass(frozen=True)
class Trial:
    """One thing to do: model revision x suite version x prompt x seed x epoch."""

    model_id: str
    model_revision: str
    suite_id: str
    suite_version: str
    prompt_id: str
    seed: int
    epoch: int

    @property
    def key(self) -> str:
        """Hashed key (64 hex digits): equal exactly when all seven fields are."""
        return digest(
            [
                self.model_id,
                self.model_revision,
                self.suite_id,
                self.suite_version,
                self.prompt_id,
                self.seed,
                self.epoch,
            ]
        )


@dataclass(frozen=True)
class Media:
    """A stored picture or clip, by content."""

    sha256: str
    path: str
    """Relative to the run's folder, with forward slashes."""
    mime: str
    width: int
    height: int
    bytes: int


@dataclass(frozen=True)
class Failure:
    """Why a trial has no media."""

    kind: str
    """Short stable word: `load_failed`, `timeout`, `invalid_media`, `raised`, `out_of_memory`, …"""
    message: str
    blame: Literal["model", "infrastructure"]


@dataclass(frozen=True)
class Generation:
    """What a trial made: media, latency, quantities billed; or a failure."""

    status: Status
    started_at: datetime
    latency_s: float | None = None
    """Wall seconds of the model's call alone: no encoding, scoring or recording."""
    media: Media | None = None
    quantities: Mapping[str, float] = field(default_factory=dict[str, float])
    """What would be billed: `images`, `pixels`, `seconds` (of compute), `steps`, …"""
    cost_usd: float | None = None
    """At the price of the day; `None` = unknown, never 0 for want of a price."""
    cost_basis: str | None = None
    """One line: how the cost follows from quantities and price, or why it is unknown."""
    failure: Failure | None = None


@dataclass(frozen=True)
class MetricSpec:
    """What a metric is, without importing torch."""

    name: str
    version: str
    title: str
    modality: Literal["image", "video"]
    measures: Measures
    higher_is_better: bool
    low: float
    high: float
    needs: tuple[str, ...]
    """`pixels`, `image_embedding`, `text_embedding`, `facts`, `frames`."""
    judge: str | None = None
    """Id of the encoder or reward model behind it; `None` for arithmetic on pixels."""
    family: str | None = None
    """Judges of one origin are a family and share one vote per comparison."""
    in_rating: bool = True
    """False for ground truth (caption accuracy), which audits ratings and never feeds them."""
    tie_band: float = 0.0
    """Differences up to this are ties: 95th percentile of its change under harmless edits."""
    source: str = ""


@dataclass(frozen=True)
class Score:
    """One number for one generation, or the reason why there is none. Never NaN, never a mock 0."""

    metric: str
    version: str
    value: float | None
    reason: str | None = None
    """Set exactly when `value` is None."""
    fingerprint: str = ""
    """Hash of the strict part: judge weights, preprocessing, metric name and version."""


@dataclass(frozen=True)
class Result:
    """One line of a run record: a trial, what it made and how that scored."""

    trial: Trial
    generation: Generation
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True)
class Run:
    """One execution of a plan: the header (`run.json`) of a run record."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    epoch: int
    suite: Suite
    models: tuple[Model, ...]
    metrics: tuple[MetricSpec, ...]
    planned: int
    """Trials in the plan that this run executes."""
    machine: Mapping[str, str] = field(default_factory=dict[str, str])
    """Kind of processor, cores, memory, operating system: no host or user name."""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])
    fingerprint: Mapping[str, str] = field(default_factory=dict[str, str])
    """Environment part: torch, torchvision, device kind, threads."""
    schema: int = 1


@dataclass(frozen=True)
class RunRecord:
    """A whole record as read back from disk."""

    run: Run
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    """What was repaired while reading (for example a torn last line that was cut)."""
