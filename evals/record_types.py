"""What a run record holds besides results: lines of scores, and the record as it is read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evals.types import Result, Run, Score


@dataclass(frozen=True)
class Scored:
    """One line of `scores.jsonl`: the scores of one generation."""

    trial_key: str
    media_sha256: str
    """The media that was scored; scores of other media of the same trial are not its scores."""
    scores: tuple[Score, ...]
    kind: Literal["generation"] = "generation"


@dataclass(frozen=True)
class ModelScored:
    """One line of `scores.jsonl`: scores of all that a model made of a suite in an epoch."""

    model_id: str
    model_revision: str
    suite_id: str
    suite_version: str
    epoch: int
    generations: int
    """How many the scores are of."""
    scores: tuple[Score, ...]
    reference: str = ""
    """Hash of the reference pictures that they may have been compared with."""
    kind: Literal["model"] = "model"


@dataclass(frozen=True)
class CanaryResult:
    """One line of `scores.jsonl`: does a metric prefer degraded copies to the originals?"""

    metric: str
    fingerprint: str
    suite_id: str
    suite_version: str
    canary: str
    """What was done to the copies: `blur`, `other_prompt`, …"""
    pairs: int
    wins: int
    """Pairs in which the copy scored better, by more than the tie band."""
    ties: int
    low: float
    """Lower 95 % bound of the share of pairs that the copy wins, a tie being half."""
    edition: int = 1
    """Of the way in which copies are made (`evals.canaries.degradations.EDITION`)."""
    kind: Literal["canary"] = "canary"

    @property
    def fooled(self) -> bool:
        """Whether the copy wins more than half the pairs, beyond doubt."""
        return self.low > 0.5


ScoreLine = Scored | ModelScored | CanaryResult


@dataclass(frozen=True)
class RunRecord:
    """A whole record as read back from disk."""

    run: Run
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()
    """What was repaired while reading (for example a torn last line that was cut)."""
    scored: tuple[ScoreLine, ...] = ()
    """The lines of `scores.jsonl`, in order: a later one of the same thing counts."""
