"""People's votes -> strengths with their full covariance, clustered by prompt and voter (pure).

The point is the Davidson fit of `bradley_terry` on the counts of each pair: a tie is an outcome of
its own, not half a win. Votes on one prompt share the prompt, and votes of one person share the
person, so they are not so many witnesses as they are votes. The covariance is the sandwich
H⁻¹ B H⁻¹, with H the curvature of the log-likelihood and B the outer products of the votes' scores
summed within clusters first. With two kinds of cluster

    V = V(prompt) + V(voter) - V(prompt and voter)

(Cameron, Gelbach, Miller 2011, "Robust inference with multiway clustering", Journal of Business &
Economic Statistics 29). Two corrections are made and said in the result:

- **few clusters**: V is multiplied by G / (G - 1), where G is the smaller of the numbers of
  clusters, and intervals take Student's t with G - 1 degrees of freedom;
- **negative variances**, which the subtraction can leave in some direction, are set to 0 by
  eigenvalue, as the authors do.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from leaderboard.errors import RatingError
from leaderboard.ratings.bradley_terry import Floats, Strengths, chances, curvature, solve
from leaderboard.ratings.rank_sets import CONFIDENCE
from leaderboard.ratings.rate import CENTRE, SCALE

Ints = NDArray[np.integer]
Cluster = Literal["prompt", "voter"]
CLUSTERS: tuple[Cluster, ...] = ("prompt", "voter")

_OUTCOMES = 3
_CELLS = 250_000
"""Numbers held at a time while clusters are summed: 2 MB, whatever the number of clusters."""
_REPAIRED = 1e-10
"""A negative eigenvalue below this share of the largest one is rounding, not worth saying."""


@dataclass(frozen=True)
class Votes:
    """N votes as columns. A vote whose voter or prompt is unknown gets a code of its own."""

    models: tuple[str, ...]
    left: Ints
    """(N,), index into `models`."""
    right: Ints
    """(N,), index into `models`, another one than `left`."""
    outcome: Ints
    """(N,): 1 = the left one won, 0 = a tie, -1 = the right one won."""
    prompt: Ints | None = None
    """(N,), any codes from 0 up."""
    voter: Ints | None = None
    """(N,), any codes from 0 up."""
    weight: Floats | None = None
    """(N,), above 0; 1 each when `None`."""


@dataclass(frozen=True)
class VoteRatings:
    """The strengths of M models and how well they are known, with the settings that made them."""

    models: tuple[str, ...]
    theta: Floats
    """(M,), natural-log scale, mean 0."""
    eta: float
    """Logarithm of the tie parameter; -inf where nothing tied."""
    covariance: Floats
    """(M, M) of `theta`; rows sum to 0, as only differences are seen."""
    votes: int
    clusters: dict[Cluster, int]
    """What the votes were clustered by -> how many clusters; empty: each vote by itself."""
    freedom: int
    """Degrees of freedom of the intervals: one less than the fewest clusters (or votes)."""
    repaired: bool
    """True when negative variances were set to 0."""
    ridge: float

    @property
    def rating(self) -> Floats:
        """(M,), rating points; their mean is 1000."""
        return CENTRE + SCALE * self.theta

    @property
    def rating_covariance(self) -> Floats:
        """(M, M) of `rating`, for `rank_sets.joint_draws`."""
        return SCALE**2 * self.covariance

    def intervals(self, confidence: float = CONFIDENCE) -> Floats:
        """(M, 2): interval of each rating by itself, around the mean of the models."""
        reach = float(stdtrit(self.freedom, (1 + confidence) / 2))
        half = reach * np.sqrt(np.maximum(np.diagonal(self.rating_covariance), 0.0))
        return np.stack([self.rating - half, self.rating + half], axis=1)


def count_votes(votes: Votes) -> tuple[Floats, Floats]:
    """(M, M) weighted wins of the first model over the second, and (M, M) ties, symmetric.

    All that the point needs: `bradley_terry.solve` takes them. Raises `RatingError` for columns
    that do not fit each other.
    """
    _check(votes)
    return _counts(_cells(votes), votes.weight, len(votes.models))


def rate_votes(
    votes: Votes, cluster: Collection[Cluster] = CLUSTERS, ridge: float = 0.0
) -> VoteRatings:
    """Rate the models of `votes`.

    Args:
        votes: at least one, of models that votes join all together.
        cluster: what votes share; a kind whose codes are not given is left out. Without any, each
            vote counts by itself (the plain robust sandwich).
        ridge: see `bradley_terry.solve`. 0 is plain maximum likelihood; one above 0 keeps a model
            that won or lost everything at a finite place, where its variance means little.

    Raises `RatingError` for columns that do not fit each other, for fewer than two clusters and
    where no maximum exists.
    """
    _check(votes)
    cell = _cells(votes)
    wins, ties = _counts(cell, votes.weight, len(votes.models))
    fit = solve(wins[None], ties[None], ridge)
    scores = _scores(votes, cell, fit)
    codes = _codes(votes, cluster)
    meat, sizes = _meat(scores, list(codes.values()))
    fewest = min(sizes)
    if fewest < 2:
        raise RatingError("no intervals: all votes are of one cluster; two are the least")
    bread = curvature(wins[None], ties[None], ridge, fit)[0]
    slack = np.asarray(np.linalg.inv(bread), dtype=np.float64)
    covariance, repaired = _without_negative(slack @ meat @ slack * (fewest / (fewest - 1)))
    m = len(votes.models)
    return VoteRatings(
        models=votes.models,
        theta=fit.theta[0],
        eta=float(fit.eta[0]),
        covariance=covariance[:m, :m],
        votes=len(votes.left),
        clusters=dict(zip(codes, sizes, strict=False)),
        freedom=fewest - 1,
        repaired=repaired,
        ridge=ridge,
    )


def vote_draws(
    votes: Votes, draws: int, seed: int, cluster: Collection[Cluster] = CLUSTERS, ridge: float = 0.0
) -> Floats:
    """(D, M) strengths of resampled worlds: a check on the sandwich that assumes no normality.

    Every cluster gets an exponential weight per draw (Bayesian bootstrap); with two kinds of
    cluster a vote's weight is the product of its two (Owen 2007, "The pigeonhole bootstrap",
    Annals of Applied Statistics 1), which is a little wide rather than narrow. Without a kind of
    cluster each vote has its own weight. Arguments and errors as in `rate_votes`.
    """
    _check(votes)
    cell, m = _cells(votes), len(votes.models)
    codes = [np.unique(kind, return_inverse=True)[1] for kind in _codes(votes, cluster).values()]
    codes = codes or [np.arange(len(cell))]
    wins, ties = np.empty((draws, m, m)), np.empty((draws, m, m))
    for number in range(draws):
        random = np.random.default_rng((seed, number))
        weight = np.ones(len(cell)) if votes.weight is None else votes.weight
        for column in codes:
            weight = weight * random.exponential(size=int(column.max()) + 1)[column]
        wins[number], ties[number] = _counts(cell, weight, m)
    centre = _counts(cell, votes.weight, m)
    first = solve(centre[0][None], centre[1][None], ridge)
    start = Strengths(np.repeat(first.theta, draws, axis=0), np.repeat(first.eta, draws))
    return solve(wins, ties, ridge, start).theta


@dataclass(frozen=True)
class _Scores:
    """The derivatives of each vote's log-likelihood, weighted."""

    models: int
    left: Ints
    right: Ints
    pull: Floats
    """(N,), by the left model's theta; by the right one's it is the same with its sign turned."""
    lift: Floats
    """(N,), by eta."""


