"""Small made-up worlds with known truth: models of known strength, run records of their results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from evals import record
from evals.record_types import RunRecord
from evals.types import (
    Anchor,
    Failure,
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
from leaderboard.ratings.comparisons import Comparisons
from leaderboard.ratings.verdicts import Mark, Outcome

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOMAINS = ("flat", "shaded")
CLIP = MetricSpec(
    name="clip_score",
    version="1",
    title="CLIPScore",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=100.0,
    needs=("image_embedding", "text_embedding"),
    judge="small-clip",
    family="clip",
    tie_band=0.2,
)
TRUTH = MetricSpec(
    name="caption_accuracy",
    version="1",
    title="Caption accuracy",
    modality="image",
    measures="alignment",
    higher_is_better=True,
    low=0.0,
    high=1.0,
    needs=("pixels", "facts"),
    in_rating=False,
)


@dataclass(frozen=True)
class Made:
    """One model of a made-up world."""

    id: str
    strength: float
    """Mean of its clip score; scores scatter around it with deviation 1."""
    cost_usd: float | None = 0.001
    anchor: Anchor | None = None
    simulated: bool = False
    training_run: str | None = None
    failing: float = 0.0
    """Share of its generations that fail by its own fault."""


WORLD = (
    Made("renderer", 60.0, anchor="upper"),
    Made("noise", -20.0, anchor="lower"),
    Made("large", 23.0, cost_usd=0.02),
    Made("middle", 22.5, cost_usd=0.004),
    Made("small", 21.0, cost_usd=0.001),
)


def suite(prompts: int = 20, id: str = "calibration", reference: str | None = "middle") -> Suite:
    """A suite whose prompts alternate between the domains."""
    made = (
        Prompt(f"p{n:02}", f"caption {n}", (DOMAINS[n % len(DOMAINS)],), {"count": "one"})
        for n in range(prompts)
    )
    return Suite(id, "Made up", "text-to-image", tuple(made), reference, (0, 1))


def model(made: Made, revision: str = "r1") -> Model:
    """The registered model of a made-up one."""
    return Model(
        id=made.id,
        name=made.id.title(),
        task="text-to-image",
        backend="procedural",
        revision=revision,
        anchor=made.anchor,
        simulated=made.simulated,
        training_run=made.training_run,
    )


def result(
    made: Made,
    of: Suite,
    prompt: str,
    seed: int,
    *,
    at: datetime = START,
    epoch: int = 1,
    revision: str = "r1",
    fingerprint: str = "judge-a",
    failure: Failure | None = None,
) -> Result:
    """One result; its scores follow from the model, prompt, seed and epoch alone."""
    trial = Trial(made.id, revision, of.id, of.version, prompt, seed, epoch)
    if failure is not None:
        return Result(trial, Generation("failed", at, failure=failure))
    random = np.random.default_rng(int(trial.key[:12], 16))
    if random.random() < made.failing:
        return Result(
            trial, Generation("failed", at, failure=Failure("invalid_media", "all black", "model"))
        )
    value = float(np.clip(made.strength + random.normal(), -100, 100))
    sha = trial.key
    generation = Generation(
        status="ok",
        started_at=at,
        latency_s=0.5,
        media=Media(sha, f"media/{sha[:2]}/{sha}.png", "image/png", 64, 64, 100),
        quantities={"images": 1.0},
        cost_usd=made.cost_usd,
        cost_basis="0.5 s at $1 an hour" if made.cost_usd else "no price for its hardware",
    )
    truth = float(np.clip(0.5 + (value - 21) / 20, 0, 1))
    scores = (
        Score("clip_score", "1", value, fingerprint=fingerprint),
        Score("caption_accuracy", "1", truth, fingerprint="exact"),
    )
    return Result(trial, generation, scores)


def run_record(
    world: Sequence[Made] = WORLD,
    of: Suite | None = None,
    id: str = "run-1",
    at: datetime = START,
    *,
    epoch: int = 1,
    revision: str = "r1",
    fingerprint: str = "judge-a",
    finished: bool = True,
) -> RunRecord:
    """A whole run of a world on a suite."""
    of = of or suite()
    results = tuple(
        result(
            made,
            of,
            prompt.id,
            seed,
            at=at,
            epoch=epoch,
            revision=revision,
            fingerprint=fingerprint,
        )
        for made in world
        for prompt in of.prompts
        for seed in of.seeds
    )
    run = Run(
        id=id,
        started_at=at,
        finished_at=at + timedelta(minutes=5) if finished else None,
        epoch=epoch,
        suite=of,
        models=tuple(model(made, revision) for made in world),
        metrics=(CLIP, TRUTH),
        planned=len(results),
        machine={"cores": "2"},
        versions={"torch": "2"},
        fingerprint={"device": "cpu"},
    )
    return RunRecord(run, results)


def write(home: Path, made: RunRecord) -> Path:
    """Write a record as a run would; return its folder."""
    with record.create(home, replace(made.run, finished_at=None)) as writer:
        for one in made.results:
            writer.append(one)
        if made.run.finished_at is not None:
            writer.finish(made.run.finished_at)
        return writer.folder


def outcomes(
    strengths: Mapping[str, float],
    prompts: int = 40,
    seeds: int = 1,
    metrics: Sequence[str] = ("clip_score",),
    seed: int = 0,
) -> tuple[Outcome, ...]:
    """Outcomes whose scores follow a Bradley-Terry model exactly: Gumbel noise around a strength.

    The draws of a model follow from its name, so that adding a model changes nobody's scores.
    """
    made: list[Outcome] = []
    for name, strength in strengths.items():
        random = np.random.default_rng([seed, *name.encode()])
        for prompt in range(prompts):
            for number in range(seeds):
                marks = {m: Mark(float(strength + random.gumbel()), "same") for m in metrics}
                made.append(Outcome(name, f"p{prompt:03}", number, False, marks))
    return tuple(made)


def aggregate(comparisons: Comparisons) -> tuple[np.ndarray, np.ndarray]:
    """Wins and ties of all families and prompts together, (M, M) each."""
    return comparisons.wins.sum(axis=(0, 1)), comparisons.ties.sum(axis=(0, 1))
