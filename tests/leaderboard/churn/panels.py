"""Panels whose truth is known, for tests: the noise is written here, with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from leaderboard.churn.panel import Floats, Panel
from leaderboard.churn.scatter import Scatter
from tests.leaderboard.history.histories import DAY0

Errors = Literal["constant", "independent", "cumulative", "passing"]


def made(
    rating: Floats,
    days: Floats | None = None,
    variance: Floats | None = None,
    appeared: Floats | None = None,
    left: Floats | None = None,
    truncated: bool = False,
) -> Panel:
    """A panel of these ratings, weekly; who is not told when it came was always there."""
    boards, models = rating.shape
    return Panel(
        tuple(f"m{i:03}" for i in range(models)),
        DAY0,
        7.0 * np.arange(boards) if days is None else days,
        rating,
        variance,
        np.full((models, 2), -np.inf) if appeared is None else appeared,
        np.full((models, 2), np.inf) if left is None else left,
        truncated,
    )


def law(
    panel: Panel,
    independent: Floats | float = 0.0,
    shared: Floats | float = 0.0,
    drift: float = 0.0,
    shift: Floats | float = 0.0,
    lasting: float = 0.0,
    passing: Floats | float = 0.0,
    memory: float = 1.0,
) -> Scatter:
    """A fitted law of errors, as told."""
    shape = panel.rating.shape
    return Scatter(
        shift=np.zeros(shape[0]) + shift,
        independent=np.zeros(shape) + independent,
        shared=np.zeros(shape) + shared,
        passing=np.zeros(shape) + passing,
        memory=memory,
        lasting=np.full(shape[1], lasting),
        drift=drift,
        drift_p=None,
        published=True,
        chi2_per_df=None,
    )


@dataclass(frozen=True)
class Simulated:
    """A panel and what it was made from."""

    panel: Panel
    shift: Floats
    error: Floats
    """(T, M) variance of each rating's error."""


def simulated(
    seed: int,
    boards: int = 60,
    models: int = 40,
    noise: float = 30.0,
    errors: Errors = "constant",
    drift: float = 0.0,
    cadence: float = 7.0,
    published: bool = True,
    shifting: float = 20.0,
    new: float = 0.6,
) -> Simulated:
    """Strengths spread by 60 points on boards that re-centre by `shifting` from date to date.

    Args:
        seed: of the noise.
        boards: their number.
        models: their number.
        noise: standard error of a rating on the model's first board.
        errors: `constant` widths and errors of their own; widths that fall with the root of the
            boards so far, with `independent` errors or with those of `cumulative` votes; or
            constant widths and errors that fade with a memory of three boards, `passing`.
        drift: variance that a strength gains per day.
        cadence: days between boards.
        published: whether the widths are told.
        shifting: standard deviation of the shift of a date.
        new: share of the models that come after the first board.
    """
    rng = np.random.default_rng(seed)
    first = np.where(np.arange(models) < new * models, rng.integers(1, boards - 5, models), 0)
    there = np.arange(boards)[:, None] >= first
    age = np.maximum(np.arange(boards)[:, None] - first + 1, 1)
    steps = rng.normal(size=(boards, models)) * noise
    if errors == "constant":
        error, variance = steps, np.full((boards, models), noise**2)
    elif errors == "passing":
        error, variance = _fading(steps, 3.0), np.full((boards, models), noise**2)
    elif errors == "independent":
        error, variance = steps / np.sqrt(age), noise**2 / age
    else:
        error, variance = np.cumsum(np.where(there, steps, 0.0), axis=0) / age, noise**2 / age
    wander = np.cumsum(rng.normal(size=(boards, models)) * (drift * cadence) ** 0.5, axis=0)
    shift = rng.normal(size=boards) * shifting
    rating = rng.normal(size=models) * 60 + wander + shift[:, None] + error
    days = cadence * np.arange(boards)
    before = np.where(first == 0, -np.inf, days[np.maximum(first - 1, 0)])
    appeared = np.stack([before, np.where(first == 0, -np.inf, days[first])], axis=1)
    panel = made(
        np.where(there, rating, np.nan),
        days,
        np.where(there, variance, np.nan) if published else None,
        appeared,
    )
    return Simulated(panel, shift, np.where(there, variance, np.nan))


def _fading(steps: Floats, memory: float) -> Floats:
    """Errors whose correlation falls by e in `memory` boards, as wide as the steps."""
    kept = np.exp(-1 / memory)
    error = steps.copy()
    for t in range(1, len(error)):
        error[t] = kept * error[t - 1] + (1 - kept**2) ** 0.5 * steps[t]
    return error
