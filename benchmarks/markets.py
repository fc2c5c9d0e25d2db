"""Simulated boards whose true half-life is known: what the churn statistics are judged by.

A market is simulated in continuous time: models are released (one by one or in clusters), each
with a strength of its own that stays, or wanders; some are withdrawn. A board shows, at a fixed
cadence, every listed model's rating: its strength, plus a shift common to the date, plus noise.
The truth is the median stay of the models that enter the top k by *strength*, over a market so
long that its own sampling error is below one percent (one to two where strengths wander, which
takes longer to simulate). It is computed here by a plain loop over events, which shares no code
with what it judges.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from leaderboard.snapshots import Entry, Snapshot

Floats = NDArray[np.float64]
START = datetime(2024, 1, 1, tzinfo=UTC)
SPREAD = 60.0
"""Standard deviation of the strengths of models released at one time, in rating points."""


@dataclass(frozen=True)
class Cell:
    """One kind of market. Rates are per day before time is scaled so that the truth is `median`."""

    name: str
    median: float = 34.0
    """True median stay in days."""
    days: float = 730.0
    """Length of the history that is seen."""
    k: int = 5
    cadence: float = 7.0
    rate: float = 1.0
    """Releases per unit of time."""
    slope: float = 12.0
    """Rating points that releases gain per unit of time."""
    cluster: float = 1.0
    """Mean releases per release day; above 1 they come in clusters (the rate stays)."""
    quality: Literal["normal", "heavy"] = "normal"
    """Law of the strengths at release: normal, or Student's t with 3 degrees of freedom."""
    withdrawal: float = 0.0
    """Rate at which a listed model is withdrawn, per unit of time."""
    drift: float = 0.0
    """Standard deviation that a strength wanders in one `median`, in rating points."""
    noise: float = 40.0
    """Standard error of a rating on its first board (in all, or after the first day's votes)."""
    votes: Literal["constant", "cumulative"] = "constant"
    """Errors independent from board to board, or shared because votes add up."""
    intervals: bool = True
    """Does the board publish 95 % intervals?"""
    places: int | None = None
    """Rows that the board shows; `None` = all."""
    shown: float = 6.0
    """Standing models are listed on the first board when released at most so many medians ago."""


CELLS: tuple[Cell, ...] = (
    Cell("weekly, constant noise"),
    Cell("weekly, no intervals published", intervals=False),
    Cell("daily, constant noise", cadence=1.0, days=365.0),
    Cell("monthly, constant noise", cadence=30.0, noise=20.0),
    Cell("weekly, cumulative votes", votes="cumulative", noise=60.0),
    Cell("daily, cumulative votes", votes="cumulative", noise=80.0, cadence=1.0, days=365.0),
    Cell("weekly, top 3", k=3),
    Cell("weekly, top 10", k=10),
    Cell("weekly, withdrawals", withdrawal=0.02),
    Cell("weekly, heavy-tailed quality", quality="heavy"),
    Cell("weekly, clustered releases", cluster=3.0),
    Cell("weekly, drifting strengths", drift=10.0, noise=20.0),
)
"""The certificate: every one must pass."""

BEYOND: tuple[Cell, ...] = (
    Cell("weekly, little noise", noise=5.0),
    Cell(
        "daily for five months, cumulative votes",
        votes="cumulative",
        noise=80.0,
        cadence=1.0,
        days=153.0,
    ),
    Cell(
        "daily for five months, long stays",
        median=90.0,
        votes="cumulative",
        noise=80.0,
        cadence=1.0,
        days=153.0,
    ),
    Cell("weekly for eight months", days=250.0),
    Cell("monthly top 8, no intervals", cadence=30.0, noise=15.0, intervals=False, places=8),
    Cell("weekly top 20", places=20),
    Cell("monthly, clustered releases", cadence=30.0, noise=20.0, cluster=3.0),
    Cell("weekly, drifting, cumulative votes", drift=10.0, votes="cumulative", noise=60.0),
)
"""Harder ones, measured and reported beside the certificate."""


