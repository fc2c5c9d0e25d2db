"""Simulated markets with known strengths and prices: what the policy of picks is judged by.

Models are released at random times, stronger on average the later, each with a strength that
stays and a price that goes with it loosely; some are withdrawn, some change their price. A board
shows every listed model at a fixed cadence: its strength, a shift of the whole scale now and then,
and noise, which is either drawn anew for every board or falls as votes add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from leaderboard.snapshots import NORMAL_95, Entry, Snapshot

Floats = NDArray[np.float64]
START = datetime(2024, 1, 1, tzinfo=UTC)
SPREAD = 60.0
"""Standard deviation of the strengths of models released at one time, in rating points."""

FACTORS: Floats = np.array([0.67, 1.5])
"""What a repricing multiplies a price by."""


@dataclass(frozen=True)
class Kind:
    """One kind of market. Rates are per day."""

    name: str
    days: float = 280.0
    cadence: float = 7.0
    noise: float = 15.0
    """Standard error of a rating on a board, or after the first day's votes."""
    votes: bool = False
    """Errors fall as votes add up; else every board draws them anew."""
    releases: float = 0.08
    slope: float = 0.5
    """Rating points that releases gain a day."""
    withdrawal: float = 0.001
    """Per listed model and day."""
    repricing: float = 0.001
    """Per listed model and day; up as often as down, by a third."""
    intervals: bool = True


KINDS: tuple[Kind, ...] = (
    Kind("weekly, noise 5", noise=5.0),
    Kind("weekly, noise 15"),
    Kind("weekly, noise 40", noise=40.0),
    Kind("daily, noise 15", cadence=1.0, days=60.0),
    Kind("fortnightly, noise 10", cadence=14.0, days=420.0, noise=10.0),
    Kind("weekly, votes add up", votes=True, noise=60.0),
    Kind("weekly, many releases", releases=0.2, noise=15.0),
    Kind("weekly, no intervals", intervals=False),
)


@dataclass(frozen=True)
class Market:
    """What the publisher prints, and what is true."""

    kind: Kind
    boards: tuple[Snapshot, ...]
    strength: dict[str, float]


def market(kind: Kind, seed: int) -> Market:
    """One market; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    begin = -200.0
    count = int(rng.poisson(kind.releases * (kind.days - begin)))
    released: Floats = np.sort(rng.uniform(begin, kind.days, count))
    strength = kind.slope * released + SPREAD * rng.normal(size=count)
    withdrawn = released + rng.exponential(1 / kind.withdrawal, count)
    # Stronger for its time is dearer, loosely; a factor of ten either way is common.
    excess = (strength - kind.slope * released) / SPREAD
    price: Floats = 20.0 * np.exp(0.4 * excess + 0.9 * rng.normal(size=count))
    changes: list[tuple[float, int, float]] = []
    for model in range(count):
        left = float(kind.days - released[model])
        for _ in range(rng.poisson(kind.repricing * left)):
            at = float(rng.uniform(released[model], kind.days))
            changes.append((at, model, float(rng.choice(FACTORS))))
    names = [f"m{model:04}" for model in range(count)]
    truth: list[float] = strength.tolist()
    return Market(
        kind,
        tuple(_boards(kind, rng, names, released, withdrawn, strength, price, sorted(changes))),
        dict(zip(names, truth, strict=True)),
    )


def _boards(
    kind: Kind,
    rng: np.random.Generator,
    names: list[str],
    released: Floats,
    withdrawn: Floats,
    strength: Floats,
    price: Floats,
    changes: list[tuple[float, int, float]],
) -> Iterator[Snapshot]:
    count = len(names)
    total, weight, shift = np.zeros(count), np.zeros(count), 0.0
    price = price.copy()
    for at in np.arange(0.0, kind.days, kind.cadence):
        listed = (released <= at) & (withdrawn > at)
        while changes and changes[0][0] <= at:
            _, model, factor = changes.pop(0)
            price[model] *= factor
        width = np.full(count, kind.noise)
        error = rng.normal(size=count) * kind.noise
        if kind.votes:
            fresh = np.where(weight == 0, np.maximum(1.0, at - released), kind.cadence)
            fresh = np.maximum(fresh, 1e-9)
            total += np.where(listed, rng.normal(size=count) * kind.noise * np.sqrt(fresh), 0.0)
            weight += np.where(listed, fresh, 0.0)
            safe = np.maximum(weight, 1.0)
            error, width = total / safe, kind.noise / np.sqrt(safe)
        if rng.random() < 0.05:
            shift += float(rng.normal()) * 50.0
        rating = strength + error - strength[listed].mean() + 1200.0 + shift
        half = NORMAL_95 * width
        order = [int(model) for model in np.argsort(-rating) if listed[model]]
        entries = tuple(
            Entry(
                rank=rank,
                model=names[model],
                score=round(float(rating[model]), 2),
                score_low=round(float(rating[model] - half[model]), 2) if kind.intervals else None,
                score_high=round(float(rating[model] + half[model]), 2) if kind.intervals else None,
                price_usd=round(float(price[model]), 4),
                price_unit="price_per_1k_images",
            )
            for rank, model in enumerate(order, start=1)
        )
        yield Snapshot("simulated", kind.name, START + timedelta(days=float(at)), entries)


def kind(name: str, **changes: float) -> Kind:
    """A kind by name, with some fields changed. Raises `StopIteration` for an unknown one."""
    return replace(next(one for one in KINDS if one.name == name), **changes)  # type: ignore[arg-type]
