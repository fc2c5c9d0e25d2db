"""VBench's totals under other weights, and at which weight of quality the order turns (pure).

A total is (w · quality + semantic) / (w + 1), with w = 4 in VBench. So whether one model is ahead
of another depends on the sign of w · Δquality + Δsemantic, which is a straight line in w: it turns
at most once, at w = −Δsemantic / Δquality, and never where that is negative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from evals.errors import InputError
from evals.names import hint
from evals.vbench import DIMENSIONS, QUALITY_WEIGHT, combined, quality, semantic

Side = Literal["above", "below"]


@dataclass(frozen=True)
class Weights:
    """What counts how much; by default as VBench has it."""

    quality: float = QUALITY_WEIGHT
    """Of the quality score in the total; the semantic score has 1."""
    dimensions: Mapping[str, float] = field(default_factory=dict[str, float])
    """Dimensions within their part, where another weight than VBench's is meant."""


VBENCH = Weights()


@dataclass(frozen=True)
class Standing:
    """A model in the order of its total; scores in per cent."""

    model: str
    rank: int
    """From 1; equal totals share one."""
    quality: float
    semantic: float
    total: float


@dataclass(frozen=True)
class Turn:
    """Two neighbours, and where they change places."""

    upper: str
    lower: str
    at: float | None
    """Weight of quality at which both have the same total; `None`: `upper` stays ahead at all."""
    side: Side | None
    """On which side of it `lower` is ahead."""


@dataclass(frozen=True)
class Lead:
    """A stretch of the weight of quality, and who has the highest total on it."""

    model: str
    low: float
    high: float | None
    """`None`: for every weight from `low` on."""


@dataclass(frozen=True)
class Comparison:
    """A table under some weights, beside VBench's own."""

    order: tuple[Standing, ...]
    turns: tuple[Turn, ...]
    """Of each model in `order` and the one below it."""
    leads: tuple[Lead, ...]
    by_vbench: Mapping[str, Standing]
    """Model -> where VBench's own weights put it."""
    without_total: Mapping[str, tuple[str, ...]]
    """Model -> the dimensions that it has no score of."""


def compare(raw: Mapping[str, Mapping[str, float]], weights: Weights) -> Comparison:
    """Everything that can be said of a table under `weights`. Arguments and errors: `standings`."""
    order = standings(raw, weights)
    missing = {
        model: tuple(name for name in DIMENSIONS if name not in percent)
        for model, percent in raw.items()
    }
    return Comparison(
        order,
        turns(order),
        leads(order),
        {one.model: one for one in standings(raw)},
        {model: names for model, names in missing.items() if names},
    )


def checked(weights: Weights) -> Weights:
    """The weights as they are.

    Raises:
        InputError: there is no such dimension, or a weight is negative or not finite.
    """
    for name, weight in {"quality": weights.quality, **weights.dimensions}.items():
        if name != "quality" and name not in DIMENSIONS:
            raise InputError(f'VBench has no dimension "{name}"{hint(name, DIMENSIONS)}')
        if not (math.isfinite(weight) and weight >= 0):
            raise InputError(f"weight of {name}: {weight}; give a finite number from 0 on")
    return weights


def standings(
    raw: Mapping[str, Mapping[str, float]], weights: Weights = VBENCH
) -> tuple[Standing, ...]:
    """Models by falling total, equal ones by name.

    Args:
        raw: model -> dimension -> per cent; a model that lacks one of them has no total and no
            place here.
        weights: as `checked`.

    Raises:
        ScoreError: every dimension of a part weighs 0.
    """
    scored: list[tuple[float, str, float, float]] = []
    for model, percent in raw.items():
        if DIMENSIONS.keys() <= percent.keys():
            fractions = {name: percent[name] / 100 for name in DIMENSIONS}
            q = 100 * quality(fractions, weights.dimensions)
            s = 100 * semantic(fractions, weights.dimensions)
            scored.append((combined(q, s, weights.quality), model, q, s))
    scored.sort(key=lambda one: (-one[0], one[1]))
    return tuple(
        Standing(model, 1 + sum(other[0] > total for other in scored), q, s, total)
        for total, model, q, s in scored
    )


def turns(order: Sequence[Standing]) -> tuple[Turn, ...]:
    """Where each model of a ranking would change places with the one below it, if anywhere."""
    return tuple(_turn(upper, lower) for upper, lower in pairwise(order))


def leads(order: Sequence[Standing]) -> tuple[Lead, ...]:
    """Who leads at which weight of quality, from 0 on, without a gap.

    Where models tie all along, the first by name leads.
    """
    if not order:
        return ()
    found: list[Lead] = []
    now, low = min(order, key=lambda one: (-one.semantic, -one.quality, one.model)), 0.0
    while True:
        # Only models of higher quality can overtake when quality gains weight; the first to do so
        # leads next, and of several at one weight the one that gains most.
        rising = [one for one in order if one.quality > now.quality]
        if not rising:
            return (*found, Lead(now.model, low, None))
        after = min(
            rising, key=lambda one: (_meeting(now, one), -one.quality, -one.semantic, one.model)
        )
        at = _meeting(now, after)
        if at > low:
            found.append(Lead(now.model, low, at))
        now, low = after, max(at, low)


def _turn(upper: Standing, lower: Standing) -> Turn:
    if lower.quality == upper.quality:
        return Turn(upper.model, lower.model, None, None)
    at, gains = _meeting(upper, lower), lower.quality > upper.quality
    if at < 0 or (at == 0 and not gains):
        return Turn(upper.model, lower.model, None, None)
    return Turn(upper.model, lower.model, at, "above" if gains else "below")


def _meeting(one: Standing, other: Standing) -> float:
    """The weight of quality at which two models of unequal quality have the same total."""
    return (one.semantic - other.semantic) / (other.quality - one.quality)
