"""Stays in the top k drawn with a known rate of exits."""

from __future__ import annotations

import numpy as np

from leaderboard.churn.membership import Stays


def steady(
    seed: int,
    end: float,
    half_life: float | tuple[float, float],
    k: int = 5,
    draws: int = 1,
    same: bool = False,
) -> Stays:
    """A top of `k` places, each held for exponential times one after another from day 0 to `end`.

    The process has run for ever: who is there on day 0 came before, at an unknown time. Two
    half-lives stand for the two halves of the history. `same` repeats one history in all draws.
    """
    rng = np.random.default_rng(seed)
    halves = half_life if isinstance(half_life, tuple) else (half_life, half_life)
    rows: list[tuple[int, int, float, float, bool]] = []
    model = 0
    for draw in range(1 if same else draws):
        for _ in range(k):
            at = -np.inf
            while at < end:
                # Without memory: what is left of a stay on the day the rate changes is a new one.
                until = max(at, 0.0) + rng.exponential(halves[0] / np.log(2))
                if until > end / 2:
                    begin = max(at, end / 2)
                    until = begin + rng.exponential(halves[1] / np.log(2))
                rows.append((draw, model, at, min(until, end), until < end))
                at = until
                model += 1
    if same:
        rows = [(draw, *row[1:]) for draw in range(draws) for row in rows]
    draw, models, entered, until, ended = (np.array(column) for column in zip(*rows, strict=True))
    return Stays(draw, models, entered, until, ended, np.zeros(len(draw), dtype=np.bool_), draws)
