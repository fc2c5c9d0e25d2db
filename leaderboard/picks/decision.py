"""One board -> a hero and a workhorse, each with its reason (pure).

Hero: the highest probability of being the best among the candidates, under an optional price cap.
Workhorse: the cheapest candidate whose win-rate against the hero reaches the floor with enough
probability, both from the same joint draws, so that the hero's own uncertainty counts too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from leaderboard import wording
from leaderboard.answers import ROLES, Board, BoardRow, NoPick, Pick, Picks, Refusal
from leaderboard.picks.policy import Policy
from leaderboard.ratings import Ratings, p_top, win_rates

EVIDENCE = "own evaluation"


def decide(board: Board, ratings: Ratings, policy: Policy, at: datetime) -> Picks:
    """Pick for one task and domain.

    Args:
        board: the rows that a person sees; every row is a model of `ratings`.
        ratings: the joint draws behind the board.
        policy: what may be picked.
        at: the time written on the picks.

    The answer does not depend on the order of the rows, nor on the unit of prices (but for a cap).
    """
    why_not = {row.model: _refusal(row, policy) for row in board.rows if row.anchor is None}
    refused = tuple(
        Refusal(board.task, board.domain, model, reason)
        for model, reason in sorted(why_not.items())
        if reason is not None
    )
    candidates = [row for row in board.rows if why_not.get(row.model, "anchor") is None]
    cap = policy.hero.max_cost_usd
    affordable = [row for row in candidates if cap is None or _cost(row) <= cap]
    if not affordable:
        reason = _nobody(candidates, refused, cap)
        none = tuple(NoPick(board.task, board.domain, role, reason) for role in ROLES)
        return Picks((), none, refused)
    odds = p_top(ratings, 1, [row.model for row in affordable])
    hero, *others = sorted(
        affordable, key=lambda row: (-odds[row.model], -row.rating, _price(row), row.model)
    )
    runner_up = others[0] if others else None
    chances = {
        row.model: float(
            np.mean(win_rates(ratings, row.model, hero.model) >= policy.workhorse.win_rate_floor)
        )
        for row in candidates
    }
    cheapest = sorted(candidates, key=lambda row: (_price(row), -chances[row.model], row.model))
    # The hero wins half of the comparisons with itself, so somebody always qualifies.
    workhorse, *more = [
        row for row in cheapest if row is hero or chances[row.model] >= policy.workhorse.confidence
    ]
    best = p_top(ratings, 1, [row.model for row in candidates])
    return Picks(
        (
            Pick(
                **_common(board, hero, best, at),
                role="hero",
                p_floor=None,
                reason=_hero_reason(hero, runner_up, odds, cap),
                runner_up=runner_up.model if runner_up else None,
            ),
            Pick(
                **_common(board, workhorse, best, at),
                role="workhorse",
                p_floor=chances[workhorse.model],
                reason=_workhorse_reason(workhorse, hero, cheapest, chances, policy),
                runner_up=more[0].model if more else None,
            ),
        ),
        (),
        refused,
    )


def _refusal(row: BoardRow, policy: Policy) -> str | None:
    """Why a model is no candidate, or `None` for a candidate."""
    rules = policy.candidates
    if row.model in rules.refuse:
        return "refused by the policy"
    if row.cost_usd is None:
        return f"cost unknown: {row.cost_basis}" if row.cost_basis else "cost unknown"
    if row.cost_usd <= 0:
        return "its cost is recorded as 0 or less, which is no price"
    if row.failure_rate is not None and row.failure_rate > rules.max_failure_rate:
        return f"fails {row.failure_rate:.1%} of generations, limit {rules.max_failure_rate:.1%}"
    if row.prompts < rules.min_prompts:
        return f"compared on {row.prompts} prompts, at least {rules.min_prompts} needed"
    if row.comparisons < rules.min_comparisons:
        return f"{row.comparisons:.0f} comparisons, at least {rules.min_comparisons} needed"
    return None


def _cost(row: BoardRow) -> float:
    if row.cost_usd is None:
        raise ValueError(f"{row.model} has no price and cannot be a candidate")
    return row.cost_usd


def _price(row: BoardRow) -> float:
    """What models are compared by: USD per second of clip where they make clips, whose lengths
    differ, and per generation elsewhere.
    """
    return _cost(row) if row.usd_per_clip_second is None else row.usd_per_clip_second


def _common(board: Board, row: BoardRow, best: Mapping[str, float], at: datetime) -> dict[str, Any]:
    return {
        "task": board.task,
        "domain": board.domain,
        "model": row.model,
        "name": row.name,
        "rating": row.rating,
        "rating_low": row.rating_low,
        "rating_high": row.rating_high,
        "p_best": best[row.model],
        "cost_usd": _cost(row),
        "cost_basis": row.cost_basis,
        "latency_p50_s": row.latency_p50_s,
        "usd_per_clip_second": row.usd_per_clip_second,
        "compute_s_per_clip_second": row.compute_s_per_clip_second,
        "evidence": EVIDENCE,
        "simulated": row.simulated,
        "decided_at": at,
        "suite_id": board.suite_id,
    }


def _nobody(candidates: Sequence[BoardRow], refused: Sequence[Refusal], cap: float | None) -> str:
    if candidates:
        return f"no candidate costs at most ${cap:g} per generation"
    if refused:
        return f"none of {len(refused)} models qualifies; each refusal has its reason"
    return "the board has anchors only, and those are never picked"


def _hero_reason(
    hero: BoardRow, runner_up: BoardRow | None, odds: Mapping[str, float], cap: float | None
) -> str:
    under = "" if cap is None else f" at ${cap:g} per generation or less"
    if runner_up is None:
        return f"the only candidate{under}"
    return (
        f"highest chance of being the best{under}: {wording.odds(odds[hero.model])},"
        f" before {runner_up.name} with {wording.odds(odds[runner_up.model])}"
    )


def _workhorse_reason(
    workhorse: BoardRow,
    hero: BoardRow,
    cheapest: Sequence[BoardRow],
    chances: Mapping[str, float],
    policy: Policy,
) -> str:
    floor = wording.odds(policy.workhorse.win_rate_floor)
    needed = wording.odds(policy.workhorse.confidence)
    if workhorse is not hero:
        share = _price(workhorse) / _price(hero)
        return (
            f"cheapest that takes at least {floor} of comparisons from the hero:"
            f" {wording.odds(chances[workhorse.model])} sure, at {100 * share:.0f} % of its cost"
        )
    cheaper = [row for row in cheapest if _price(row) < _price(hero)]
    if not cheaper:
        return "the hero itself: no candidate is cheaper"
    nearest = max(cheaper, key=lambda row: (chances[row.model], -_price(row), row.model))
    return (
        f"the hero itself: nothing cheaper takes {floor} of comparisons from it with {needed}"
        f" probability; the nearest is {nearest.name} with {wording.odds(chances[nearest.model])}"
    )
