"""Made-up run records in which the truth of every generation is known, and metrics follow rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from evals import metrics
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.types import (
    Anchor,
    Generation,
    Media,
    MetricSpec,
    Model,
    Prompt,
    Result,
    Run,
    Score,
    Suite,
    Trial,
)

TRUTH = metrics.TRUTH["image"]
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SUITE = Suite(
    id="made-up",
    title="Made up",
    task="text-to-image",
    prompts=tuple(Prompt(f"p{n}", f"caption {n}", (), {"count": "one"}) for n in range(12)),
)
SKILLS: Mapping[str, float] = {"a": 0.2, "b": 0.35, "c": 0.5, "d": 0.6, "e": 0.8}
Rule = Callable[[float, np.random.Generator], float | None]
"""Truth -> score, or no score."""


def spec(name: str, *, better: bool = True, level: str = "generation") -> MetricSpec:
    """A metric of that name."""
    return MetricSpec(
        name=name,
        version="1",
        title=name,
        modality="image",
        measures="alignment",
        higher_is_better=better,
        low=None,
        high=None,
        needs=(),
        level=level,  # type: ignore[arg-type]
    )


def truth_of(trial: Trial, skill: float) -> float:
    """What a generation honours of its caption: follows from its trial alone."""
    random = np.random.default_rng(int(trial.key[:12], 16))
    return float(np.round(np.clip(skill + random.normal() * 0.2, 0, 1) * 6) / 6)


def record(
    rules: Mapping[str, Rule],
    *,
    skills: Mapping[str, float] = SKILLS,
    anchors: Mapping[str, Anchor] | None = None,
    suite: Suite = SUITE,
    day: int = 0,
    epoch: int = 1,
    fingerprint: str = "today",
    lower: tuple[str, ...] = (),
) -> RunRecord:
    """A run in which every metric scores by its rule, lines of scores apart from results."""
    random = np.random.default_rng([day, epoch])
    results: list[Result] = []
    scored: list[Scored | ModelScored | CanaryResult] = []
    for model, skill in skills.items():
        for prompt in suite.prompts:
            for seed in suite.seeds:
                trial = Trial(model, "r1", suite.id, suite.version, prompt.id, seed, epoch)
                sha = trial.key
                media = Media(sha, f"media/{sha[:2]}/{sha}.png", "image/png", 64, 64, 100)
                results.append(Result(trial, Generation("ok", NOON, 0.1, media)))
                truth = truth_of(trial, skill)
                scores = [Score(TRUTH, "1", truth, fingerprint="exact")]
                for name, rule in rules.items():
                    value = rule(truth, random)
                    reason = None if value is not None else "could not"
                    scores.append(Score(name, "1", value, reason, fingerprint))
                scored.append(Scored(trial.key, sha, tuple(scores)))
    names = {*skills, *(anchors or {})}
    run = Run(
        id=f"run-{day}",
        started_at=NOON + timedelta(days=day),
        finished_at=None,
        epoch=epoch,
        suite=suite,
        models=tuple(
            Model(name, name, "text-to-image", "procedural", anchor=(anchors or {}).get(name))
            for name in sorted(names)
        ),
        metrics=(spec(TRUTH), *(spec(name, better=name not in lower) for name in rules)),
        planned=len(results),
    )
    return RunRecord(run, tuple(results), scored=tuple(scored))


RULES: Mapping[str, Rule] = {
    "exact": lambda truth, random: 3 * truth - 7,
    "noisy": lambda truth, random: truth + random.normal() * 0.3,
    "blind": lambda truth, random: random.normal(),
    "inverse": lambda truth, random: -truth,
    "silent": lambda truth, random: 1.0,
}
