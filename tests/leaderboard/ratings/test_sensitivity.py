"""How the order of a board changes with the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.ratings.comparisons import weigh
from leaderboard.ratings.rate import rate
from leaderboard.ratings.sensitivity import sensitivity
from leaderboard.ratings.tally import tally
from leaderboard.ratings.verdicts import Mark, Outcome, Verdicts, judge
from leaderboard.ratings.weighting import equal_weights
from leaderboard.trust import PEOPLE, Sensitivity
from tests.leaderboard.factory import CLIP
from tests.leaderboard.ratings.opinions import vote

A1 = replace(CLIP, name="a1", family="a", tie_band=0.3)
A2 = replace(CLIP, name="a2", family="a", tie_band=0.3)
B = replace(CLIP, name="b", family="b", tie_band=0.3)
SPECS = (A1, A2, B)
WEIGHTS = {"a1": 0.3, "a2": 0.2, "b": 0.5}
MODELS = ("m0", "m1", "m2", "m3")


def judged(
    means: Mapping[str, Sequence[float]],
    prompts: int = 40,
    seed: int = 0,
    missing: float = 0.0,
    failing: float = 0.0,
) -> Verdicts:
    """Every metric with its own idea of the models; some scores missing, some models failing."""
    random = np.random.default_rng(seed)
    made: list[Outcome] = []
    for model in MODELS:
        for prompt in range(prompts):
            marks = {
                name: Mark(float(mean[int(model[1:])] + random.normal()), "same")
                for name, mean in means.items()
                if random.random() >= missing
            }
            failed = bool(random.random() < failing)
            made.append(Outcome(model, f"p{prompt:02}", 0, failed, {} if failed else marks))
    return judge(made, SPECS)


AGREED = judged({"a1": (0, 1, 2, 3), "a2": (0, 1, 2, 3), "b": (0, 1, 2, 3)})
SPLIT = judged({"a1": (0, 1, 2, 2.6), "a2": (0, 1, 2, 2.6), "b": (0, 1, 2.5, 2)})


def found(verdicts: Verdicts, weights: Mapping[str, float] = WEIGHTS, **how: int) -> Sensitivity:
    return sensitivity(verdicts, weights, MODELS, **({"draws": 300} | how))


def board_order(verdicts: Verdicts, weights: Mapping[str, float]) -> tuple[str, ...]:
    """As the board itself would have it."""
    ratings = rate(weigh(verdicts, weights), draws=2)
    return tuple(ratings.models[n] for n in np.argsort(-ratings.point, kind="stable"))


@given(
    st.integers(0, 300),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([0.0, 0.2]),
    st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_a_tally_is_what_comparisons_weigh(
    seed: int, missing: float, failing: float, raw: list[float]
) -> None:
    """One tally, any weighting: the same sums as weighing every comparison by itself."""
    means = {"a1": (0, 1, 2, 3), "a2": (3, 2, 1, 0), "b": (1, 1, 1, 1)}
    verdicts = judged(means, 12, seed, missing, failing)
    weights = dict(zip(WEIGHTS, np.array(raw) / sum(raw), strict=True))
    counted = tally(verdicts, WEIGHTS)
    wins, ties = counted.counts(np.array([[weights[name] for name in counted.names]]))
    comparisons = weigh(verdicts, weights)
    np.testing.assert_allclose(wins[0], comparisons.wins.sum(axis=(0, 1)), atol=1e-9)
    np.testing.assert_allclose(ties[0], comparisons.ties.sum(axis=(0, 1)), atol=1e-9)


def test_a_tally_counts_people_as_comparisons_do() -> None:
    """Seven votes on one pair of generations and one on another are two votes in both."""
    made = [Outcome(model, "p0", 0, False, {"a1": Mark(1.0, "same")}) for model in MODELS]
    ballots = [vote(say, "p0", left="m0", right="m1") for say in ["left"] * 5 + ["tie", "right"]]
    ballots.append(vote("left", "p0", left="m1", left_seed=3, right="m2"))
    verdicts = judge(made, [A1], ballots)
    weights = {"a1": 0.25, PEOPLE: 0.75}
    counted = tally(verdicts, weights)
    wins, ties = counted.counts(counted.own[None])
    comparisons = weigh(verdicts, weights)
    np.testing.assert_allclose(wins[0], comparisons.wins.sum(axis=(0, 1)))
    np.testing.assert_allclose(ties[0], comparisons.ties.sum(axis=(0, 1)))
    # The metric ties all six pairs of seed 0; ties are counted from both sides.
    assert (wins + ties / 2).sum() == 0.25 * 6 + 0.75 * 2


def test_named_weightings_are_the_boards_there_would_be() -> None:
    expected = {
        ("own", "own"): WEIGHTS,
        ("equal", "equal"): equal_weights(SPECS),
        ("alone", "a1"): {"a1": 1.0},
        ("alone", "a2"): {"a2": 1.0},
        ("alone", "b"): {"b": 1.0},
        ("without", "a"): {"b": 1.0},
        ("without", "b"): {"a1": 0.6, "a2": 0.4},
    }
    told = {(each.kind, each.name): each.order for each in found(SPLIT).weightings}
    assert set(told) == set(expected)
    for key, weights in expected.items():
        assert told[key] == board_order(SPLIT, weights), key


def test_judges_that_agree_make_places_robust() -> None:
    told = found(AGREED)
    assert [each.model for each in told.models] == ["m3", "m2", "m1", "m0"]
    for place, each in enumerate(told.models, start=1):
        assert (each.place, each.low, each.high) == (place, place, place)
        assert each.robust
        assert each.kept == 1.0
    assert told.swap is None


def test_judges_that_disagree_about_the_top_leave_it_open() -> None:
    told = found(SPLIT)
    first, second, third, fourth = told.models
    assert {first.model, second.model} == {"m2", "m3"}
    assert not first.robust
    assert (first.low, first.high) == (1, 2)
    assert third.robust
    assert fourth.robust


def test_shares_are_over_places_and_over_models() -> None:
    shares = np.array([each.shares for each in found(SPLIT).models])
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    np.testing.assert_allclose(shares.sum(axis=1), 1)


def test_the_swap_is_where_the_first_two_are_level() -> None:
    told = found(SPLIT)
    assert told.swap is not None
    swap = told.swap
    first, second = told.models[0].model, told.models[1].model
    others = 1 - WEIGHTS[swap.metric]
    for beyond, ahead in ((1e-3, second), (-1e-3, first)):
        needed = swap.needed + beyond * np.sign(swap.needed - swap.weight)
        weights = {name: w * (1 - needed) / others for name, w in WEIGHTS.items()}
        weights[swap.metric] = needed
        assert board_order(SPLIT, weights)[0] == ahead


def test_no_smaller_change_of_one_weight_swaps() -> None:
    """Every metric by itself, on a grid of an oracle's own."""
    told = found(SPLIT)
    assert told.swap is not None
    reach = abs(told.swap.needed - told.swap.weight)
    for name, weight in WEIGHTS.items():
        for changed in np.linspace(0.01, 0.99, 60):
            if abs(changed - weight) >= reach - 0.01:
                continue
            weights = {n: w * (1 - changed) / (1 - weight) for n, w in WEIGHTS.items()}
            weights[name] = changed
            assert board_order(SPLIT, weights)[0] == told.models[0].model


