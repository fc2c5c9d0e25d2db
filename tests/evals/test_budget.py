"""What fits into money and time: the same prompts for all models, and never more than given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evals import budget
from evals.budget import Expected, Limits, admit, in_rounds
from evals.types import Trial

FREE = Expected(None, None, paid=False)


def trials(models: int, prompts: int, seeds: int = 2) -> list[Trial]:
    return [
        Trial(f"m{model}", "r", "s", "v", f"p{prompt}", seed, 1)
        for model in range(models)
        for prompt in range(prompts)
        for seed in range(seeds)
    ]


def priced(**usd: float | None) -> dict[str, Expected]:
    return {name: Expected(cost, 1.0, paid=True, basis="none") for name, cost in usd.items()}


def prompts_of(chosen: tuple[Trial, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for trial in chosen:
        found.setdefault(trial.model_id, set()).add(trial.prompt_id)
    return found


def test_without_limits_all_of_it_fits() -> None:
    plan = trials(2, 3)
    assert admit(plan, {}, Limits()) == budget.Admission(tuple(plan), ())


def test_every_model_gets_the_same_first_prompts() -> None:
    plan = trials(2, 10)
    fits = admit(plan, priced(m0=0.01, m1=0.10), Limits(usd=1.0))
    # A prompt costs 2 x 0.11; four of them 0.88.
    assert prompts_of(fits.trials) == {name: {"p0", "p1", "p2", "p3"} for name in ("m0", "m1")}
    assert [(left.model, left.trials) for left in fits.left_out] == [("m0", 12), ("m1", 12)]
    assert all("budget of 1 USD" in left.reason for left in fits.left_out)


def test_a_budget_that_is_just_enough_is_enough() -> None:
    plan = trials(1, 10, 1)
    assert len(admit(plan, priced(m0=0.1), Limits(usd=1.0)).trials) == 10


def test_what_was_spent_counts() -> None:
    plan = trials(1, 10, 1)
    assert len(admit(plan, priced(m0=0.1), Limits(usd=1.0), spent=0.55).trials) == 4


def test_a_call_that_was_begun_is_not_counted_twice() -> None:
    plan = trials(1, 4, 1)
    begun = {plan[0].key, plan[1].key}
    fits = admit(plan, priced(m0=0.1), Limits(usd=0.4), spent=0.2, counted=begun)
    assert len(fits.trials) == 4


def test_what_an_endpoint_holds_and_was_paid_for_is_never_left_out() -> None:
    plan = trials(2, 4, 1)
    there = {trial.key for trial in plan if (trial.model_id, trial.prompt_id) == ("m1", "p3")}
    expected = priced(m0=0.1, m1=None)
    fits = admit(plan, expected, Limits(usd=0.1), spent=0.1, counted=there, held_there=there)
    assert {trial.key for trial in fits.trials} == there
    assert [(left.model, left.trials) for left in fits.left_out] == [("m0", 4), ("m1", 3)]


def test_an_unknown_price_is_left_out_of_money_and_not_of_time() -> None:
    plan, expected = trials(2, 4, 1), priced(m0=0.1, m1=None)
    in_money = admit(plan, expected, Limits(usd=9))
    assert set(prompts_of(in_money.trials)) == {"m0"}
    assert [(left.model, left.reason) for left in in_money.left_out] == [
        ("m1", "its price is unknown: none")
    ]
    in_time = admit(plan, expected, Limits(seconds=5))
    assert prompts_of(in_time.trials) == {name: {"p0", "p1"} for name in ("m0", "m1")}


def test_calls_side_by_side_share_their_time() -> None:
    plan = trials(2, 12, 1)
    expected = {"m0": Expected(None, 8.0, paid=True, at_once=4), "m1": Expected(None, 1.0, False)}
    fits = admit(plan, expected, Limits(seconds=18))
    assert [len(prompts) for prompts in prompts_of(fits.trials).values()] == [6, 6]
    assert expected["m0"].lasts(6) == 12.0


def test_what_costs_nothing_known_ahead_is_not_held_back() -> None:
    plan = trials(2, 4)
    assert len(admit(plan, {"m0": FREE, "m1": FREE}, Limits(usd=0.0)).trials) == len(plan)


@given(
    st.integers(1, 4),
    st.integers(1, 12),
    st.lists(st.floats(0.001, 2.0), min_size=4, max_size=4),
    st.floats(0, 30),
    st.floats(0, 5),
)
def test_what_is_admitted_never_costs_more_than_is_left(
    models: int, prompts: int, costs: list[float], limit: float, spent: float
) -> None:
    plan = trials(models, prompts)
    expected = priced(**{f"m{place}": cost for place, cost in enumerate(costs)})
    fits = admit(plan, expected, Limits(usd=limit), spent)
    cost = sum(expected[trial.model_id].usd or 0 for trial in fits.trials)
    assert not fits.trials or spent + cost <= limit * (1 + 1e-9)
    assert len(set(map(frozenset, prompts_of(fits.trials).values()))) <= 1
    assert len(fits.trials) + sum(left.trials for left in fits.left_out) == len(plan)


@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 400))
def test_a_run_in_rounds_that_stops_has_compared_all_models(
    models: int, prompts: int, stop: int
) -> None:
    plan = trials(models, prompts)
    ordered = in_rounds(plan)
    assert sorted(t.key for t in ordered) == sorted(t.key for t in plan)
    done = prompts_of(ordered[:stop])
    counts = [len(done.get(f"m{model}", ())) for model in range(models)]
    # Nobody is ahead by more than a round, and a round is no longer than all before it and four.
    assert max(counts) <= 2 * min(counts) + budget.FIRST_ROUND


def test_a_model_is_loaded_once_a_round() -> None:
    groups = budget.by_model(in_rounds(trials(3, 28)))
    assert [name for name, _ in groups] == ["m0", "m1", "m2"] * 3
