"""The metrics' weights as people's votes say (pure).

A logistic regression of votes on what the metrics say of the two generations, without a constant
(sides are shuffled), a tie being half of each outcome. Weights are not negative and are pulled
towards those with which families share alike: few votes fall back on what would hold without them.
The strength of the pull, and whether the regression sees verdicts or scaled differences of scores,
are chosen by how well the weights *as ratings use them*, on verdicts, foretell votes on prompts
that were left out. The choice itself is held to account: votes of each fold are foretold as the
other folds would have chosen, and only a gain over equal shares of more than one standard error of
it over prompts is taken. Without that, a fit "beats" equal shares on coin tosses in two cases of
five.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy.special import expit

from evals.types import MetricSpec
from leaderboard.errors import RatingError
from leaderboard.evidence import PersonVote
from leaderboard.ratings.judged_votes import JudgedVotes, judged_votes
from leaderboard.ratings.rank_sets import stream
from leaderboard.ratings.verdicts import SILENT, Floats, Ints, Outcome
from leaderboard.ratings.weighting import LEAST_VOTES, equal_weights
from leaderboard.trust import Feature, Fit, Held

FOLDS = 5
RIDGES = (0.001, 0.01, 0.1, 1.0, 10.0)
"""In units of the mean log-likelihood of a vote."""
FEATURES: tuple[Feature, ...] = ("verdicts", "differences")
_FLAT = 1e-4
"""Ridge on all directions: keeps votes that a metric foretells perfectly from infinite weights."""
_STEPS = 60
_TOLERANCE = 1e-7
_ROUNDING = 1e-14
_HELD = 1e-10
"""A coefficient this near to 0 that wants to fall is held there."""
_OUTLIER = 3.0
"""Scaled differences are cut off here: one odd score must not outweigh a hundred votes."""


def fit(
    votes: Sequence[PersonVote],
    outcomes: Iterable[Outcome],
    specs: Iterable[MetricSpec],
    seed: int = 0,
) -> tuple[Fit | None, str | None]:
    """Weights of the metrics, as people's votes say.

    Args:
        votes: in any order.
        outcomes: the generations that were voted on, with their scores.
        specs: the metrics that may get a weight.
        seed: of the folds.

    Returns the fit, or `None` and why. A metric without a score for a pair says nothing of it.
    Raises `RatingError` when the fit does not converge.
    """
    able = tuple(specs)
    equal = equal_weights(able)
    voting = sorted((spec for spec in able if spec.name in equal), key=lambda spec: spec.name)
    if len(votes) < LEAST_VOTES:
        return None, f"{len(votes)} votes; weights are fitted to {LEAST_VOTES} and more"
    if len(voting) < 2:
        return None, "fewer than two metrics may vote: there is nothing to weigh"
    seen = judged_votes(votes, outcomes, voting)
    folds = min(FOLDS, len(seen.prompts))
    if folds < 2 or not seen.decisive.any() or (seen.calls == SILENT).all():
        return None, "the votes are on one prompt, name no winner, or no metric scored their pairs"
    alike = np.array([equal[spec.name] for spec in voting])
    fold = _folds(seen, folds, seed)
    pulls: list[tuple[Feature, float | None]] = [
        ("verdicts", None),
        *((feature, ridge) for feature in FEATURES for ridge in RIDGES),
    ]
    tried = [_foretold(seen, alike, fold, feature, ridge) for feature, ridge in pulls]
    losses, scores = (np.stack(each) for each in zip(*tried, strict=True))
    plain = held = _held(seen, losses[0], scores[0])
    feature, ridge = pulls[int(losses.sum(axis=1).argmin())]
    chosen = _chosen_without(losses, fold), np.arange(len(fold))
    if ridge is not None and _clearly_gains(losses[0] - losses[chosen], seen.prompt):
        held = _held(seen, losses[chosen], scores[chosen])
    else:
        feature, ridge = pulls[0]
    weights = _weights(_features(seen, feature), seen.target, alike, ridge)
    named = {spec.name: float(each) for spec, each in zip(voting, weights, strict=True)}
    return Fit(named, feature, ridge, held, plain, folds), None


def _foretold(
    seen: JudgedVotes, alike: Floats, fold: Ints, feature: Feature, ridge: float | None
) -> tuple[Floats, Floats]:
    """Fit to all folds but one and foretell that one from the weighted verdicts, in turn.

    Returns (N,) log loss of each vote, and (N,) its weighted verdict: above 0 for the left.
    """
    inputs, signs = _features(seen, feature), _features(seen, "verdicts")
    losses, scores = np.zeros(len(fold)), np.zeros(len(fold))
    for number in np.unique(fold):
        train, test = fold != number, fold == number
        weights = _weights(inputs[train], seen.target[train], alike, ridge)
        slope = _slope(signs[train] @ weights, seen.target[train])
        scores[test] = signs[test] @ weights
        losses[test] = _loss(slope * scores[test], seen.target[test])
    return losses, scores


def _chosen_without(losses: Floats, fold: Ints) -> Ints:
    """(N,): for each vote, which row of `losses` (C, N) is the least over the other folds' votes.

    The least of many losses flatters (Tibshirani, Tibshirani 2009, "A bias correction for the
    minimum error rate in cross-validation", Annals of Applied Statistics 3), so a fold has no say
    in its own. What is left: the fits behind the other folds' losses saw this one.
    """
    chosen = np.zeros(len(fold), dtype=np.int64)
    for number in np.unique(fold):
        chosen[fold == number] = losses[:, fold != number].sum(axis=1).argmin()
    return chosen


def _clearly_gains(gain: Floats, prompt: Ints) -> bool:
    """Whether the mean of `gain` (N,) exceeds one standard error of it over prompts."""
    mean, sizes = float(gain.mean()), np.bincount(prompt)
    apart = np.bincount(prompt, gain) - mean * sizes
    count = len(sizes)
    error = np.sqrt(count / (count - 1) * float(apart @ apart)) / len(gain)
    return mean > error


def _held(seen: JudgedVotes, losses: Floats, scores: Floats) -> Held:
    """What losses and weighted verdicts (N,) of held-out votes come to."""
    agrees = np.where(scores == 0, 0.5, (scores > 0) == (seen.target == 1.0))
    return Held(float(losses.mean()), float(agrees[seen.decisive].mean()))


def _features(seen: JudgedVotes, feature: Feature) -> Floats:
    """(N, K): what the regression sees; 0 where a metric says nothing."""
    silent = seen.calls == SILENT
    if feature == "verdicts":
        return np.where(silent, 0.0, seen.calls.astype(np.float64))
    spread = np.sqrt((seen.leads**2).sum(axis=0) / np.maximum((~silent).sum(axis=0), 1))
    return np.clip(seen.leads / np.where(spread > 0, spread, 1.0), -_OUTLIER, _OUTLIER)


def _folds(seen: JudgedVotes, folds: int, seed: int) -> Ints:
    """(N,): the fold of each vote; a prompt's votes are all in one."""
    order = sorted(
        range(len(seen.prompts)), key=lambda number: stream(seed, "fold", seen.prompts[number])
    )
    of_prompt = np.empty(len(order), dtype=np.int64)
    of_prompt[order] = np.arange(len(order)) % folds
    return of_prompt[seen.prompt]


def _weights(features: Floats, target: Floats, alike: Floats, ridge: float | None) -> Floats:
    """(K,) weights that sum to 1: the penalised maximum with no coefficient below 0."""
    if ridge is None:
        return alike
    across = np.eye(len(alike)) - np.outer(alike, alike) / (alike @ alike)
    beta = _minimum(features, target, ridge * across + _FLAT * np.eye(len(alike)), alike)
    total = float(beta.sum())
    # Where every metric speaks against the votes, none deserves more than another.
    return beta / total if total > 0 else alike


def _slope(score: Floats, target: Floats) -> float:
    """How decisive one unit of a score is: logistic regression with one coefficient, at least 0."""
    return float(_minimum(score[:, None], target, _FLAT * np.eye(1), np.ones(1))[0])


def _minimum(features: Floats, target: Floats, penalty: Floats, start: Floats) -> Floats:
    """(K,) coefficients, none below 0, of least mean log loss + half the penalty's form.

    Newton's steps on the coefficients that are not held at 0, cut off there (Bertsekas 1982,
    "Projected Newton methods", SIAM Journal on Control and Optimization 20). It is convex.
    """

    def value(beta: Floats) -> float:
        return float(_loss(features @ beta, target).mean() + beta @ penalty @ beta / 2)

    beta = start
    for _ in range(_STEPS):
        chance = np.asarray(expit(features @ beta), dtype=np.float64)
        gradient = features.T @ (chance - target) / len(target) + penalty @ beta
        free = np.flatnonzero((beta > _HELD) | (gradient < 0))
        if not len(free) or np.abs(gradient[free]).max() < _TOLERANCE:
            return beta
        inputs = features[:, free]
        bend: Floats = (inputs.T * (chance * (1 - chance))) @ inputs / len(target)
        step = np.linalg.solve(bend + penalty[np.ix_(free, free)], gradient[free])
        beta = _advance(beta, free, step.astype(np.float64), value)
    raise RatingError(f"weights could not be fitted to {len(target)} votes in {_STEPS} steps")


def _advance(beta: Floats, free: Ints, step: Floats, value: Callable[[Floats], float]) -> Floats:
    """Take the step, halved until the value does not rise but by rounding."""
    moved = beta
    for halving in range(_STEPS):
        moved = beta.copy()
        moved[free] = np.maximum(beta[free] - step / 2**halving, 0.0)
        if value(moved) <= value(beta) + _ROUNDING:
            break
    return moved


def _loss(score: Floats, target: Floats) -> Floats:
    """(N,): log loss in nats of log-odds against targets in 0..1."""
    return np.logaddexp(0.0, score) - target * score