def test_people_are_varied_as_a_family() -> None:
    made = [
        Outcome(model, f"p{n}", 0, False, {"a1": Mark(float(model[1:]), "same")})
        for model in MODELS
        for n in range(5)
    ]
    # People have it the other way round.
    ballots = [
        vote("left", f"p{n}", left=f"m{i}", right=f"m{i + 1}") for n in range(5) for i in range(3)
    ]
    verdicts = judge(made, [A1], ballots)
    told = found(verdicts, {"a1": 0.5, PEOPLE: 0.5})
    orders = {(each.kind, each.name): each.order for each in told.weightings}
    assert orders["alone", PEOPLE] == ("m0", "m1", "m2", "m3")
    assert orders["without", PEOPLE] == ("m3", "m2", "m1", "m0")


def test_a_metric_that_joins_too_few_has_no_order() -> None:
    only = {"a1": (0, 1, 2, 3)}
    some = judged({**only, "b": (0, 1, 2, 3)})
    calls = some.calls.copy()
    calls[2, 0] = calls[2, :, 0] = -2
    told = found(replace(some, calls=calls), {"a1": 0.5, "b": 0.5})
    orders = {(each.kind, each.name): each.order for each in told.weightings}
    assert orders["alone", "b"] == ()
    assert len(orders["alone", "a1"]) == 4


def test_one_judge_leaves_nothing_to_vary() -> None:
    for verdicts, weights in ((AGREED, {"b": 1.0}), (judged({"a1": (0, 1, 2, 3)}), WEIGHTS)):
        told = found(verdicts, weights)
        assert told.models == ()
        assert "nothing to vary" in (told.reason or "")


def test_one_model_has_no_order() -> None:
    told = sensitivity(AGREED, WEIGHTS, ["m1"], draws=5)
    assert "no order" in (told.reason or "")


def test_the_seed_alone_decides_the_draws() -> None:
    assert found(SPLIT) == found(SPLIT)
    assert found(SPLIT) != found(SPLIT, seed=1)


def test_exactly_level_models_stand_by_name() -> None:
    level = judged({"a1": (0, 0, 0, 0), "b": (0, 0, 0, 0)})
    calls = np.where(level.calls == -2, -2, 0).astype(np.int8)
    told = found(replace(level, calls=calls))
    assert [each.model for each in told.models] == list(MODELS)
    assert all(each.robust for each in told.models)
