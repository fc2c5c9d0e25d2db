"""Made-up people: a world of generations with a hidden truth, metrics that see it more or less
clearly, and voters who follow it with noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from evals.types import MetricSpec
from leaderboard.evidence import PersonVote
from leaderboard.ratings.verdicts import Mark, Outcome
from tests.leaderboard.factory import CLIP, START


@dataclass(frozen=True)
class Sight:
    """How one metric sees the truth."""

    family: str
    noise: float
    """Standard deviation of its error, truth having 1; infinite: it sees nothing of it."""


SIGHTS: Mapping[str, Sight] = {
    "keen": Sight("one", 0.5),
    "dim": Sight("one", 3.0),
    "blind": Sight("two", np.inf),
    "blinder": Sight("two", np.inf),
    "fair": Sight("three", 1.5),
}


def specs(sights: Mapping[str, Sight] = SIGHTS) -> tuple[MetricSpec, ...]:
    """A metric for each sight; a fifth of a standard deviation is a tie."""
    return tuple(
        replace(
            CLIP,
            name=name,
            family=sight.family,
            tie_band=0.2 if np.isinf(sight.noise) else 0.2 * np.sqrt(1 + sight.noise**2),
        )
        for name, sight in sights.items()
    )


def world(
    seed: int, models: int = 6, prompts: int = 90, sights: Mapping[str, Sight] = SIGHTS
) -> tuple[tuple[Outcome, ...], dict[tuple[str, str, int], float]]:
    """Generations with their scores, and the truth of each by model, prompt and seed."""
    random = np.random.default_rng(seed)
    made: list[Outcome] = []
    truth: dict[tuple[str, str, int], float] = {}
    for model in range(models):
        for prompt in range(prompts):
            for number in (0, 1):
                value = 0.3 * model / models + random.normal()
                marks = {
                    name: Mark(float(_seen(value, sight, random)), "same")
                    for name, sight in sights.items()
                }
                made.append(Outcome(f"m{model}", f"p{prompt:03}", number, False, marks))
                truth[f"m{model}", f"p{prompt:03}", number] = value
    return tuple(made), truth


def _seen(value: float, sight: Sight, random: np.random.Generator) -> float:
    error = random.normal()
    return error if np.isinf(sight.noise) else value + sight.noise * error


def votes(
    truth: Mapping[tuple[str, str, int], float],
    count: int,
    seed: int,
    noise: float = 0.5,
    voters: int = 5,
) -> tuple[PersonVote, ...]:
    """Votes on random pairs of one prompt; two that are nearly level are a tie."""
    random = np.random.default_rng([seed, 1])
    models = sorted({model for model, _, _ in truth})
    prompts = sorted({prompt for _, prompt, _ in truth})
    found: list[PersonVote] = []
    for number in range(count):
        left, right = random.choice(models, 2, replace=False)
        prompt = str(random.choice(prompts))
        seeds = random.integers(0, 2, 2)
        lead = truth[left, prompt, seeds[0]] - truth[right, prompt, seeds[1]]
        lead += noise * random.logistic()
        outcome = "tie" if abs(lead) < 0.3 else "left" if lead > 0 else "right"
        found.append(
            PersonVote(
                id=f"v{number}",
                voter=f"person-{random.integers(voters)}",
                prompt=prompt,
                left=str(left),
                left_seed=int(seeds[0]),
                right=str(right),
                right_seed=int(seeds[1]),
                outcome=outcome,
                at=START + timedelta(minutes=number),
            )
        )
    return tuple(found)


def vote(
    outcome: str = "left", prompt: str = "p", voter: str = "v", **changes: object
) -> PersonVote:
    """One vote on what models `a` and `b` made of one prompt."""
    made = PersonVote(f"{voter}-{prompt}", voter, prompt, "a", 0, "b", 0, "left", START)
    return replace(made, outcome=outcome, **changes)  # type: ignore[arg-type]
