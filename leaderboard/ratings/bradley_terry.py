"""Bradley-Terry strengths with ties (Davidson), by Newton's method, for many weightings at once.

With strengths theta and a tie parameter nu = exp(eta), of two models that differ by
d = theta_i - theta_j::

    P(i wins) : P(j wins) : P(tie)  =  exp(d/2) : exp(-d/2) : nu

(Davidson 1970, "On extending the Bradley-Terry model to accommodate ties in paired comparison
experiments", JASA 65). Without any tie this is the Bradley-Terry model itself. The logarithm of
the likelihood is concave, so Newton's method with halved steps finds the one maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaderboard.errors import RatingError

Floats = NDArray[np.float64]

_STEPS = 100
_HALVINGS = 40
_TOLERANCE = 1e-9
_NO_MAXIMUM = (
    "ratings do not exist: a model won or lost everything, or no comparison joins two groups of"
    " models; use a ridge above 0 and rate joined models only"
)


@dataclass(frozen=True)
class Strengths:
    """Maximum (penalised) likelihood for each of B weightings."""

    theta: Floats
    """(B, M), natural-log scale, each row with mean 0."""
    eta: Floats
    """(B,), logarithm of the tie parameter; -inf where nothing tied."""


def solve(wins: Floats, ties: Floats, ridge: float, start: Strengths | None = None) -> Strengths:
    """Estimate strengths from weighted wins and ties.

    Args:
        wins: (B, M, M), weight of the first model's wins over the second.
        ties: (B, M, M), symmetric.
        ridge: strength of a normal prior on theta and eta, centred on 0, in units of the mean
            weight of comparisons per model. It keeps a model that won or lost everything at a
            finite place, and because it grows with the data, duplicated comparisons change
            nothing. With 0 this is plain maximum likelihood.
        start: where to begin, for speed only.

    Raises `RatingError` when a maximum does not exist (with ridge 0: some model won or lost
    everything, or nothing joins two groups of models) or was not reached.

    >>> import numpy as np
    >>> wins = np.array([[[0.0, 3.0], [1.0, 0.0]]])
    >>> theta = solve(wins, np.zeros((1, 2, 2)), ridge=0.0).theta[0]
    >>> round(float(np.exp(theta[0] - theta[1])), 6)
    3.0
    """
    if ridge <= 0 and not _has_maximum(wins + ties):
        raise RatingError(_NO_MAXIMUM)
    problem = _Problem(wins, ties, ridge)
    batch, models = wins.shape[0], wins.shape[1]
    theta, eta = np.zeros((batch, models)), np.zeros(batch)
    if start is not None:
        theta += start.theta
        eta += np.where(problem.has_ties & np.isfinite(start.eta), start.eta, 0.0)
    value = problem.objective(theta, eta)
    for _ in range(_STEPS):
        gradient, hessian = problem.derivatives(theta, eta)
        steep = np.abs(gradient).max(axis=1) > _TOLERANCE * problem.scale
        if not steep.any():
            return Strengths(theta, np.where(problem.has_ties, eta, -np.inf))
        step: Floats = np.linalg.solve(hessian, gradient[:, :, None])[:, :, 0].astype(np.float64)
        # Weightings that have arrived stand still.
        step[~steep] = 0.0
        theta, eta, value = problem.advance(theta, eta, value, step)
    raise RatingError(f"ratings did not converge in {_STEPS} steps")


def curvature(wins: Floats, ties: Floats, ridge: float, at: Strengths) -> Floats:
    """Second derivatives of the (penalised) log-likelihood, their sign turned, at given strengths.

    Args:
        wins: (B, M, M), as in `solve`.
        ties: (B, M, M).
        ridge: as in `solve`.
        at: where to take them; for the bread of a sandwich, what `solve` returned.

    Returns (B, M+1, M+1), positive definite; the last row and column belong to eta (the identity's
    where nothing tied). Because only differences are seen, a multiple of the matrix of ones is
    added to the block of theta: it changes nothing for vectors whose theta part sums to 0, as the
    score of every comparison does.
    """
    problem = _Problem(wins, ties, ridge)
    return problem.derivatives(at.theta, np.where(problem.has_ties, at.eta, 0.0))[1]


def place(wins: Floats, losses: Floats, ties: Floats, field: Strengths, ridge: float) -> Floats:
    """Place one more model on a scale that is already fixed; the others do not move.

    Args:
        wins: (B, C), its wins over each of the C models of `field`.
        losses: (B, C), its losses.
        ties: (B, C).
        field: strengths of the C models and the tie parameter, for the same B weightings.
        ridge: as in `solve`, in units of this model's own weight of comparisons; above 0.

    Returns (B,) on the scale of `field`. Raises `RatingError` without any comparison.
    """
    total = wins + losses + ties
    weight = total.sum(axis=1)
    if (weight <= 0).any() or ridge <= 0:
        raise RatingError("a model without comparisons, or without a ridge, cannot be placed")
    nu = np.exp(field.eta)[:, None]
    # Where the prior's pull alone outweighs every comparison the slope has changed its sign.
    reach = np.abs(field.theta).max() + 1.0 / ridge
    low, high = np.full(len(weight), -reach), np.full(len(weight), reach)
    # The slope falls strictly, so halving cannot fail; Newton would leave a flat tail too far.
    while (high - low).max() > _TOLERANCE:
        at = (low + high) / 2
        win, loss, _ = chances(at[:, None] - field.theta, nu)
        rising = ((wins - losses - total * (win - loss)) / 2).sum(axis=1) > ridge * weight * at
        low, high = np.where(rising, at, low), np.where(rising, high, at)
    return (low + high) / 2


def _has_maximum(beats: Floats) -> bool:
    """Ford's condition: from every model a chain of wins or ties leads to every other one."""
    reach = (beats.sum(axis=0) > 0) | np.eye(beats.shape[1], dtype=np.bool_)
    for _ in range(beats.shape[1].bit_length()):
        reach = reach @ reach
    return bool(reach.all())


