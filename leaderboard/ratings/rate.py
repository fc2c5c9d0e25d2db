"""Comparisons -> ratings with intervals, rank sets and odds (pure).

The models that can be picked are rated from the comparisons among themselves; anchors are then
placed on that fixed scale, so that a renderer which beats everybody moves nobody. A small stated
ridge (`RIDGE`) keeps whoever won or lost everything at a finite place.

Uncertainty comes from resampling prompts (a Bayesian bootstrap: every prompt gets an exponential
weight per draw) and, where judges of several families voted, from what they disagree about
(`disagreement`), which no number of prompts makes certain. With one family nothing is known of the
latter, and the odds are those of this family's own preference. What is drawn for a prompt is keyed
by the seed and its id alone, and so it is for a model, so adding or reordering models changes
nobody's draws but by what they say of the judges.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from leaderboard.errors import RatingError
from leaderboard.ratings import rank_sets as of_draws
from leaderboard.ratings.bradley_terry import Floats, Strengths, place, solve, win_rate
from leaderboard.ratings.comparisons import Comparisons, connected
from leaderboard.ratings.disagreement import disagreement
from leaderboard.ratings.rank_sets import CONFIDENCE, RankSet, stream
from leaderboard.ratings.verdicts import Bools

SCALE = 400.0 / np.log(10.0)
"""Rating points per unit of natural-log odds: 400 points are odds of 10 to 1, as in chess."""
CENTRE = 1000.0
RIDGE = 0.001
"""Prior precision in units of a model's own comparisons: it shrinks ordinary differences by under
one percent, and leaves a model that beats all others about 900 points above their mean."""
DRAWS = 1000
LEAST_SHRINKAGE = 0.05
"""Where models differ by no more than their errors would make them, odds are nearly even."""
RESAMPLES = 200
"""Resampled worlds that tell how far families scatter by the chance of the prompts."""


@dataclass(frozen=True)
class Ratings:
    """Joint estimate of all models of one board. M models (sorted by id), D draws."""

    models: tuple[str, ...]
    anchor: Bools
    """(M,), True for anchors."""
    reference: str | None
    """The model that is 1000 in the point and in every draw; `None`: the candidates' mean is."""
    point: Floats
    """(M,), rating points."""
    draws: Floats
    """(D, M), rating points; one row is one resampled world, so rows are read as a whole."""
    eta: Floats
    """(D,), logarithm of the tie parameter of each draw."""
    disagreement: float | None = None
    """Standard deviation, in rating points, of one family of judges' bias towards a model; `None`
    where it cannot be told: with one family, or where fewer than two say enough of themselves."""
    guessed: bool = False
    """True where families vote but do not show their bias: the draws hold a guess of it."""

    def index(self, model: str) -> int:
        """Column of a model. Raises `ValueError` for one that is not rated."""
        return self.models.index(model)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that are no anchors, by id."""
        return tuple(
            m for m, is_anchor in zip(self.models, self.anchor, strict=True) if not is_anchor
        )


def rate(
    comparisons: Comparisons,
    anchors: Collection[str] = (),
    reference: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    ridge: float = RIDGE,
) -> Ratings:
    """Rate every model of `comparisons`.

    Args:
        comparisons: of models that are all joined (see `comparisons.connected`).
        anchors: ids that bound the scale. With fewer than two other models there is nothing to
            protect from them, and all are fitted together.
        reference: id of the model that is 1000; the candidates' mean when `None`.
        draws: number of resampled worlds.
        seed: of the resampling.
        ridge: see `RIDGE`.

    Raises `RatingError` when there is nothing to compare, a model has no comparison with the
    others, or the fit does not converge.
    """
    if reference is not None and reference not in comparisons.models:
        raise RatingError(f"the reference model {reference!r} has no comparisons")
    anchor = np.array([model in anchors for model in comparisons.models], dtype=np.bool_)
    fixed = anchor if (~anchor).sum() >= 2 else np.zeros_like(anchor)
    groups = connected(
        comparisons.only(m for m, out in zip(comparisons.models, fixed, strict=True) if not out)
    )
    if len(groups) > 1:
        raise RatingError(
            f"no comparison joins {groups[1][0]!r} to {groups[0][0]!r}: rate them apart"
        )
    by_prompt = resampling_weights("prompt", comparisons.prompts, draws, seed)
    wins, ties = _weighted(comparisons, by_prompt)
    start = _fit(wins[:1], ties[:1], fixed, ridge, None)
    fits = _fit(wins[1:], ties[1:], fixed, ridge, start)
    between = disagreement(
        comparisons.only(m for m, out in zip(comparisons.models, fixed, strict=True) if not out),
        by_prompt[:RESAMPLES],
        ridge,
        draws,
        seed,
    )
    theta = fits.theta
    if between is not None:
        theta = theta + between.left[:, None] * _normal("bias", comparisons.models, draws, seed)
    origin = ~fixed if reference is None else np.array([m == reference for m in comparisons.models])

    def points(theta: Floats) -> Floats:
        return CENTRE + SCALE * (theta - theta[:, origin].mean(axis=1, keepdims=True))

    return Ratings(
        comparisons.models,
        anchor,
        reference,
        points(start.theta)[0],
        points(theta),
        fits.eta,
        None if between is None or between.bias is None else SCALE * between.bias,
        between is not None and between.bias is None,
    )


def intervals(ratings: Ratings, confidence: float = CONFIDENCE) -> Floats:
    """(M, 2): percentile interval of each rating. That of the reference model has no width."""
    tail = (1 - confidence) / 2
    return np.quantile(ratings.draws, [tail, 1 - tail], axis=0).T


def rank_sets(ratings: Ratings, confidence: float = CONFIDENCE) -> dict[str, RankSet]:
    """Ranks of the candidates that hold all at once with the given confidence.

    See `rank_sets.rank_sets`, which is asked with the candidates' point and draws.
    """
    names = ratings.candidates
    columns = [ratings.index(name) for name in names]
    sets = of_draws.rank_sets(
        ratings.point[columns], ratings.draws[:, columns], confidence=confidence
    )
    return dict(zip(names, sets, strict=True))


def p_top(ratings: Ratings, k: int, among: Collection[str] | None = None) -> dict[str, float]:
    """P(a model is in the top k) among the candidates, or among some of them.

    Models that are exactly level in a draw share what is left of its k places. The values sum to
    min(k, number of models). `k=1` is P(best).

    The first of many is in part the luckiest: odds are those of draws widened by what the
    candidates' spread says of that (`widening`).
    """
    every = [ratings.index(name) for name in ratings.candidates]
    names = [m for m in ratings.candidates if among is None or m in among]
    columns = [ratings.index(name) for name in names]
    point = ratings.point[columns]
    wide = widening(ratings.point[every], ratings.draws[:, every])
    odds = of_draws.top_odds(point + (ratings.draws[:, columns] - point) * wide, k)
    return dict(zip(names, map(float, odds), strict=True))


def win_rates(ratings: Ratings, model: str, against: str) -> Floats:
    """(D,): expected share of comparisons that `model` takes from `against`, a tie being half.

    From joint draws: the opponent's own uncertainty is in it. Against itself it is 0.5.
    """
    lead = ratings.draws[:, ratings.index(model)] - ratings.draws[:, ratings.index(against)]
    return win_rate(lead / SCALE, ratings.eta)


def resampling_weights(kind: str, ids: Collection[str], draws: int, seed: int) -> Floats:
    """(D, len(ids)) exponential weights, each column a function of seed, kind and id alone."""
    columns = [
        np.random.default_rng(stream(seed, kind, name)).exponential(size=draws) for name in ids
    ]
    return np.stack(columns, axis=1)


def widening(point: Floats, draws: Floats) -> float:
    """How much wider than the errors odds are, as the best is chosen among M models; at least 1.

    Were strengths normal around a common mean, each estimate would be drawn towards that mean by a
    factor s and its variance by s too (James, Stein 1961, in Lindley's form, which leaves three
    models and fewer alone). For the order that is the same as draws 1/sqrt(s) as wide.
    """
    if len(point) <= 3:
        return 1.0
    seen = float(((point - point.mean()) ** 2).sum())
    errors = draws - point
    errors = errors - errors.mean(axis=1, keepdims=True)
    # Of the draws the median: a few of them are wild where judges are few.
    noise = float(np.median((errors**2).mean(axis=1)))
    if seen <= 0:
        return 1.0
    return 1 / np.sqrt(max(1 - (len(point) - 3) * noise / seen, LEAST_SHRINKAGE))


def _normal(kind: str, ids: Collection[str], draws: int, seed: int) -> Floats:
    """(D, len(ids)) standard normal, each column a function of seed, kind and id alone."""
    columns = [np.random.default_rng(stream(seed, kind, name)).normal(size=draws) for name in ids]
    return np.stack(columns, axis=1)


def _weighted(comparisons: Comparisons, by_prompt: Floats) -> tuple[Floats, Floats]:
    """(1 + D, M, M) wins and ties of all families: as observed, then once per draw."""
    weights = np.concatenate([np.ones((1, by_prompt.shape[1])), by_prompt])
    m = len(comparisons.models)
    wins = weights @ comparisons.wins.sum(axis=0).reshape(-1, m * m)
    ties = weights @ comparisons.ties.sum(axis=0).reshape(-1, m * m)
    return wins.reshape(-1, m, m), ties.reshape(-1, m, m)


def _fit(
    wins: Floats, ties: Floats, fixed: Bools, ridge: float, start: Strengths | None
) -> Strengths:
    """Fit the free models, then place each of the `fixed` ones on their scale."""
    free = np.flatnonzero(~fixed)
    among = np.ix_(np.arange(len(wins)), free, free)
    begin = None
    if start is not None:
        begin = Strengths(
            np.repeat(start.theta[:, free], len(wins), axis=0), np.repeat(start.eta, len(wins))
        )
    field = solve(wins[among], ties[among], ridge, begin)
    theta = np.zeros(wins.shape[:2])
    theta[:, free] = field.theta
    for column in np.flatnonzero(fixed):
        theta[:, column] = place(
            wins[:, column, free], wins[:, free, column], ties[:, column, free], field, ridge
        )
    return Strengths(theta, field.eta)
