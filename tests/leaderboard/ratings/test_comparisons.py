"""Who won, within one prompt and seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.evidence import PersonVote
from leaderboard.ratings.comparisons import compare, connected
from leaderboard.ratings.verdicts import Mark, Outcome
from tests.leaderboard.factory import CLIP, TRUTH, aggregate, outcomes
from tests.leaderboard.ratings.opinions import vote

SHARP = replace(CLIP, name="sharpness", judge=None, family=None, tie_band=0.0)
SECOND = replace(CLIP, name="second", tie_band=0.0)
SPECS = [CLIP, SECOND, SHARP]


def outcome(model: str, prompt: str = "p", seed: int = 0, **values: float) -> Outcome:
    marks = {name: Mark(value, "same") for name, value in values.items()}
    return Outcome(model, prompt, seed, False, marks)


def votes(first: Outcome, second: Outcome, *specs: object) -> tuple[float, float, float]:
    """Wins of the first, ties, wins of the second, over all families."""
    wins, ties = aggregate(compare([first, second], specs))  # type: ignore[arg-type]
    return wins[0, 1], ties[0, 1], wins[1, 0]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (22.0, 21.0, (1, 0, 0)),
        (21.0, 22.0, (0, 0, 1)),
        (21.0, 21.15, (0, 1, 0)),
        (21.0, 21.0, (0, 1, 0)),
    ],
)
def test_the_better_score_wins_outside_the_tie_band(
    left: float, right: float, expected: tuple[float, float, float]
) -> None:
    assert votes(outcome("a", clip_score=left), outcome("b", clip_score=right), CLIP) == expected


def test_lower_is_better_where_the_metric_says_so() -> None:
    lower = replace(CLIP, higher_is_better=False)
    assert votes(outcome("a", clip_score=1.0), outcome("b", clip_score=2.0), lower) == (1, 0, 0)


def test_metrics_of_a_family_share_one_vote() -> None:
    first = outcome("a", clip_score=22, second=5, sharpness=1)
    second = outcome("b", clip_score=20, second=9, sharpness=2)
    # The clip family is split, sharpness is for b: half a vote for each family.
    assert votes(first, second, CLIP, SECOND, SHARP) == pytest.approx((0.25, 0, 0.75))


def test_more_metrics_of_one_family_do_not_outvote_another() -> None:
    many = [replace(SECOND, name=f"copy{n}") for n in range(6)]
    first = outcome("a", sharpness=2, **{spec.name: 1 for spec in many})
    second = outcome("b", sharpness=1, **{spec.name: 2 for spec in many})
    assert votes(first, second, SHARP, *many) == pytest.approx((0.5, 0, 0.5))


def test_truth_never_votes() -> None:
    first, second = outcome("a", caption_accuracy=1.0), outcome("b", caption_accuracy=0.0)
    assert votes(first, second, CLIP, TRUTH) == (0, 0, 0)


def test_a_failure_loses_and_two_failures_tie() -> None:
    failed = Outcome("a", "p", 0, failed=True)
    assert votes(failed, outcome("b", clip_score=1), CLIP) == (0, 0, 1)
    assert votes(failed, outcome("b"), CLIP) == (0, 0, 1)
    assert votes(failed, Outcome("b", "p", 0, failed=True), CLIP) == (0, 1, 0)


def test_only_seeds_that_both_have_are_compared() -> None:
    left = [outcome("a", seed=seed, clip_score=30) for seed in (0, 1, 2)]
    right = [outcome("b", seed=seed, clip_score=20) for seed in (1, 2, 3)]
    found = compare([*left, *right], [CLIP])
    assert found.made.sum(axis=0)[0, 1] == 2
    assert aggregate(found)[0][0, 1] == 2


def test_scores_of_different_fingerprints_are_never_compared() -> None:
    old = Outcome("b", "p", 0, marks={"clip_score": Mark(1.0, "other judge")})
    found = compare([outcome("a", clip_score=30), old], [CLIP])
    assert found.made.sum() == 0
    assert [entry.what for entry in found.left_out] == ["clip_score"]
    assert "1 comparisons" in found.left_out[0].reason


def test_two_outcomes_of_one_trial_are_refused() -> None:
    with pytest.raises(ValueError, match="two outcomes of a"):
        compare([outcome("a", clip_score=1), outcome("a", clip_score=2)], [CLIP])


@given(st.integers(0, 1000), st.permutations(range(4)))
@settings(max_examples=20, deadline=None)
def test_order_changes_nothing(seed: int, order: list[int]) -> None:
    made = outcomes({f"m{n}": n * 0.3 for n in range(4)}, prompts=5, seeds=2, seed=seed)
    shuffled = [one for n in order for one in made if one.model == f"m{n}"][::-1]
    straight, other = compare(made, [CLIP]), compare(shuffled, [CLIP])
    assert straight.models == other.models
    np.testing.assert_array_equal(straight.wins, other.wins)
    np.testing.assert_array_equal(straight.ties, other.ties)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_votes_of_a_comparison_sum_to_one(seed: int) -> None:
    names = ("clip_score", "second", "sharpness")
    made = outcomes({"a": 0.0, "b": 0.2, "c": 0.4}, 6, 2, names, seed)
    found = compare(made, [CLIP, SECOND, SHARP])
    wins, ties = found.wins.sum(axis=0), found.ties.sum(axis=0)
    np.testing.assert_allclose(wins + wins.swapaxes(1, 2) + ties, found.made)


def test_naive_count_by_hand_agrees() -> None:
    made = outcomes({"a": 0.0, "b": 0.5, "c": 1.0}, 10, 2, seed=5)
    wins, ties = aggregate(compare(made, [CLIP]))
    for i, left in enumerate("abc"):
        for j, right in enumerate("abc"):
            leads = [
                one.marks["clip_score"].value - two.marks["clip_score"].value
                for one in made
                for two in made
                if (one.model, two.model) == (left, right)
                and (one.prompt, one.seed) == (two.prompt, two.seed)
                and i != j
            ]
            assert wins[i, j] == sum(lead > 0.2 for lead in leads)
            assert ties[i, j] == sum(abs(lead) <= 0.2 for lead in leads)


def test_groups_that_comparisons_join() -> None:
    made = [
        *(outcome(model, "p", clip_score=1) for model in "abc"),
        *(outcome(model, "q", clip_score=1) for model in "de"),
    ]
    assert connected(compare(made, [CLIP])) == (("a", "b", "c"), ("d", "e"))


def test_a_selection_keeps_the_votes_among_the_selected() -> None:
    made = outcomes({"a": 0.0, "b": 0.5, "c": 1.0}, 10)
    whole = compare(made, [CLIP])
    part = compare([one for one in made if one.model != "b"], [CLIP])
    np.testing.assert_array_equal(whole.only(["c", "a"]).wins, part.wins)


WEIGHTS = {"clip_score": 0.2, "second": 0.3, "sharpness": 0.5}


def test_weights_are_the_shares_of_a_comparison() -> None:
    first = outcome("a", clip_score=22, second=5, sharpness=1)
    second = outcome("b", clip_score=20, second=9, sharpness=1)
    found = compare([first, second], SPECS, WEIGHTS)
    wins, ties = aggregate(found)
    assert (wins[0, 1], wins[1, 0], ties[0, 1]) == pytest.approx((0.2, 0.3, 0.5))


def test_a_metric_without_a_score_hands_its_share_to_its_family_alone() -> None:
    pair = [outcome("a", second=5, sharpness=1), outcome("b", second=9, sharpness=2)]
    wins, _ = aggregate(compare(pair, SPECS, WEIGHTS))
    assert wins[1, 0] == pytest.approx(1.0)
    # A family that says nothing leaves its share unused: the others do not speak for it.
    alone = compare([outcome("a", sharpness=1), outcome("b", sharpness=2)], SPECS, WEIGHTS)
    assert aggregate(alone)[0][1, 0] == pytest.approx(0.5)


def test_what_has_no_weight_makes_no_comparison() -> None:
    pair = [outcome("a", second=5), outcome("b", second=9)]
    found = compare(pair, [CLIP, SECOND], {"clip_score": 1.0})
    assert found.made.sum() == 0
    assert found.wins.sum() == found.ties.sum() == 0


def test_metrics_of_whole_models_never_vote() -> None:
    whole = replace(SECOND, level="model")
    assert votes(outcome("a", second=5), outcome("b", second=9), CLIP, whole) == (0, 0, 0)


@given(
    st.integers(0, 500),
    st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
    st.floats(0.01, 0.9),
)
@settings(max_examples=20, deadline=None)
def test_a_family_has_its_total_whatever_is_missing(
    seed: int, raw: list[float], absent: float
) -> None:
    """Whatever scores there are, each comparison that a family makes weighs the family's total."""
    random = np.random.default_rng(seed)
    made = [
        replace(
            one,
            failed=bool(random.random() < 0.2),
            marks={name: mark for name, mark in one.marks.items() if random.random() > absent},
        )
        for one in outcomes(dict.fromkeys("abc", 0.0), 6, 2, tuple(WEIGHTS), seed)
    ]
    weights = {name: value / sum(raw) for name, value in zip(WEIGHTS, raw, strict=True)}
    found = compare(made, SPECS, weights)
    totals = {"clip": weights["clip_score"] + weights["second"], "sharpness": weights["sharpness"]}
    for family, wins, ties in zip(found.families, found.wins, found.ties, strict=True):
        each = (wins + wins.swapaxes(1, 2) + ties) / totals[family]
        np.testing.assert_allclose(each, np.round(each), atol=1e-9)
        assert (each <= found.made + 1e-9).all()


