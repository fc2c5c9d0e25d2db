"""Who would be picked next: only who qualifies, and just who would be without those before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.pick_answers import Decision
from leaderboard.picks.decision import decide
from leaderboard.picks.field import Candidate, without
from leaderboard.picks.in_line import LONGEST
from leaderboard.picks.policy import Rules
from tests.leaderboard.picks.fields import NOW, candidate, field

BEST = candidate("best", 1100, 0.10)
NEAR = candidate("near", 1090, 0.05)
CHEAP = candidate("cheap", 1060, 0.01)
FAR = candidate("far", 500, 0.001)
FREE = candidate("free", 1200, None)
FLAKY = candidate("flaky", 1150, 0.01, failure_rate=0.5)


def decided(*people: Candidate, rules: Rules | None = None) -> dict[str, Decision]:
    found = decide(field(*people), rules or Rules(), NOW)
    return {one.role: one for one in found.decisions}


def names(one: Decision) -> list[str]:
    return [fallback.model for fallback in one.fallbacks]


def test_only_who_qualifies_is_in_line() -> None:
    found = decided(BEST, NEAR, CHEAP, FAR, FREE, FLAKY)
    assert names(found["hero"]) == ["near", "cheap", "far"]
    assert found["workhorse"].model == "cheap"
    assert names(found["workhorse"]) == ["near", "best"]  # `far` is below the floor
    near = found["workhorse"].fallbacks[0]
    assert (near.cost_usd, near.name) == (0.05, "NEAR")
    assert near.p_floor is not None
    assert near.p_floor > 0.9
    assert found["hero"].fallbacks[0].p_floor is None


def test_a_cap_holds_for_those_in_line_too() -> None:
    rules = Rules.model_validate({"hero": {"max_cost_usd": 0.06}})
    assert decided(BEST, NEAR, CHEAP, rules=rules)["hero"].model == "near"
    assert names(decided(BEST, NEAR, CHEAP, rules=rules)["hero"]) == ["cheap"]


def test_latency_orders_where_the_policy_asks_for_it() -> None:
    rules = Rules.model_validate({"workhorse": {"objective": "latency"}})
    people = (
        candidate("a", 1100, 0.1, latency_p50_s=3.0),
        candidate("b", 1095, 0.1, latency_p50_s=1.0),
        candidate("c", 1095, 0.1, latency_p50_s=2.0),
        candidate("d", 1095, 0.1, latency_p50_s=None),
    )
    found = decided(*people, rules=rules)["workhorse"]
    assert [found.model, *names(found)] == ["b", "c", "a"]


@given(
    st.lists(
        st.tuples(st.floats(900, 1100), st.floats(0.001, 1.0)), min_size=1, max_size=8, unique=True
    ),
    st.integers(0, 20),
)
@settings(max_examples=60, deadline=None)
def test_the_next_in_line_is_who_would_be_picked_without_the_pick(
    made: list[tuple[float, float]], seed: int
) -> None:
    people = tuple(candidate(f"m{n}", *one) for n, one in enumerate(made))
    whole = field(*people, seed=seed)
    hero, horse = decide(whole, Rules(), NOW).decisions
    for one in (hero, horse):
        assert len(one.fallbacks) <= LONGEST
        assert one.model not in names(one)
        assert len(set(names(one))) == len(names(one))
    left = without(whole, [hero.model or ""])
    if left.candidates:
        next_hero = decide(left, Rules(), NOW).decisions[0]
        assert hero.fallbacks[0].model == next_hero.model
    else:
        assert hero.fallbacks == ()
    if horse.model != hero.model:
        next_horse = decide(without(whole, [horse.model or ""]), Rules(), NOW).decisions[1]
        assert horse.fallbacks[0].model == next_horse.model