def _check(votes: Votes) -> None:
    count, m = len(votes.left), len(votes.models)
    columns = {
        "right": votes.right,
        "outcome": votes.outcome,
        "prompt": votes.prompt,
        "voter": votes.voter,
        "weight": votes.weight,
    }
    for name, column in columns.items():
        if column is not None and column.shape != (count,):
            raise RatingError(f"votes: {name} has shape {column.shape} beside {count} of left")
    if count == 0:
        raise RatingError("nothing to rate: there is no vote")
    if votes.weight is not None and not (votes.weight > 0).all():
        raise RatingError("votes: a weight is not above 0; leave such votes out")
    for name, column in {"left": votes.left, "right": votes.right}.items():
        if column.min() < 0 or column.max() >= m:
            raise RatingError(f"votes: {name} holds a code that is none of the {m} models")
    same = np.flatnonzero(votes.left == votes.right)
    if len(same):
        raise RatingError(f"votes: number {same[0]} compares a model with itself")
    if votes.outcome.min() < -1 or votes.outcome.max() > 1:
        raise RatingError("votes: an outcome is none of 1 (left), 0 (tie) and -1 (right)")
    for name, column in {"prompt": votes.prompt, "voter": votes.voter}.items():
        if column is not None and (column.min() < 0 or column.max() >= 2**31):
            raise RatingError(f"votes: {name} holds a code outside 0 .. 2³¹ - 1; number them anew")


