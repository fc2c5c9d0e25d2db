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
Need = Literal["weights", "key"]
"""What does not ship with the program: weights to download, or the key of an account."""
Status = Literal["ok", "failed", "skipped"]
Measures = Literal["alignment", "quality", "diversity", "motion"]


def digest(value: Any) -> str:
    """sha256 (hex) of `value` as canonical JSON: sorted keys, no spaces, NaN refused."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class PinnedAdapter:
    """A LoRA that lies over a model's weights, by content."""

    content: str
    """sha256 of its file; of a hub's, of the names of repository, commit and file."""
    strength: float
    """1 as it was trained, 0 not at all."""


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
    """Key into the hardware prices; without it and `price` what it costs is unknown."""
    price: str | None = None
    """Key into the prices of clips, of a model that is billed by the second of clip."""
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
    needs: tuple[Need, ...] = ()
    """What it takes to run it that does not ship with the program."""
    adapters: tuple[PinnedAdapter, ...] = ()
    """What lies over its weights, in order; known once its revision is. Records of older versions
    do not say."""


@dataclass(frozen=True)
class StartFrame:
    """A picture that a prompt comes with, by content: what is begun with, or what is wanted."""

    sha256: str
    path: str
    """Relative to the folder of the suite's file, with forward slashes."""


@dataclass(frozen=True)
class Prompt:
    """One prompt of a suite."""

    id: str
    text: str
    domains: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    """Exact truth where it is known: attribute -> word (calibration suites)."""
    start_frame: StartFrame | None = None
    """What image-to-video and upscale models begin with; every prompt of such a suite has one."""
    target: StartFrame | None = None
    """The picture that upscaling or editing should give. Metrics see it, and models never do."""


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
    metrics: tuple[str, ...] = ()
    """Metrics that score it; none named: every one of its modality whose judge is not of the
    calibration world."""
    weights: Mapping[str, float] = field(default_factory=dict[str, float])
    """Metric -> its weight in the rating; none given: families share alike, or as people's votes
    say. Scaled to sum to 1; a metric that is not named has weight 0."""
    keep_fooled: tuple[str, ...] = ()
    """Metrics that keep their weight although a canary fooled them."""

    @property
    def version(self) -> str:
        """First 12 hex digits of the hash of everything a score depends on: task and prompts."""
        prompts = [
            [p.id, p.text, list(p.domains), dict(p.facts)]
            + ([p.start_frame.sha256] if p.start_frame is not None else [])
            + ([["target", p.target.sha256]] if p.target is not None else [])
            for p in self.prompts
        ]
        return digest([self.task, prompts])[:12]


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
    frames: int = 1
    fps: float | None = None
    """Frames per second of a clip; None exactly for a picture."""

    @property
    def seconds(self) -> float | None:
        """How long a clip plays; None for a picture."""
        return None if self.fps is None else self.frames / self.fps


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
    """What would be billed: `images`, `pixels`, `seconds` (of compute), `steps`, and of a clip
    `clip_seconds` and `frames`, …"""
    cost_usd: float | None = None
    """At the price of the day; `None` = unknown, never 0 for want of a price."""
    cost_basis: str | None = None
    """One line: how the cost follows from quantities and price, or why it is unknown."""
    failure: Failure | None = None
    served_by: str | None = None
    """What an endpoint says that it ran (a version, a fingerprint), where it says so."""
    device: str | None = None
    """Kind of device that made it (`cpu`, `cuda`, `mps`, `endpoint`), whose hours are billed."""


@dataclass(frozen=True)
class MetricSpec:
    """What a metric is, without importing torch."""

    name: str
    version: str
    title: str
    modality: Literal["image", "video"]
    measures: Measures
    higher_is_better: bool
    low: float | None
    high: float | None
    """Range of the score; None where it has no bound."""
    needs: tuple[str, ...]
    """Keyword arguments of the metric's `update`: see `evals.metrics`."""
    judge: str | None = None
    """Id of the encoder or reward model behind it; `None` for arithmetic on pixels."""
    family: str | None = None
    """Judges of one origin are a family and share one vote per comparison."""
    in_rating: bool = True
    """False for ground truth (caption accuracy), which audits ratings and never feeds them."""
    tie_band: float = 0.0
    """Differences up to this are ties: 95th percentile of its change under harmless edits."""
    source: str = ""
    level: Literal["generation", "model"] = "generation"
    """What one score is of: a generation, or all generations of a model on a suite (FID, Vendi).
    The latter is a column on a board and never a vote."""


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
    environment: str = ""
    """Where it was computed, in words: torch, torchvision, kind of device, threads."""


@dataclass(frozen=True)
class Result:
    """One line of `results.jsonl`: a trial and what it made."""

    trial: Trial
    generation: Generation
    scores: tuple[Score, ...] = ()
    """Of records of schema 1, which had them here; later ones keep them in `scores.jsonl`."""


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
    kind: Literal["eval", "rescore"] = "eval"
    """`rescore`: media of earlier runs were scored, and nothing was generated."""
    checks: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    """Metric -> its scores of a fixed set of pictures (`evals.probes`), computed in this run: two
    environments are pooled only where these agree within the tie band."""
    schema: int = 4