@dataclass(frozen=True)
class Market:
    """Everything that happens, times in days, the first board at 0."""

    released: Floats
    """(M,) release times, rising."""
    withdrawn: Floats
    """(M,), inf for a model that stays listed."""
    strength: Floats
    """(M,) at release."""
    wander: Floats | None
    """(M, W) change of the strength since release on the weekly grid; `None` when frozen."""
    grid: Floats
    """(W,) times of the weekly grid."""


def _market(cell: Cell, days: float, unit: float, seed: int) -> Market:
    """A market from `shown` medians before 0 to `days`; `unit` days make one unit of time."""
    rng = np.random.default_rng(seed)
    begin = -cell.shown * cell.median
    span = days - begin
    clusters = rng.poisson(cell.rate / cell.cluster * span / unit)
    sizes = rng.geometric(1 / cell.cluster, clusters)
    released = np.repeat(np.sort(rng.uniform(begin, days, clusters)), sizes)
    m = len(released)
    law = rng.normal(size=m) if cell.quality == "normal" else rng.standard_t(3, m) / np.sqrt(3)
    strength = cell.slope * released / unit + SPREAD * law
    withdrawn = np.full(m, np.inf)
    if cell.withdrawal:
        withdrawn = released + rng.exponential(unit / cell.withdrawal, m)
    grid = np.arange(begin, days, 7.0)
    wander = None
    if cell.drift:
        steps = rng.normal(size=(m, len(grid))) * cell.drift * np.sqrt(7.0 / cell.median)
        steps[grid[None, :] <= released[:, None]] = 0.0
        wander = steps.cumsum(axis=1)
    return Market(released, withdrawn, strength, wander, grid)


class _Watch:
    """Follows who is in the top, and keeps the stays that begin at 0 or later."""

    def __init__(self) -> None:
        self._since: dict[int, float] = {}
        self._lengths: list[float] = []
        self._ended: list[bool] = []

    def see(self, now: set[int], at: float) -> None:
        """The top from this time on."""
        for model in [m for m in self._since if m not in now]:
            self._keep(at - self._since[model], self._since.pop(model), True)
        for model in now:
            self._since.setdefault(model, at)

    def close(self, at: float) -> tuple[Floats, NDArray[np.bool_]]:
        """Lengths of the stays, and whether their end was seen."""
        for since in self._since.values():
            self._keep(at - since, since, False)
        return np.array(self._lengths), np.array(self._ended)

    def _keep(self, length: float, since: float, ended: bool) -> None:
        if since >= 0:
            self._lengths.append(length)
            self._ended.append(ended)


