"""What the price book answers as a whole: the frozen rows of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from evals.prices.types import Modality, Status


@dataclass(frozen=True)
class Tier:
    """A price of a list, as its seller words it."""

    tier: str | None
    """Size, length and quality up to which it is; None for any."""
    usd: float | None
    unit: str
    since: date
    expires: date | None
    status: Status


@dataclass(frozen=True)
class PricedModel:
    """What one list asks for."""

    id: str
    name: str
    provider: str | None
    modality: Modality
    status: Status
    """The best of its tiers."""
    usd: float | None
    """At most, for one usual generation; None where that is unknown."""
    basis: str
    """How that follows, or why it does not."""
    tiers: tuple[Tier, ...]
    source: str


@dataclass(frozen=True)
class PriceReport:
    """Every list of models, in order of ids, as of a day."""

    at: date
    picture: str
    """What a usual picture is."""
    clip: str
    models: tuple[PricedModel, ...]
