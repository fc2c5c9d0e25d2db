"""What a reader is told of AI's advantage by domain: frozen rows, as in `answers`."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from leaderboard.pick_answers import Role

Modality = Literal["image", "video"]
Answer = Literal["confirmed", "refuted", "not decided"]
CLAIM = (
    "AI's advantage is in non-photorealistic work; the first AI films will be animation or fantasy."
)


@dataclass(frozen=True)
class ProductionCost:
    """What one picture, or one second of clip, costs by traditional means."""

    modality: Modality
    domain: str
    usd_low: float
    usd_high: float
    """US dollars; whoever gave them believes that the cost lies between."""
    photoreal: bool
    """On which side of the claim this work is."""
    what: str
    source: str
    date: datetime.date
    """As of when."""


@dataclass(frozen=True)
class Acceptance:
    """Which share of a model's generations reached the floor, with its 95 % interval."""

    share: float
    low: float
    high: float
    prompts: int
    """Clusters of the interval."""
    generations: int


@dataclass(frozen=True)
class ModelAdvantage:
    """One model in one domain."""

    model: str
    name: str
    roles: tuple[Role, ...]
    """That it holds there."""
    usd: float | None
    """US dollars per generated picture, or per second of generated clip."""
    usd_basis: str | None
    """What the cost is a mean or a list price of, or why it is unknown."""
    acceptance: Acceptance | None
    """`None` = unknown."""
    index: float | None
    """Traditional cost / (cost / acceptance), at the geometric middle of the traditional cost;
    `None` where nothing was accepted, or something is unknown."""
    index_low: float | None
    index_high: float | None
    """Where the acceptance is unknown the span is of an upper bound: as if all were accepted."""
    upper_bound: bool
    break_even_low: float | None
    break_even_high: float | None
    """Acceptance below which handwork is cheaper, at the high and the low traditional cost; above
    1 it is cheaper whatever is accepted."""
    reason: str | None
    """Why there is no index, or why it is an upper bound only."""


@dataclass(frozen=True)
class DomainAdvantage:
    """One domain of a board."""

    domain: str
    traditional: ProductionCost | None
    checks: tuple[str, ...]
    """What a generation had to pass to count as accepted; empty where nobody was judged."""
    absolute: bool
    """Whether any of them is more than a comparison with the domain's hero."""
    models: tuple[ModelAdvantage, ...]
    """By falling index, then those without one."""
    reason: str | None
    """Why the domain has no models here."""


@dataclass(frozen=True)
class Compared:
    """The model that stands for a domain in the verdict: its workhorse, else its hero."""

    domain: str
    photoreal: bool
    model: str
    role: Role
    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """What the intervals say of the claim."""

    answer: Answer
    why: str
    compared: tuple[Compared, ...]


@dataclass(frozen=True)
class AdvantageReport:
    """All domains of one board that picks are decided from."""

    task: str
    source: str
    suite: str | None
    simulated: bool
    per: Literal["picture", "second of clip"]
    domains: tuple[DomainAdvantage, ...]
    verdict: Verdict
