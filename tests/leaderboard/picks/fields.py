"""Small fields whose draws follow from the names of their models alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from leaderboard.picks.field import OWN, Candidate, Field

NOW = datetime(2026, 4, 1, tzinfo=UTC)
DRAWS = 300


def candidate(model: str, rating: float, cost: float | None = 0.01, **more: object) -> Candidate:
    """A model that qualifies under the default policy, but for what is given."""
    blank = Candidate(
        model=model,
        name=model.upper(),
        rating=rating,
        rating_low=rating - 20,
        rating_high=rating + 20,
        evidence=OWN,
        evidence_at=NOW,
        comparisons=200,
        prompts=40,
        cost_usd=cost,
        cost_basis="a price",
        failure_rate=0.0,
        latency_p50_s=1.0,
        latency_p95_s=2.0,
    )
    return replace(blank, **more)  # type: ignore[arg-type]


def field(*candidates: Candidate, spread: float = 15.0, seed: int = 0) -> Field:
    """Normal draws around the ratings; those of a model follow from its name and rating alone."""
    people = tuple(sorted(candidates, key=lambda one: one.model))
    draws = [
        one.rating + spread * np.random.default_rng([seed, *one.model.encode()]).normal(size=DRAWS)
        for one in people
    ]
    matrix = np.stack(draws, axis=1) if draws else np.zeros((DRAWS, 0))
    return Field("text-to-image", "all", "evals", "calibration", people, matrix)
