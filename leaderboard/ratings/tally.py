"""Verdicts counted so that many weightings can be rated at once (pure).

Within a family a metric without a score hands its share to the others, so what a weighting makes
of a comparison depends on which metrics scored it. Comparisons are therefore counted by that
pattern: their sum under any weighting is exactly what `comparisons.weigh` would give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from leaderboard.ratings.bradley_terry import Strengths, solve
from leaderboard.ratings.comparisons import joined_groups
from leaderboard.ratings.rate import RIDGE
from leaderboard.ratings.verdicts import SILENT, TIED, WON, Bools, Floats, Verdicts
from leaderboard.ratings.weighting import family_of
from leaderboard.trust import PEOPLE


@dataclass(frozen=True)
class Tally:
    """Counts of K voters (metrics, and people where they vote), in Q patterns of who spoke."""

    models: tuple[str, ...]
    names: tuple[str, ...]
    """The K voters that said anything, sorted."""
    families: tuple[str, ...]
    """(K,)"""
    own: Floats
    """(K,): the board's weights of them, summing to 1."""
    spoke: Bools
    """(Q, K): who said something of the comparisons of a pattern."""
    wins: Floats
    """(Q, K, M, M)."""
    ties: Floats
    """(Q, K, M, M), symmetric."""
    failures: tuple[Floats, Floats]
    """Wins and ties (M, M) by failure, which no weighting changes."""

    def counts(self, weights: Floats) -> tuple[Floats, Floats]:
        """Wins and ties (B, M, M) under weightings (B, K) that sum to 1."""
        share = np.zeros((len(weights), *self.spoke.shape))
        for family in set(self.families):
            own = np.array([each == family for each in self.families])
            total = weights[:, own].sum(axis=1)[:, None, None]
            speaking = weights[:, None, :] * (self.spoke & own)
            heard = speaking.sum(axis=2, keepdims=True)
            share += total * speaking / np.where(heard > 0, heard, 1.0)
        flat, m = share.reshape(len(weights), -1), len(self.models)
        wins, ties = (
            (flat @ kind.reshape(flat.shape[1], m * m)).reshape(-1, m, m) + failed
            for kind, failed in zip((self.wins, self.ties), self.failures, strict=True)
        )
        return wins, ties

    def joins(self, weights: Floats) -> bool:
        """Whether one weighting (K,) compares all models with each other, by whatever chain."""
        wins, ties = self.counts(weights[None])
        met = wins[0] + wins[0].T + ties[0] > 0
        return len(joined_groups(met)) == 1

    def strengths(self, weights: Floats) -> Floats:
        """(B, M) strengths, natural-log scale, under weightings (B, K).

        Raises `RatingError` where a weighting compares nothing.
        """
        first = solve(*self.counts(self.own[None]), RIDGE)
        start = Strengths(
            np.repeat(first.theta, len(weights), axis=0), np.repeat(first.eta, len(weights))
        )
        return solve(*self.counts(weights), RIDGE, start).theta


def tally(verdicts: Verdicts, weights: Mapping[str, float]) -> Tally:
    """Count the verdicts of what has a weight.

    Args:
        verdicts: of the models that are ranked together.
        weights: metric -> weight, `people` among them where they vote.

    The weight of a voter that says nothing of these models goes to the others of its family, and
    where there is none to the other families.
    """
    m = len(verdicts.models)
    metrics = [
        number
        for number, spec in enumerate(verdicts.specs)
        if weights.get(spec.name, 0.0) > 0 and (verdicts.calls[number] != SILENT).any()
    ]
    names = [verdicts.specs[number].name for number in metrics]
    families = [family_of(verdicts.specs[number]) for number in metrics]
    blocks = _patterns(verdicts, metrics)
    said = verdicts.people_wins.any() or verdicts.people_ties.any()
    people = bool(said) and weights.get(PEOPLE, 0.0) > 0
    if people:
        names.append(PEOPLE)
        families.append(PEOPLE)
    spoke = np.zeros((len(blocks) + people, len(names)), dtype=np.bool_)
    wins, ties = (np.zeros((len(spoke), len(names), m, m)) for _ in range(2))
    for row, (heard, won, tied) in enumerate(blocks):
        spoke[row, : len(metrics)] = heard
        wins[row, : len(metrics)], ties[row, : len(metrics)] = won, tied
    if people:
        spoke[-1, -1] = True
        wins[-1, -1] = verdicts.people_wins.sum(axis=0)
        ties[-1, -1] = verdicts.people_ties.sum(axis=0)
    failed = verdicts.failures
    return Tally(
        verdicts.models,
        tuple(names),
        tuple(families),
        _own(verdicts, weights, names, families),
        spoke,
        wins,
        ties,
        (_count(failed == WON), _count(failed == TIED)),
    )


def _patterns(verdicts: Verdicts, metrics: list[int]) -> list[tuple[Bools, Floats, Floats]]:
    """Who spoke (K,), wins and ties (K, M, M) of the comparisons of every pattern there is."""
    calls = verdicts.calls[metrics]
    bits = np.zeros(verdicts.failures.shape, dtype=np.int64)
    for number in range(len(metrics)):
        bits |= (calls[number] != SILENT).astype(np.int64) << number
    found: list[tuple[Bools, Floats, Floats]] = []
    for pattern in np.unique(bits[bits > 0]):
        here = bits == pattern
        heard = (int(pattern) >> np.arange(len(metrics))) & 1 == 1
        found.append((heard, _count((calls == WON) & here), _count((calls == TIED) & here)))
    return found


def _own(
    verdicts: Verdicts, weights: Mapping[str, float], names: list[str], families: list[str]
) -> Floats:
    """(K,): the board's weights, with those of silent metrics handed over, summing to 1."""
    totals: dict[str, float] = {PEOPLE: weights.get(PEOPLE, 0.0)}
    for spec in verdicts.specs:
        family = family_of(spec)
        totals[family] = totals.get(family, 0.0) + weights.get(spec.name, 0.0)
    given = np.array([weights[name] for name in names])
    for family in set(families):
        own = np.array([each == family for each in families])
        given[own] *= totals[family] / given[own].sum()
    return given / given.sum()


def _count(pairs: Bools) -> Floats:
    """(..., M, M, P, S) -> (..., M, M)."""
    return pairs.sum(axis=(-2, -1), dtype=np.float64)