def _stays(market: Market, k: int, days: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Lengths of the stays that begin in [0, days], and whether their end was seen."""
    if market.wander is not None:
        return _stays_on_grid(market, k, days)
    events = [(t, 1, i) for i, t in enumerate(market.released)]
    events += [(t, 0, i) for i, t in enumerate(market.withdrawn) if t < days]
    listed: list[tuple[float, int]] = []
    watch = _Watch()
    gone: set[int] = set()
    heapq.heapify(events)
    while events:
        at = events[0][0]
        while events and events[0][0] == at:
            _, arrives, model = heapq.heappop(events)
            if arrives:
                listed.append((-market.strength[model], model))
            else:
                gone.add(model)
        listed = [entry for entry in listed if entry[1] not in gone]
        listed.sort()
        # Without withdrawals nobody below the top comes back.
        if not np.isfinite(market.withdrawn).any():
            listed = listed[:k]
        watch.see({model for _, model in listed[:k]}, at)
    return watch.close(days)


def _stays_on_grid(market: Market, k: int, days: float) -> tuple[Floats, NDArray[np.bool_]]:
    assert market.wander is not None
    watch = _Watch()
    times = np.unique(np.concatenate([market.grid, market.released]))
    for at in cast(list[float], times.tolist()):
        cell = int(np.searchsorted(market.grid, at, side="right")) - 1
        high = int(np.searchsorted(market.released, at, side="right"))
        # A model four hundred releases old is out of reach of the top for good.
        low = max(0, high - 400)
        if high == low:
            continue
        level = market.strength[low:high] + market.wander[low:high, cell]
        level = np.where(market.withdrawn[low:high] <= at, -np.inf, level)
        watch.see(set((low + np.argsort(-level)[:k]).tolist()), at)
    return watch.close(days)


def _median(lengths: Floats, ended: NDArray[np.bool_]) -> float:
    """Median of right-censored lengths, by the product over sorted lengths."""
    order = np.argsort(lengths, kind="stable")
    at_risk = len(lengths) - np.arange(len(lengths))
    curve = np.cumprod(1 - ended[order] / at_risk)
    return float(lengths[order][np.argmax(curve <= 0.5)])


def _many(cell: Cell, unit: float, seeds: range) -> tuple[Floats, NDArray[np.bool_]]:
    """Stays of several long markets together; short ones where a weekly grid must be kept."""
    days = unit * (_LONG if not cell.drift else _LONG / 8) / len(seeds)
    parts = [_stays(_market(cell, days, unit, seed), cell.k, days) for seed in seeds]
    lengths, ended = zip(*parts, strict=True)
    return np.concatenate(lengths), np.concatenate(ended)


@cache
def unit_of(cell: Cell) -> float:
    """Days in one unit of time, so that the true median stay is `cell.median` days.

    Solved on one long market; where strengths wander on a weekly grid the scale matters and the
    solution is iterated.
    """
    unit = cell.median / 4
    for _ in range(1 if not cell.drift else 5):
        unit *= cell.median / _median(*_many(cell, unit, range(1, 11)))
    return unit


_LONG = 40_000.0


@cache
def truth(cell: Cell) -> float:
    """The true median stay, from other markets than the unit was solved on."""
    unit = unit_of(cell)
    return _median(*_many(cell, unit, range(11, 31)))


def boards(cell: Cell, seed: int) -> tuple[Snapshot, ...]:
    """What the publisher of one such market prints."""
    unit = unit_of(cell)
    market = _market(cell, cell.days, unit, seed)
    rng = np.random.default_rng([seed, 1])
    times = np.arange(0.0, cell.days, cell.cadence)
    m = len(market.released)
    total = np.zeros(m)
    weight = np.zeros(m)
    shown: list[Snapshot] = []
    shift = 0.0
    for at in times:
        listed = (market.released <= at) & (market.withdrawn > at)
        level = market.strength.copy()
        if market.wander is not None:
            level += market.wander[:, int(np.searchsorted(market.grid, at, side="right")) - 1]
        if cell.votes == "constant":
            error = rng.normal(size=m) * cell.noise
            width = np.full(m, cell.noise)
        else:
            # A day's votes carry an error of `noise`; a rating is the mean of all so far.
            fresh = np.maximum(1.0, np.minimum(cell.cadence, at - market.released))
            fresh = np.where(weight == 0, np.maximum(1.0, at - market.released), fresh)
            total += np.where(listed, rng.normal(size=m) * cell.noise * np.sqrt(fresh), 0.0)
            weight += np.where(listed, fresh, 0.0)
            safe = np.maximum(weight, 1.0)
            error = total / safe
            width = cell.noise / np.sqrt(safe)
        if rng.random() < 0.05:
            shift += rng.normal() * 50.0
        rating = level + error - level[listed].mean() + 1200.0 + shift
        low, high = rating - 1.959964 * width, rating + 1.959964 * width
        order = [int(i) for i in np.argsort(-rating) if listed[i]][: cell.places]
        entries = tuple(
            Entry(
                rank=rank,
                model=f"m{i:04}",
                score=round(float(rating[i]), 3),
                score_low=round(float(low[i]), 3) if cell.intervals else None,
                score_high=round(float(high[i]), 3) if cell.intervals else None,
            )
            for rank, i in enumerate(order, start=1)
        )
        shown.append(Snapshot("simulated", cell.name, START + timedelta(days=float(at)), entries))
    return tuple(shown)


def cell(name: str) -> Cell:
    """A cell by name. Raises `StopIteration` for an unknown one."""
    return next(cell for cell in (*CELLS, *BEYOND) if cell.name == name)
