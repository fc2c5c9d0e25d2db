"""How far families of judges disagree about a model, beyond the chance of the prompts (pure).

Every family f sees a model's strength with a bias of its own, θ_f = a_f θ + b_f, which no number of
prompts averages away: a rating from many prompts is precisely what these judges prefer. The biases
are taken as random, independent between models and families, with one deviation τ. What is seen of
them is the scatter of the families' own fits around their weighted mean, after each family's scale
a_f is taken out (a judge that is merely less decisive does not disagree); what the resampling of
prompts explains of that scatter is subtracted (DerSimonian, Laird 1986, "Meta-analysis in clinical
trials", Controlled Clinical Trials 7). Families part most over the worst models, and that says
nothing of the best: with five models or more the scatter is a median's and not a mean's. Few
families and few models tell τ badly, so it is drawn: the scatter, with a guess worth two degrees of
freedom, is divided by a chi-squared variable. Where families vote but fewer than two say enough of
themselves, the guess is all there is.

The Bayesian bootstrap over families would not do: with two of them it never leaves the line between
the two, and its variance is a third of what two witnesses leave open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderboard.ratings.bradley_terry import Strengths, solve
from leaderboard.ratings.comparisons import Comparisons, joined_groups
from leaderboard.ratings.rank_sets import stream
from leaderboard.ratings.verdicts import Bools, Floats

LEAST_FOR_SCALE = 4
"""With fewer models a family's scale cannot be told from its biases, and is taken as 1."""
LEAST_FOR_MEDIAN = 5
"""With fewer models a median of their biases says less than their mean square."""
DEVIATION = 1.4826
"""Standard deviation of normal numbers, in units of their median distance from their median."""
EFFICIENCY = 0.6
"""What share of the numbers a median's scatter is worth. On normal ones it is 0.37; biases are not,
and this was chosen by how often odds of 0.9 came true, simulated and on the calibration world."""
LEAST_SHARE = 0.05
GUESS = 0.15
"""τ before anything is seen, natural-log scale: 26 rating points."""
GUESS_FREEDOM = 2
"""Degrees of freedom that the guess is worth. Without it two models and two families would leave
one degree, and intervals of thousands of points."""


@dataclass(frozen=True)
class Disagreement:
    """The bias that families of judges leave in the ratings, natural-log scale."""

    bias: float | None
    """Standard deviation of one family's bias towards a model, as it shows between the families;
    `None` where it does not show: then `left` is drawn from the guess alone."""
    left: Floats
    """(D,): standard deviation of what is left of the biases in the pooled strengths, per draw."""


def disagreement(
    comparisons: Comparisons, prompts: Floats, ridge: float, draws: int, seed: int
) -> Disagreement | None:
    """Estimate how far the families' biases move the pooled strengths.

    Args:
        comparisons: of the models that are rated together.
        prompts: (R, P) weights of prompts, one row per resampled world.
        ridge: as in `bradley_terry.solve`.
        draws: how many deviations to draw, D.
        seed: of the draws.

    Families with less than a twentieth of the votes, or that do not join all the models, say too
    little of themselves and are not asked. With fewer than two to ask the guess stands alone.
    `None` with fewer than two families that vote, or two models. Raises `RatingError` with a ridge
    of 0 when one family alone has no maximum.
    """
    mass = comparisons.wins.sum(axis=(1, 2, 3)) + comparisons.ties.sum(axis=(1, 2, 3)) / 2
    asked = [
        number
        for number in range(len(mass))
        if mass[number] >= LEAST_SHARE * mass.sum()
        and len(joined_groups(_met(comparisons, number))) == 1
    ]
    models = len(comparisons.models)
    if int((mass > 0).sum()) < 2 or models < 2:
        return None
    random = np.random.default_rng(stream(seed, "family", "disagreement"))
    if len(asked) < 2:
        share = mass / mass.sum()
        drawn = GUESS**2 * GUESS_FREEDOM / random.chisquare(GUESS_FREEDOM, size=draws)
        return Disagreement(None, np.sqrt(drawn * float(share @ share)))
    share = mass[asked] / mass[asked].sum()
    squares = float(share @ share)
    fits = np.stack([_fits(comparisons, number, prompts, ridge) for number in asked])
    pooled = np.tensordot(share, fits, axes=1)
    scale, per_family = np.ones(len(asked)), models - 1
    if models >= LEAST_FOR_SCALE:
        scale, per_family = _scale(fits[:, 0], pooled[0], share), models - 2
    apart = fits - scale[:, None, None] * pooled
    squared, freedom = _scatter(apart[:, 0], per_family)
    seen = float(share @ squared)
    moved = ((apart[:, 1:] - apart[:, :1]) ** 2).sum(axis=2).mean(axis=1)
    chance = float(share @ moved) / (models - 1)
    # How much of τ² shows in the scatter around a mean that the biases have moved too.
    shown = float(share @ ((1 - scale * share) ** 2 + scale**2 * (squares - share**2)))
    freedom *= len(asked) - 1
    guess = shown * GUESS**2 + chance
    drawn = (seen * freedom + guess * GUESS_FREEDOM) / random.chisquare(
        freedom + GUESS_FREEDOM, size=draws
    )
    return Disagreement(
        float(np.sqrt(max(seen - chance, 0.0) / shown)),
        np.sqrt(np.maximum(drawn - chance, 0.0) / shown * squares),
    )


def _met(comparisons: Comparisons, family: int) -> Bools:
    """(M, M), symmetric: pairs that the family compared."""
    total = (comparisons.wins[family] + comparisons.ties[family]).sum(axis=0)
    return (total + total.T) > 0


def _scale(fits: Floats, pooled: Floats, share: Floats) -> Floats:
    """(F,): slope of each family's strengths on the pooled ones, none negative, mean 1 by share."""
    slopes = np.maximum(fits @ pooled, 0.0)
    total = float(share @ slopes)
    return slopes / total if total > 0 else np.ones(len(share))


def _scatter(apart: Floats, freedom: int) -> tuple[Floats, float]:
    """(F,) variance of each family's biases, and what a family's is worth in degrees of freedom.

    Args:
        apart: (F, M), how far the family's strengths are from the pooled ones on its scale.
        freedom: what is left of M numbers after scale and mean were taken from them.
    """
    models = apart.shape[1]
    if models < LEAST_FOR_MEDIAN:
        return (apart**2).sum(axis=1) / freedom, float(freedom)
    middle = np.median(apart, axis=1, keepdims=True)
    deviation = DEVIATION * np.median(np.abs(apart - middle), axis=1)
    return deviation**2 * models / freedom, EFFICIENCY * freedom


def _fits(comparisons: Comparisons, family: int, prompts: Floats, ridge: float) -> Floats:
    """(1 + R, M): strengths by one family alone, as observed and per resampled world."""
    m = len(comparisons.models)
    weights = np.concatenate([np.ones((1, prompts.shape[1])), prompts])
    wins = (weights @ comparisons.wins[family].reshape(-1, m * m)).reshape(-1, m, m)
    ties = (weights @ comparisons.ties[family].reshape(-1, m * m)).reshape(-1, m, m)
    first = solve(wins[:1], ties[:1], ridge)
    start = Strengths(np.repeat(first.theta, len(prompts), 0), np.repeat(first.eta, len(prompts)))
    return np.concatenate([first.theta, solve(wins[1:], ties[1:], ridge, start).theta])
