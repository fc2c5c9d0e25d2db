"""What must hold of every decision, whoever holds the roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.pick_answers import Role
from leaderboard.picks.decision import decide
from leaderboard.picks.field import Candidate, Field
from leaderboard.picks.policy import Rules
from leaderboard.picks.standing import Incumbent
from tests.leaderboard.picks.fields import NOW, candidate, field

people = st.lists(
    st.tuples(st.floats(800, 1200), st.floats(0.001, 1.0)), min_size=1, max_size=6
).map(lambda made: tuple(candidate(f"m{n}", *one) for n, one in enumerate(made)))
holders = st.dictionaries(
    st.sampled_from(["hero", "workhorse"]),
    st.builds(
        lambda number, days, price: Incumbent(
            f"m{number}", NOW - timedelta(days=days), None, price
        ),
        st.integers(0, 5),
        st.integers(0, 30),
        st.floats(0.001, 1.0),
    ),
)
seeds = st.integers(0, 30)


def roles(found: Field, held: Mapping[Role, Incumbent]) -> dict[str, str | None]:
    return {one.role: one.model for one in decide(found, Rules(), NOW, held).decisions}


@given(people, holders, seeds, st.floats(1, 300), st.floats(1.0, 3.0), st.integers(0, 5))
@settings(max_examples=80, deadline=None)
def test_a_dominated_model_changes_no_pick(
    made: tuple[Candidate, ...],
    held: Mapping[Role, Incumbent],
    seed: int,
    worse: float,
    dearer: float,
    number: int,
) -> None:
    """It is worse than another in every world, and no cheaper."""
    over = made[number % len(made)]
    before = field(*made, seed=seed)
    column = before.index(over.model)
    # Its name comes first, so that no tie is broken against it by the alphabet.
    below = replace(
        over, model="a", rating=over.rating - worse, cost_usd=(over.cost_usd or 0) * dearer
    )
    draws = np.concatenate([before.draws[:, [column]] - worse, before.draws], axis=1)
    after = replace(before, candidates=(below, *before.candidates), draws=draws)
    assert roles(after, held) == roles(before, held)


@given(people, holders, seeds, st.sampled_from([None, 0.0, -1.0]))
@settings(max_examples=60, deadline=None)
def test_no_price_is_never_picked(
    made: tuple[Candidate, ...], held: Mapping[Role, Incumbent], seed: int, price: float | None
) -> None:
    free = replace(made[0], cost_usd=price, rating=2000.0)
    assert free.price is None
    assert free.model not in roles(field(free, *made[1:], seed=seed), held).values()


@given(people, holders, seeds, st.sampled_from([0.001, 0.5, 3.0, 1000.0]))
@settings(max_examples=60, deadline=None)
def test_the_unit_of_prices_changes_no_role(
    made: tuple[Candidate, ...], held: Mapping[Role, Incumbent], seed: int, factor: float
) -> None:
    scaled = [replace(one, cost_usd=(one.cost_usd or 0) * factor) for one in made]
    dearer = {role: replace(one, price=(one.price or 0) * factor) for role, one in held.items()}
    assert roles(field(*scaled, seed=seed), dearer) == roles(field(*made, seed=seed), held)


@given(people, holders, seeds, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_models_changes_nothing(
    made: tuple[Candidate, ...], held: Mapping[Role, Incumbent], seed: int, random: Random
) -> None:
    before = field(*made, seed=seed)
    order = list(range(len(made)))
    random.shuffle(order)
    after = replace(
        before,
        candidates=tuple(before.candidates[n] for n in order),
        draws=before.draws[:, order],
    )
    assert roles(after, held) == roles(before, held)


@given(people, holders, seeds, st.sampled_from(["failed", "partial", "old", "few"]))
@settings(max_examples=60, deadline=None)
def test_who_failed_or_was_evaluated_in_part_is_never_picked(
    made: tuple[Candidate, ...], held: Mapping[Role, Incumbent], seed: int, how: str
) -> None:
    faults: dict[str, dict[str, object]] = {
        "failed": {"failure_rate": 0.06},
        "partial": {"prompts": 20},
        "old": {"evidence_at": NOW - timedelta(days=400)},
        "few": {"comparisons": 3},
    }
    bad = replace(made[0], rating=2000.0, cost_usd=0.0001, **faults[how])  # type: ignore[arg-type]
    whole = candidate("whole", 700, 2.0)
    assert bad.model not in roles(field(bad, *made[1:], whole, seed=seed), held).values()


@given(people, seeds)
@settings(max_examples=40, deadline=None)
def test_the_odds_are_those_of_the_draws(made: tuple[Candidate, ...], seed: int) -> None:
    """Against a plain loop over worlds."""
    found = field(*made, seed=seed)
    decided = decide(found, Rules(), NOW)
    first = [int(np.argmax(world)) for world in found.draws]
    hero = decided.decisions[0]
    column = found.index(hero.model)
    assert hero.p_best == np.mean([one == column for one in first])
    for point in decided.frontier:
        one = found.index(point.model)
        cheap = [n for n, other in enumerate(found.candidates) if other.cost_usd <= point.price]  # type: ignore[operator]
        inside = [world[one] >= max(world[n] for n in cheap) for world in found.draws]
        assert abs(point.p_frontier - np.mean(inside)) < 1e-9
