"""Ratings, intervals, rank sets and odds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.errors import RatingError
from leaderboard.ratings.comparisons import Comparisons, compare
from leaderboard.ratings.rate import (
    SCALE,
    Ratings,
    intervals,
    p_top,
    rank_sets,
    rate,
    resampling_weights,
    win_rates,
)
from tests.leaderboard.factory import CLIP, outcomes

EXACT = replace(CLIP, tie_band=0.0)
STRENGTHS = {"a": 0.0, "b": 0.4, "c": 0.8, "d": 1.2}


def compared(
    strengths: dict[str, float] = STRENGTHS, prompts: int = 60, seed: int = 0
) -> Comparisons:
    return compare(outcomes(strengths, prompts, seed=seed), [EXACT])


def test_the_reference_model_is_1000_in_every_draw() -> None:
    found = rate(compared(), reference="b", draws=50)
    assert found.point[1] == pytest.approx(1000)
    assert found.draws[:, 1] == pytest.approx(1000)


def test_without_a_reference_the_mean_is_1000() -> None:
    found = rate(compared(), draws=10)
    assert found.point.mean() == pytest.approx(1000)


def test_400_points_are_odds_of_ten_to_one() -> None:
    found = rate(compared({"a": 0.0, "b": np.log(10)}, prompts=5_000), reference="a", draws=2)
    assert found.point[1] == pytest.approx(1400, abs=30)


def test_relabelling_permutes() -> None:
    names = {"a": "z", "b": "q", "c": "k", "d": "b"}
    made = outcomes(STRENGTHS, 30)
    straight = rate(compare(made, [EXACT]), reference="a", draws=40)
    renamed = rate(
        compare([replace(one, model=names[one.model]) for one in made], [EXACT]),
        reference="z",
        draws=40,
    )
    for old, new in names.items():
        assert renamed.point[renamed.index(new)] == pytest.approx(
            straight.point[straight.index(old)], abs=1e-6
        )
        np.testing.assert_allclose(
            renamed.draws[:, renamed.index(new)], straight.draws[:, straight.index(old)], atol=1e-6
        )


def test_duplicated_comparisons_leave_the_ratings_alone() -> None:
    once = compared()
    thrice = replace(once, wins=3 * once.wins, ties=3 * once.ties)
    np.testing.assert_allclose(rate(thrice, draws=20).point, rate(once, draws=20).point, atol=1e-6)
    np.testing.assert_allclose(rate(thrice, draws=20).draws, rate(once, draws=20).draws, atol=1e-5)


def test_weights_depend_on_seed_and_prompt_alone() -> None:
    both = resampling_weights("prompt", ["p1", "p2"], 30, 0)
    more = resampling_weights("prompt", ["p0", "p2", "p1"], 30, 0)
    np.testing.assert_array_equal(both[:, 0], more[:, 2])
    np.testing.assert_array_equal(both[:, 1], more[:, 1])
    assert not np.array_equal(both, resampling_weights("prompt", ["p1", "p2"], 30, 1))
    assert not np.array_equal(both, resampling_weights("family", ["p1", "p2"], 30, 0))


def test_an_anchor_moves_nobody() -> None:
    alone = rate(compared(), reference="a", draws=30)
    anchored = rate(
        compared(STRENGTHS | {"renderer": 30.0, "noise": -30.0}),
        anchors={"renderer", "noise"},
        reference="a",
        draws=30,
    )
    for model in STRENGTHS:
        np.testing.assert_allclose(
            anchored.draws[:, anchored.index(model)], alone.draws[:, alone.index(model)], atol=1e-6
        )


def test_anchors_bound_the_scale_finitely_and_are_no_candidates() -> None:
    found = rate(
        compared(STRENGTHS | {"renderer": 30.0, "noise": -30.0}), {"renderer", "noise"}, draws=30
    )
    assert np.isfinite(found.draws).all()
    order = [found.models[n] for n in np.argsort(-found.point)]
    assert order[0] == "renderer"
    assert order[-1] == "noise"
    assert set(p_top(found, 1)) == set(rank_sets(found)) == set(STRENGTHS)


def test_two_anchors_and_one_model_can_be_rated() -> None:
    found = rate(
        compared({"renderer": 30.0, "noise": -30.0, "only": 0.0}), {"renderer", "noise"}, draws=10
    )
    assert found.point[found.index("renderer")] > found.point[found.index("only")]
    assert p_top(found, 1) == {"only": 1.0}


def test_models_that_nothing_joins_are_an_error() -> None:
    left = outcomes({"a": 0.0, "b": 1.0}, 5)
    right = [replace(one, prompt=f"other{one.prompt}") for one in outcomes({"c": 0.0, "d": 1.0}, 5)]
    with pytest.raises(RatingError, match="no comparison joins"):
        rate(compare([*left, *right], [EXACT]))


def test_an_unknown_reference_is_an_error() -> None:
    with pytest.raises(RatingError, match="reference model 'zz'"):
        rate(compared(), reference="zz")


def test_odds_of_the_top_places_sum_to_their_number() -> None:
    found = rate(compared(), draws=100)
    for k in (1, 2, 4, 9):
        assert sum(p_top(found, k).values()) == pytest.approx(min(k, 4))


def test_exactly_level_models_share_the_place() -> None:
    found = Ratings(
        ("a", "b", "c"),
        np.zeros(3, dtype=np.bool_),
        None,
        np.array([1000.0, 1000.0, 900.0]),
        np.array([[1000.0, 1000.0, 900.0], [1000.0, 1000.0, 1100.0]]),
        np.zeros(2),
    )
    assert p_top(found, 1) == pytest.approx({"a": 0.25, "b": 0.25, "c": 0.5})
    assert p_top(found, 2) == pytest.approx({"a": 0.75, "b": 0.75, "c": 0.5})


def test_win_rates_are_joint_and_half_against_itself() -> None:
    found = rate(compared(), draws=50)
    assert win_rates(found, "a", "a") == pytest.approx(0.5)
    forth, back = win_rates(found, "d", "a"), win_rates(found, "a", "d")
    np.testing.assert_allclose(forth + back, 1)
    lead = (found.draws[:, 3] - found.draws[:, 0]) / SCALE
    np.testing.assert_allclose(forth, 1 / (1 + np.exp(-lead)))


def test_the_best_of_many_level_models_is_nobody() -> None:
    """One of twenty is first by luck: it may not be called the best with confidence."""
    level = {f"m{n:02}": 0.0 for n in range(20)}
    odds = [max(p_top(rate(compared(level, 40, s), draws=100), 1).values()) for s in range(5)]
    assert max(odds) < 0.35


def test_judges_that_disagree_keep_odds_away_from_certainty() -> None:
    # One family is always for a, the other always for b: more prompts must not settle that.
    prompts = 400
    wins = np.zeros((2, prompts, 2, 2))
    wins[0, :, 0, 1] = 0.55
    wins[1, :, 1, 0] = 0.45
    made = np.ones((prompts, 2, 2), dtype=np.int64) - np.eye(2, dtype=np.int64)
    names = tuple(f"p{n}" for n in range(prompts))
    found = rate(Comparisons(("a", "b"), names, ("f", "g"), wins, np.zeros_like(wins), made))
    assert 0.5 < p_top(found, 1)["a"] < 0.75


@given(st.integers(0, 500))
@settings(max_examples=10, deadline=None)
def test_rank_sets_hold_the_point_rank(seed: int) -> None:
    found = rate(compared(prompts=20, seed=seed), draws=60)
    order = sorted(found.candidates, key=lambda model: -found.point[found.index(model)])
    for rank, model in enumerate(order, start=1):
        assert rank_sets(found)[model].low <= rank <= rank_sets(found)[model].high


def test_rank_sets_shrink_with_evidence_and_open_without() -> None:
    clear = rank_sets(rate(compared({"a": 0.0, "b": 4.0}, prompts=300), draws=200))
    assert (clear["b"].low, clear["b"].high) == (1, 1)
    level = rank_sets(rate(compared({"a": 0.0, "b": 0.05}, prompts=10), draws=200))
    assert (level["b"].low, level["b"].high) == (1, 2)


def test_intervals_and_rank_sets_cover_the_truth() -> None:
    """200 intervals and 50 boards: nominal 95 %, the least that chance leaves is about 90 %."""
    covered, ranked, boards = 0, 0, 50
    truth = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    names = "abcde"
    for seed in range(boards):
        strengths = dict(zip(names, truth, strict=True))
        found = rate(compared(strengths, 60, seed), reference="a", draws=200, ridge=1e-6)
        spans = intervals(found)
        for column in range(1, 5):
            covered += spans[column, 0] <= 1000 + SCALE * truth[column] <= spans[column, 1]
        sets = rank_sets(found)
        ranked += all(
            sets[name].low <= 5 - number <= sets[name].high for number, name in enumerate(names)
        )
    assert 0.90 <= covered / (4 * boards) <= 0.99
    assert ranked / boards >= 0.90