def test_votes_are_a_family_of_their_own() -> None:
    pair = [outcome("a", clip_score=22), outcome("b", clip_score=20)]
    ballots = [vote("right"), vote("right", voter="w"), vote("tie"), vote("both_bad")]
    found = compare(pair, [CLIP], {"clip_score": 0.75, "people": 0.25}, ballots)
    assert found.families == ("clip", "people")
    assert found.wins[0, 0, 0, 1] == 0.75
    # Two of four for b, two for neither: halves of the one vote that a comparison is.
    assert found.wins[1, 0, 1, 0] == 0.125
    assert found.ties[1, 0, 0, 1] == found.ties[1, 0, 1, 0] == 0.125
    # What metrics compared already is not counted again.
    assert found.made[0, 0, 1] == 1


def test_votes_on_two_seeds_are_comparisons_that_metrics_do_not_make() -> None:
    pair = [outcome("a", clip_score=22), outcome("b", clip_score=20)]
    turned = vote(left="b", right="a", left_seed=3)
    ballots = [vote(right_seed=3), vote(right_seed=3, voter="w"), turned]
    found = compare(pair, [CLIP], None, ballots)
    # The three votes are on one pair of generations, the metric's verdict on another.
    assert found.made[0, 0, 1] == found.made[0, 1, 0] == 2
    assert found.wins[1, 0, 0, 1] == pytest.approx(0.5 * 2 / 3)
    assert found.wins[1, 0, 1, 0] == pytest.approx(0.5 * 1 / 3)


