"""Simulated endpoints: what they answer in each epoch, with the truth about when they changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from leaderboard.changes.silent import Answer
from leaderboard.ratings.verdicts import Mark
from tests.leaderboard.factory import CLIP

CLIPPED = replace(CLIP, name="clip_score", family="clip")
LIKED = replace(CLIP, name="liked", family="liking", judge="liking")
VOTERS = (CLIPPED, LIKED)


def epoch(
    number: int,
    random: np.random.Generator,
    *,
    prompts: int = 60,
    seeds: int = 2,
    shift: float = 0.0,
    spread: float = 1.0,
    metrics: Sequence[str] = ("clip_score", "liked"),
    model: str = "m",
    said: str | None = None,
    deterministic: str | None = None,
) -> list[Answer]:
    """One epoch of one model.

    Args:
        number: of the epoch.
        random: what the endpoint draws from; a deterministic one draws nothing of it.
        prompts: how many; each has a difficulty of its own, the same in every epoch.
        seeds: of each.
        shift: of every score, in deviations of one generation's.
        spread: deviation of one generation's score.
        metrics: that score it. They share half of their noise, as judges of one picture do.
        model: its id.
        said: what the endpoint says that it ran.
        deterministic: name of the weights whose bytes depend on prompt and seed alone.
    """
    if deterministic is not None:
        random = np.random.default_rng(list(deterministic.encode()))
    answers: list[Answer] = []
    for prompt in range(prompts):
        hard = 3 * np.sin(prompt)
        for seed in range(seeds):
            common, *own = random.normal(size=1 + len(metrics))
            media = f"{deterministic or random.integers(2**40)}-{prompt}-{seed}"
            marks = {
                name: Mark(
                    float(25 + hard + shift + spread * (common + noise) / np.sqrt(2)), "judge"
                )
                for name, noise in zip(metrics, own, strict=True)
            }
            where = dict.fromkeys(metrics, "cpu")
            answers.append(
                Answer(model, f"p{prompt:03}", seed, number, media, said, marks, where, "{}")
            )
    return answers