def _codes(votes: Votes, cluster: Collection[Cluster]) -> dict[Cluster, Ints]:
    """The columns to cluster by: those asked for whose codes are there."""
    known: dict[Cluster, Ints | None] = {"prompt": votes.prompt, "voter": votes.voter}
    return {kind: codes for kind, codes in known.items() if kind in cluster and codes is not None}


def _cells(votes: Votes) -> NDArray[np.int64]:
    """(N,): one number for each pair of models and outcome."""
    pair = votes.left.astype(np.int64) * len(votes.models) + votes.right
    return pair * _OUTCOMES + (votes.outcome.astype(np.int64) + 1)


def _counts(cell: NDArray[np.int64], weight: Floats | None, m: int) -> tuple[Floats, Floats]:
    """(M, M) wins of the first over the second, and (M, M) ties, symmetric."""
    count = np.bincount(cell, weight, minlength=m * m * _OUTCOMES).reshape(m, m, _OUTCOMES)
    wins = (count[:, :, 2] + count[:, :, 0].T).astype(np.float64)
    return wins, (count[:, :, 1] + count[:, :, 1].T).astype(np.float64)


def _scores(votes: Votes, cell: NDArray[np.int64], fit: Strengths) -> _Scores:
    theta = fit.theta[0]
    win, loss, tie = chances(theta[:, None] - theta, np.exp(fit.eta)[0])
    taken = np.array([-1.0, 0.0, 1.0])
    pull = (taken - (win - loss)[:, :, None]) / 2
    lift = np.array([0.0, 1.0, 0.0]) - tie[:, :, None]
    weight = 1.0 if votes.weight is None else votes.weight
    return _Scores(
        len(votes.models),
        votes.left,
        votes.right,
        weight * pull.ravel()[cell],
        weight * lift.ravel()[cell],
    )


def _meat(scores: _Scores, codes: list[Ints]) -> tuple[Floats, list[int]]:
    """B, and the number of clusters of each kind (of votes when there is no kind)."""
    if not codes:
        meat, count = _outer(scores, np.arange(len(scores.left)))
        return meat, [count]
    parts = [_outer(scores, column) for column in codes]
    meat = sum((part for part, _ in parts), np.zeros_like(parts[0][0]))
    if len(codes) == 2:
        first, second = (column.astype(np.int64) for column in codes)
        meat -= _outer(scores, first * (int(second.max()) + 1) + second)[0]
    return meat, [count for _, count in parts]


def _outer(scores: _Scores, cluster: Ints) -> tuple[Floats, int]:
    """Sum over clusters of s sᵀ, s (M+1,) being the sum of a cluster's scores; how many there are.

    Votes are sorted by cluster, and a block of clusters at a time is laid out as a table
    (clusters x M+1) whose product with itself is added: the memory does not grow with clusters.
    """
    width = scores.models + 1
    order = np.argsort(cluster)
    ranked = cluster[order]
    number = np.concatenate([[0], np.cumsum(ranked[1:] != ranked[:-1])])
    left, right = scores.left[order], scores.right[order]
    pull, lift = scores.pull[order], scores.lift[order]
    count = int(number[-1]) + 1
    block = max(1, _CELLS // width)
    total = np.zeros((width, width))
    for begin in range(0, count, block):
        end = min(begin + block, count)
        here = slice(*np.searchsorted(number, [begin, end]))
        row = (number[here] - begin) * width
        place = np.concatenate([row + left[here], row + right[here], row + scores.models])
        value = np.concatenate([pull[here], -pull[here], lift[here]])
        table = np.bincount(place, value, minlength=(end - begin) * width).reshape(-1, width)
        total += table.T @ table
    return total, count


def _without_negative(matrix: Floats) -> tuple[Floats, bool]:
    """The nearest positive semidefinite matrix, and whether that is another one."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    repaired = bool(values[0] < -_REPAIRED * values[-1])
    return (vectors * np.maximum(values, 0.0)) @ vectors.T, repaired