@given(
    st.lists(
        st.builds(
            vote,
            st.sampled_from(["left", "right", "tie", "both_bad"]),
            st.sampled_from(["p", "q"]),
            left_seed=st.integers(0, 2),
            right_seed=st.integers(0, 2),
        ),
        min_size=1,
        max_size=40,
    )
)
@settings(max_examples=50, deadline=None)
def test_people_have_one_vote_a_pair_of_generations(ballots: list[PersonVote]) -> None:
    """However many voted on it, and whichever of the two was on the left."""
    pairs = {(each.prompt, each.left_seed, each.right_seed) for each in ballots}
    turn = {"left": "right", "right": "left"}
    turned = [
        replace(
            each,
            left=each.right,
            left_seed=each.right_seed,
            right=each.left,
            right_seed=each.left_seed,
            outcome=turn.get(each.outcome, each.outcome),
        )
        for each in ballots
    ]
    found = compare([], [], {"people": 1.0}, ballots)
    assert (found.wins + found.ties / 2).sum() == pytest.approx(len(pairs))
    assert found.made.sum() == 2 * len(pairs)
    again = compare([], [], {"people": 1.0}, [*turned, *ballots, *ballots])
    np.testing.assert_allclose(again.wins, found.wins)
    np.testing.assert_allclose(again.ties, found.ties)


def test_people_alone_can_join_models() -> None:
    found = compare([], [CLIP], {"people": 1.0}, [vote(), vote(left="b", right="c")])
    assert connected(found) == (("a", "b", "c"),)
    assert found.families == ("people",)


def test_votes_without_weight_are_not_there() -> None:
    found = compare([], [CLIP], {"clip_score": 1.0}, [vote()])
    assert found.made.sum() == 0
    assert found.families == ("clip",)
