"""Verdicts and weights -> comparisons within one prompt (pure).

Every family of judges has a share of each comparison, the sum of its metrics' weights, and the
shares sum to 1: six metrics on one encoder are not six witnesses. Within a family a metric without
a score hands its share to the family's others. A failure by the model's own fault loses whatever
the judges would have said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.types import MetricSpec
from leaderboard.answers import LeftOut
from leaderboard.ratings.verdicts import (
    SILENT,
    TIED,
    WON,
    Ballot,
    Bools,
    Floats,
    Ints,
    Outcome,
    Verdicts,
    judge,
)
from leaderboard.ratings.weighting import equal_weights, family_of
from leaderboard.trust import PEOPLE


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
    """(P, M, M), symmetric: pairs of generations that could be compared at all."""
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


def compare(
    outcomes: Sequence[Outcome],
    specs: Iterable[MetricSpec],
    weights: Mapping[str, float] | None = None,
    ballots: Sequence[Ballot] = (),
) -> Comparisons:
    """Compare every pair of models within every prompt, over the seeds that both have.

    Args:
        outcomes: at most one per model, prompt and seed, in any order.
        specs: one per metric name.
        weights: as in `weigh`; families share alike when `None`.
        ballots: people's votes; they are the family `people`.

    Raises `ValueError` when two outcomes share model, prompt and seed.
    """
    verdicts = judge(outcomes, specs, ballots)
    if weights is None:
        weights = equal_weights(verdicts.specs, people=bool(ballots))
    return weigh(verdicts, weights)


def weigh(verdicts: Verdicts, weights: Mapping[str, float]) -> Comparisons:
    """Give every verdict its weight.

    Args:
        verdicts: of the metrics and of people.
        weights: metric -> weight, summing to 1 with that of `people`; what is not named, or has
            weight 0, does not vote. The votes of people on one pair of generations together weigh
            what `people` does, so that votes on few pairs have little say, however many.

    Scores whose fingerprints differ are never compared; `left_out` says how many pairs that cost.
    """
    voting = {
        number: (spec, weights[spec.name])
        for number, spec in enumerate(verdicts.specs)
        if weights.get(spec.name, 0.0) > 0
    }
    totals: dict[str, float] = {}
    for spec, weight in voting.values():
        totals[family_of(spec)] = totals.get(family_of(spec), 0.0) + weight
    said = bool(verdicts.people_wins.any() or verdicts.people_ties.any())
    if said and weights.get(PEOPLE, 0.0) > 0:
        totals[PEOPLE] = weights[PEOPLE]
    families = tuple(sorted(totals))

    shape = (len(families), len(verdicts.prompts), len(verdicts.models), len(verdicts.models))
    wins, ties = np.zeros(shape), np.zeros(shape)
    compared: Bools = (verdicts.failures != SILENT) & bool(families)
    for number, family in enumerate(families):
        total = totals[family]
        if family == PEOPLE:
            wins[number] = total * verdicts.people_wins
            ties[number] = total * verdicts.people_ties
            compared |= verdicts.people_same
        else:
            own = {n: w for n, (spec, w) in voting.items() if family_of(spec) == family}
            won, tied, scored = _family_votes(verdicts, own)
            wins[number], ties[number] = total * won, total * tied
            compared |= scored
        wins[number] += total * _over_seeds(verdicts.failures == WON)
        ties[number] += total * _over_seeds(verdicts.failures == TIED)
    made = _over_seeds(compared).astype(np.int64)
    if PEOPLE in families:
        made += verdicts.people_other
    left_out = tuple(
        LeftOut(
            spec.name,
            f"{verdicts.mixed[number]} comparisons not made: the two scores differ in judge,"
            " preprocessing or metric version (strict fingerprint)",
        )
        for number, (spec, _) in voting.items()
        if verdicts.mixed[number]
    )
    return Comparisons(verdicts.models, verdicts.prompts, families, wins, ties, made, left_out)


def connected(comparisons: Comparisons) -> tuple[tuple[str, ...], ...]:
    """Groups of models that comparisons join, the largest first (ties: by first name).

    Ratings of two models mean something to each other only inside one group.
    """
    groups = joined_groups(comparisons.made.sum(axis=0) > 0)
    named = (tuple(comparisons.models[index] for index in group) for group in groups)
    return tuple(sorted(named, key=lambda group: (-len(group), group)))


def joined_groups(joined: Bools) -> list[list[int]]:
    """Groups of numbers that a symmetric (M, M) relation joins, each in order."""
    left = set(range(len(joined)))
    groups: list[list[int]] = []
    while left:
        frontier = {min(left)}
        group: set[int] = set()
        while frontier:
            group |= frontier
            near = np.flatnonzero(joined[sorted(frontier)].any(axis=0))
            frontier = {int(index) for index in near} - group
        left -= group
        groups.append(sorted(group))
    return groups


def _family_votes(verdicts: Verdicts, weights: Mapping[int, float]) -> tuple[Floats, Floats, Bools]:
    """One family's wins and ties (P, M, M), a comparison counting 1, and where it made any."""
    shape = verdicts.failures.shape
    won, tied, scored = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for number, weight in weights.items():
        calls = verdicts.calls[number]
        won += weight * (calls == WON)
        tied += weight * (calls == TIED)
        scored += weight * (calls != SILENT)
    there = scored > 0
    share = np.where(there, scored, 1.0)
    return _over_seeds(won / share), _over_seeds(tied / share), there


def _over_seeds(pairs: Floats | Bools) -> Floats:
    """(M, M, P, S) -> (P, M, M), summed over seeds."""
    return pairs.sum(axis=3, dtype=np.float64).transpose(2, 0, 1)
