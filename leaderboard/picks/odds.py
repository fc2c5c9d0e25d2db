"""What a decision asks of the joint draws of a field (pure)."""

from __future__ import annotations

import numpy as np

from leaderboard.picks.field import Field
from leaderboard.picks.policy import Workhorse
from leaderboard.ratings.bradley_terry import Floats
from leaderboard.ratings.rank_sets import top_odds
from leaderboard.ratings.rate import SCALE


def p_best(field: Field, among: list[int]) -> Floats:
    """(M,) P(the best of some); 0 for the others. Models level in a draw share it."""
    found = np.zeros(len(field.candidates))
    if among:
        found[among] = top_odds(field.ordering[:, among], 1)
    return found


def p_better(field: Field, than: int) -> Floats:
    """(M,) P(better than one of them); level is half. 0.5 for that one itself."""
    draws = field.ordering
    own = draws[:, than : than + 1]
    return ((draws > own) + (draws == own) / 2).mean(axis=0)


def p_floor(field: Field, hero: int, rules: Workhorse) -> Floats:
    """(M,) P(close enough to the hero, its own uncertainty included); 1 for the hero itself."""
    if rules.max_rating_gap is not None:
        lead = field.draws - field.draws[:, hero : hero + 1]
        enough = lead >= -rules.max_rating_gap
    else:
        enough = field.win_rates(hero) >= rules.win_rate_floor
    found = enough.mean(axis=0)
    found[hero] = 1.0
    return found


def floor_gap(field: Field, rules: Workhorse) -> float:
    """Rating points that a workhorse may lie below the hero, at the field's usual share of ties."""
    if rules.max_rating_gap is not None:
        return rules.max_rating_gap
    odds = rules.win_rate_floor / (1 - rules.win_rate_floor)
    if field.eta is None or not np.isfinite(np.median(field.eta)):
        return float(-SCALE * np.log(odds))
    # With ties, P(win) + P(tie) / 2 = floor has the root r = exp(-gap / 2 SCALE) of
    # r^2 (1 - f) + r v (1/2 - f) - f = 0, v the tie parameter.
    tie, floor = float(np.exp(np.median(field.eta))), rules.win_rate_floor
    middle = tie * (0.5 - floor)
    root = (-middle + (middle**2 + 4 * (1 - floor) * floor) ** 0.5) / (2 * (1 - floor))
    return float(-2 * SCALE * np.log(root))


def p_frontier(field: Field, among: list[int], price: Floats) -> Floats:
    """(M,) P(nobody among them that costs no more is better); 0 for who is not among them."""
    found = np.zeros(len(field.candidates))
    draws = field.ordering
    for one in among:
        no_dearer = [other for other in among if other != one and price[other] <= price[one]]
        if no_dearer:
            found[one] = (draws[:, one] >= draws[:, no_dearer].max(axis=1)).mean()
        else:
            found[one] = 1.0
    return found
