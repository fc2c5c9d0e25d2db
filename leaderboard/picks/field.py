"""Who could be picked, and what is known of them: one shape for own boards and outside ones.

A `Field` holds joint draws of all ratings and the facts that a policy asks for. `own_field` makes
one from a rated board; `outside_field` (a module of its own) from a public board. Everything that
decides reads a field and nothing else of where it came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

import numpy as np

from leaderboard.answers import Board, BoardRow, ground_of
from leaderboard.pick_answers import Call, Ground
from leaderboard.ratings.bradley_terry import Floats, win_rate
from leaderboard.ratings.rate import SCALE, Ratings, widening

Evidence = Literal["own evaluation", "outside board"]
OWN: Evidence = "own evaluation"
OUTSIDE: Evidence = "outside board"


@dataclass(frozen=True)
class Candidate:
    """One model and its facts. `None` = not known, or does not apply; never zero."""

    model: str
    name: str
    rating: float
    rating_low: float | None
    rating_high: float | None
    evidence: Evidence
    evidence_at: datetime
    """When the newest evidence of its rating was made or published."""
    comparisons: float | None
    """`None` = the board does not say."""
    prompts: int | None
    """Prompts compared; `None` = the board has none (people bring their own)."""
    cost_usd: float | None
    """US dollars per generation; 0 and below are no prices and read as unknown."""
    cost_basis: str | None
    """What the cost is a mean or a list price of; of an unknown cost, why it is unknown."""
    usd_per_clip_second: float | None = None
    compute_s_per_clip_second: float | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    failure_rate: float | None = None
    failure_low: float | None = None
    """What is held against the policy's limit: the lower end of its interval where the rate is of
    calls in production; `None` = the rate itself."""
    failures_of: str | None = None
    """What the rate is a share of; `None` = of generations."""
    vendor: str | None = None
    provider: str | None = None
    """Who is called: a backend for a registered model, a provider elsewhere."""
    region: str | None = None
    licence: str | None = None
    released: date | None = None
    withdrawn: date | None = None
    """From this day on it cannot be called."""
    simulated: bool = False
    call: Call | None = None
    """What a client calls it; `None` = the registry says, or nobody knows."""

    @property
    def price(self) -> float | None:
        """What candidates are compared by: USD per second of clip where they make clips, whose
        lengths differ, and per generation elsewhere. `None` where it is unknown.
        """
        found = self.cost_usd if self.usd_per_clip_second is None else self.usd_per_clip_second
        return found if found is not None and found > 0 else None


@dataclass(frozen=True)
class Field:
    """The candidates for one task and domain. M candidates, D draws."""

    task: str
    domain: str
    source: str
    """Whose board it is."""
    suite_id: str | None
    candidates: tuple[Candidate, ...]
    """By model id; columns of `draws` are in this order."""
    draws: Floats
    """(D, M), rating points; a row is one world. Each column is a function of its model alone, so
    that others may come, go or be listed in another order."""
    eta: Floats | None = None
    """(D,), logarithm of the tie parameter of each draw; `None` = a comparison has no ties."""
    wide: float = 1.0
    """How much wider than `draws` the odds of an order are, for the best of many is in part the
    luckiest; 1 where the draws have that taken out already."""
    priced: bool = True
    """False: no price is asked for, and only the hero is decided."""

    @property
    def simulated(self) -> bool:
        """Whether all candidates are simulated, and there are any."""
        return bool(self.candidates) and all(one.simulated for one in self.candidates)

    @property
    def ground(self) -> Ground:
        """What its picks stand on."""
        return ground_of(self.source, self.simulated)

    def index(self, model: str | None) -> int:
        """Column of a model; -1 where it is not there."""
        names = [one.model for one in self.candidates]
        return names.index(model) if model in names else -1

    @property
    def ordering(self) -> Floats:
        """(D, M): the draws that the odds of an order are read from."""
        point = np.array([one.rating for one in self.candidates])
        return point + (self.draws - point) * self.wide

    def win_rates(self, against: int) -> Floats:
        """(D, M): expected share of comparisons that each takes from one, a tie being half."""
        lead = (self.draws - self.draws[:, against : against + 1]) / SCALE
        eta = np.full(len(lead), -np.inf) if self.eta is None else self.eta
        return win_rate(lead, eta[:, None])


@dataclass(frozen=True)
class Facts:
    """What a registry knows of a model that no board says."""

    provider: str | None = None
    licence: str | None = None
    released: date | None = None
    withdrawn: date | None = None
    region: str | None = None
    vendor: str | None = None
    call: Call | None = None


def own_field(board: Board, ratings: Ratings, known: Mapping[str, Facts] | None = None) -> Field:
    """The field of an own board: every row that is no anchor.

    Args:
        board: what a person sees.
        ratings: the joint draws behind it; every row is a model of it.
        known: model -> what the registry says of it.
    """
    rows = sorted((row for row in board.rows if row.anchor is None), key=lambda row: row.model)
    columns = [ratings.index(row.model) for row in rows]
    every = [ratings.index(model) for model in ratings.candidates]
    return Field(
        board.task,
        board.domain,
        board.source,
        board.suite_id,
        tuple(_candidate(row, board.at, (known or {}).get(row.model, Facts())) for row in rows),
        ratings.draws[:, columns],
        ratings.eta,
        widening(ratings.point[every], ratings.draws[:, every]) if every else 1.0,
    )


def with_prices(field: Field, prices: Mapping[str, tuple[float | None, str]]) -> Field:
    """The field with costs from elsewhere: model -> US dollars per generation, and the basis or
    the reason why it is unknown. Who is not named keeps what it has.
    """
    priced = tuple(
        replace(one, cost_usd=prices[one.model][0], cost_basis=prices[one.model][1])
        if one.model in prices
        else one
        for one in field.candidates
    )
    return replace(field, candidates=priced, priced=True)


def without(field: Field, models: Iterable[str]) -> Field:
    """The field without some models; nobody else's draws change."""
    gone = set(models)
    keep = [number for number, one in enumerate(field.candidates) if one.model not in gone]
    return replace(
        field,
        candidates=tuple(field.candidates[number] for number in keep),
        draws=field.draws[:, keep],
    )


def _candidate(row: BoardRow, at: datetime, facts: Facts) -> Candidate:
    return Candidate(
        model=row.model,
        name=row.name,
        rating=row.rating,
        rating_low=row.rating_low,
        rating_high=row.rating_high,
        evidence=OWN,
        evidence_at=at,
        comparisons=row.comparisons,
        prompts=row.prompts,
        cost_usd=row.cost_usd,
        cost_basis=row.cost_basis,
        usd_per_clip_second=row.usd_per_clip_second,
        compute_s_per_clip_second=row.compute_s_per_clip_second,
        latency_p50_s=row.latency_p50_s,
        latency_p95_s=row.latency_p95_s,
        failure_rate=row.failure_rate,
        vendor=row.vendor,
        provider=facts.provider,
        region=facts.region,
        licence=facts.licence,
        released=facts.released,
        withdrawn=facts.withdrawn,
        simulated=row.simulated,
    )
