"""Scores -> comparisons within one prompt (pure).

Two generations of one prompt and one seed are compared by every metric that votes: the better
score wins, a difference inside the tie band is a tie. Metrics of one family share one vote, and
the votes of all families sum to 1: six metrics on one encoder are not six witnesses. A failure by
the model's own fault loses; a failure of the infrastructure is missing, that is, it is not here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from evals.types import MetricSpec
from leaderboard.answers import LeftOut

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Mark:
    """One score and the hash of all that it depends on beside the media."""

    value: float
    fingerprint: str


@dataclass(frozen=True)
class Outcome:
    """A settled generation: what one model made of one prompt and seed."""

    model: str
    prompt: str
    seed: int
    failed: bool = False
    """True when the model failed by its own fault."""
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    """By metric; a metric without a score is absent."""


@dataclass(frozen=True)
class Comparisons:
    """Votes by family, prompt and pair. Axes: F families, P prompts, M models, each sorted."""

    models: tuple[str, ...]
    prompts: tuple[str, ...]
    families: tuple[str, ...]
    wins: Floats
    """(F, P, M, M): a family's votes for the first over the second, over a prompt's seeds."""
    ties: Floats
    """(F, P, M, M), symmetric: votes for neither."""
    made: Ints
    """(P, M, M), symmetric: seeds at which the pair could be compared at all."""
    left_out: tuple[LeftOut, ...] = ()

    def only(self, models: Iterable[str]) -> Comparisons:
        """The same comparisons among some of the models."""
        kept = tuple(sorted(set(models)))
        index = np.array([self.models.index(model) for model in kept], dtype=np.int64)
        pairs = np.ix_(index, index)
        return Comparisons(
            kept,
            self.prompts,
            self.families,
            self.wins[:, :, *pairs],
            self.ties[:, :, *pairs],
            self.made[:, *pairs],
            self.left_out,
        )


def family_of(spec: MetricSpec) -> str:
    """Who shares a vote with this metric: its family, else its judge, else nobody."""
    return spec.family or spec.judge or spec.name


def compare(outcomes: Sequence[Outcome], specs: Iterable[MetricSpec]) -> Comparisons:
    """Compare every pair of models within every prompt, over the seeds that both have.

    Args:
        outcomes: at most one per model, prompt and seed, in any order.
        specs: one per metric name. Those with `in_rating=False` never vote.

    Scores whose fingerprints differ are never compared; `left_out` says how many pairs that cost.
    Raises `ValueError` when two outcomes share model, prompt and seed.
    """
    voters = sorted((spec for spec in specs if spec.in_rating), key=lambda spec: spec.name)
    families = tuple(sorted({family_of(spec) for spec in voters}))
    models = tuple(sorted({outcome.model for outcome in outcomes}))
    prompts = tuple(sorted({outcome.prompt for outcome in outcomes}))
    seeds = tuple(sorted({outcome.seed for outcome in outcomes}))
    grid = _Grid(models, prompts, seeds, outcomes)

    both = grid.ok[:, None] & grid.ok[None, :]
    lost = grid.failed[:, None] & grid.ok[None, :]
    neither = grid.failed[:, None] & grid.failed[None, :]
    off_diagonal = ~np.eye(len(models), dtype=np.bool_)[:, :, None, None]

    shape = (len(families), len(prompts), len(models), len(models))
    wins, ties = np.zeros(shape), np.zeros(shape)
    compared = np.zeros(both.shape, dtype=np.bool_)
    left_out: list[LeftOut] = []
    for number, family in enumerate(families):
        won = np.zeros(both.shape)
        tied = np.zeros(both.shape)
        voting = np.zeros(both.shape)
        for spec in voters:
            if family_of(spec) != family:
                continue
            votes = _votes(grid, spec, both & off_diagonal)
            won += votes.won
            tied += votes.tied
            voting += votes.valid
            if votes.mixed:
                left_out.append(
                    LeftOut(
                        spec.name,
                        f"{votes.mixed} comparisons not made: the two scores differ in judge,"
                        " preprocessing or metric version (strict fingerprint)",
                    )
                )
        share = 1.0 / (np.maximum(voting, 1.0) * len(families))
        # A model that failed loses whatever the metrics would have said.
        by_failure = off_diagonal / len(families)
        won = won * share + lost.swapaxes(0, 1) * by_failure
        tied = tied * share + neither * by_failure
        compared |= (won > 0) | (won.swapaxes(0, 1) > 0) | (tied > 0)
        wins[number] = won.sum(axis=3).transpose(2, 0, 1)
        ties[number] = tied.sum(axis=3).transpose(2, 0, 1)
    made = compared.sum(axis=3).transpose(2, 0, 1).astype(np.int64)
    return Comparisons(models, prompts, families, wins, ties, made, tuple(left_out))


def connected(comparisons: Comparisons) -> tuple[tuple[str, ...], ...]:
    """Groups of models that comparisons join, the largest first (ties: by first name).

    Ratings of two models mean something to each other only inside one group.
    """
    joined = comparisons.made.sum(axis=0) > 0
    left = set(range(len(comparisons.models)))
    groups: list[tuple[str, ...]] = []
    while left:
        frontier = {min(left)}
        group: set[int] = set()
        while frontier:
            group |= frontier
            near = np.flatnonzero(joined[sorted(frontier)].any(axis=0))
            frontier = {int(index) for index in near} - group
        left -= group
        groups.append(tuple(comparisons.models[index] for index in sorted(group)))
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


class _Grid:
    """Outcomes on a dense grid: (M, P, S) arrays of presence, failure and per-metric marks."""

    def __init__(
        self,
        models: tuple[str, ...],
        prompts: tuple[str, ...],
        seeds: tuple[int, ...],
        outcomes: Sequence[Outcome],
    ) -> None:
        at_model = {model: number for number, model in enumerate(models)}
        at_prompt = {prompt: number for number, prompt in enumerate(prompts)}
        at_seed = {seed: number for number, seed in enumerate(seeds)}
        self.shape = (len(models), len(prompts), len(seeds))
        self.ok: Bools = np.zeros(self.shape, dtype=np.bool_)
        self.failed: Bools = np.zeros(self.shape, dtype=np.bool_)
        self.places: list[tuple[tuple[int, int, int], Outcome]] = []
        for outcome in outcomes:
            place = (at_model[outcome.model], at_prompt[outcome.prompt], at_seed[outcome.seed])
            if self.ok[place] or self.failed[place]:
                raise ValueError(
                    f"two outcomes of {outcome.model} for {outcome.prompt}, seed {outcome.seed}"
                )
            (self.failed if outcome.failed else self.ok)[place] = True
            self.places.append((place, outcome))

    def marks(self, metric: str) -> tuple[Floats, Ints]:
        """Values and fingerprint numbers of one metric; number -1 where there is no score."""
        values = np.zeros(self.shape)
        prints = np.full(self.shape, -1, dtype=np.int64)
        numbers: dict[str, int] = {}
        for place, outcome in self.places:
            mark = outcome.marks.get(metric)
            if mark is not None:
                values[place] = mark.value
                prints[place] = numbers.setdefault(mark.fingerprint, len(numbers))
        return values, prints


@dataclass(frozen=True)
class _Votes:
    won: Bools
    tied: Bools
    valid: Bools
    mixed: int


def _votes(grid: _Grid, spec: MetricSpec, allowed: Bools) -> _Votes:
    """Who wins by one metric; all arrays (M, M, P, S), first model against second."""
    values, prints = grid.marks(spec.name)
    scored = allowed & (prints[:, None] >= 0) & (prints[None, :] >= 0)
    valid = scored & (prints[:, None] == prints[None, :])
    lead = values[:, None] - values[None, :]
    if not spec.higher_is_better:
        lead = -lead
    won = valid & (lead > spec.tie_band)
    tied = valid & (np.abs(lead) <= spec.tie_band)
    return _Votes(won, tied, valid, int((scored & ~valid).sum()) // 2)