def chances(lead: Floats, nu: Floats) -> tuple[Floats, Floats, Floats]:
    """P(win), P(loss), P(tie) at a lead d and tie parameter nu; stable for large leads."""
    top = np.abs(lead) / 2
    win, loss = np.exp(lead / 2 - top), np.exp(-lead / 2 - top)
    tie = nu * np.exp(-top)
    total = win + loss + tie
    return win / total, loss / total, tie / total


def win_rate(lead: Floats, eta: Floats) -> Floats:
    """Expected share of a comparison that a lead d brings: P(win) + P(tie) / 2."""
    win, _, tie = chances(lead, np.exp(eta))
    return win + tie / 2


class _Problem:
    """The penalised log-likelihood and its derivatives, on pairs i < j that were compared."""

    def __init__(self, wins: Floats, ties: Floats, ridge: float) -> None:
        self.models = wins.shape[1]
        upper_i, upper_j = np.triu_indices(self.models, 1)
        seen = (wins + wins.swapaxes(1, 2) + ties).sum(axis=0)[upper_i, upper_j] > 0
        self.i, self.j = upper_i[seen], upper_j[seen]
        pairs = np.arange(len(self.i), dtype=np.int64)
        self.sign = np.zeros((len(pairs), self.models))
        self.sign[pairs, self.i], self.sign[pairs, self.j] = 1.0, -1.0
        self.win = wins[:, self.i, self.j]
        self.loss = wins[:, self.j, self.i]
        self.tie = ties[:, self.i, self.j]
        self.total = self.win + self.loss + self.tie
        weight = self.total.sum(axis=1)
        if self.models < 2 or (weight <= 0).any():
            raise RatingError("nothing to rate: no comparison between two models")
        self.scale = 2 * weight / self.models
        self.penalty = ridge * self.scale
        self.has_ties = self.tie.sum(axis=1) > 0

    def objective(self, theta: Floats, eta: Floats) -> Floats:
        lead = theta[:, self.i] - theta[:, self.j]
        top = np.abs(lead) / 2
        nu = self._nu(eta)
        norm = top + np.log(
            np.exp(lead / 2 - top) + np.exp(-lead / 2 - top) + nu[:, None] * np.exp(-top)
        )
        likelihood = ((self.win - self.loss) * lead / 2 - self.total * norm).sum(axis=1)
        likelihood += self.tie.sum(axis=1) * eta
        return likelihood - self.penalty / 2 * ((theta**2).sum(axis=1) + eta**2)

    def advance(
        self, theta: Floats, eta: Floats, value: Floats, step: Floats
    ) -> tuple[Floats, Floats, Floats]:
        """Take the step, halved per weighting until the objective does not fall."""
        length: Floats = np.ones(len(value))
        for _ in range(_HALVINGS):
            moved = theta + length[:, None] * step[:, : self.models]
            tied = eta + length * step[:, self.models]
            reached = self.objective(moved, tied)
            # At the maximum rounding alone can seem to lower the value.
            worse = reached < value - 1e-12 * np.abs(value)
            if not worse.any():
                return moved, tied, reached
            length[worse] /= 2
        raise RatingError(f"ratings did not converge: no step in {_HALVINGS} halvings helps")

    def derivatives(self, theta: Floats, eta: Floats) -> tuple[Floats, Floats]:
        """Gradient (B, M+1) and negative Hessian (B, M+1, M+1); the last entry is eta."""
        batch, m = theta.shape
        lead = theta[:, self.i] - theta[:, self.j]
        win, loss, tie = chances(lead, self._nu(eta)[:, None])
        pull = (self.win - self.loss) / 2 - self.total * (win - loss) / 2
        bend = self.total * ((win + loss) / 4 - ((win - loss) / 2) ** 2)
        twist = self.total * -tie * (win - loss) / 2

        gradient = np.zeros((batch, m + 1))
        gradient[:, :m] = pull @ self.sign - self.penalty[:, None] * theta
        gradient[:, m] = np.where(
            self.has_ties, (self.tie - self.total * tie).sum(axis=1) - self.penalty * eta, 0.0
        )
        hessian = np.zeros((batch, m + 1, m + 1))
        hessian[:, self.i, self.j] = hessian[:, self.j, self.i] = -bend
        diagonal = np.arange(m, dtype=np.int64)
        hessian[:, diagonal, diagonal] = -hessian[:, :m, :m].sum(axis=2) + self.penalty[:, None]
        # Only differences are seen; this fixes the mean at 0 without moving anything else.
        hessian[:, :m, :m] += (self.scale / m)[:, None, None]
        hessian[:, :m, m] = hessian[:, m, :m] = twist @ self.sign
        hessian[:, m, m] = np.where(
            self.has_ties,
            (self.total * tie * (1 - tie)).sum(axis=1) + self.penalty,
            1.0,
        )
        return gradient, hessian

    def _nu(self, eta: Floats) -> Floats:
        return np.where(self.has_ties, np.exp(eta), 0.0)
