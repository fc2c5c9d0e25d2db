"""What a reader of an edition is told of runs and of what they made: as `leaderboard.answers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class RunRow:
    """One run, counted over its own record."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    status: Literal["finished", "unfinished"]
    suite: str
    suite_version: str
    task: str
    epoch: int
    planned: int
    ok: int
    failed: int
    skipped: int
    seconds: float
    """Wall seconds from the start to the end, or to the last result of an unfinished run."""
    cost_usd: float | None
    """Sum over its generations; `None` when the cost of any of them is unknown."""
    models: tuple[str, ...]
    machine: Mapping[str, str]
    versions: Mapping[str, str]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FailureRow:
    """One generation of a run that has no media."""

    model: str
    prompt_id: str
    seed: int
    status: str
    kind: str
    message: str
    blame: str
    at: datetime


@dataclass(frozen=True)
class PromptRow:
    """One prompt of the current version of a suite, and the seeds that have results."""

    id: str
    text: str
    domains: tuple[str, ...]
    facts: Mapping[str, str]
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class GalleryItem:
    """What one model made of one prompt and seed."""

    model: str
    name: str
    anchor: str | None
    path: Path | None
    """The media on this disk; `None` with a `reason`."""
    reason: str | None
    scores: Mapping[str, float]
    latency_s: float | None
    cost_usd: float | None
    width: int | None
    height: int | None
    mime: str | None = None
    frames: int | None = None
    fps: float | None = None
    """Frames per second of a clip; `None` for a picture."""
    start: Path | None = None
    """The picture that a clip was to begin with, on this disk."""


@dataclass(frozen=True)
class VotableItem:
    """A generation that people may be shown and asked about."""

    prompt_id: str
    text: str
    """Of the prompt."""
    model: str
    name: str
    revision: str
    seed: int
    path: Path
    """The media on this disk."""
    mime: str | None = None
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    fps: float | None = None
    """Frames per second of a clip; `None` for a picture."""
    start: Path | None = None
    """The picture that a clip was to begin with, on this disk."""


@dataclass(frozen=True)
class MadeItem:
    """One thing that a run made."""

    name: str
    """Of the model."""
    text: str
    """Of the prompt."""
    seed: int
    path: Path
    """The media on this disk."""
    fps: float | None
    """Frames per second of a clip; `None` for a picture."""
