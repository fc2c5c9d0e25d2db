"""VBench under other weights: the order, where it turns, and who leads when."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.errors import InputError, ScoreError
from evals.vbench import DIMENSIONS
from leaderboard.history.vbench_weights import (
    VBENCH,
    Standing,
    Weights,
    checked,
    leads,
    standings,
    turns,
)
from tests.vbench_files import GEN_3, TABLES, Table

WEIGHTS = st.builds(
    Weights,
    st.floats(0, 50),
    st.dictionaries(st.sampled_from(list(DIMENSIONS)), st.floats(0.1, 10), max_size=5),
)
PROBES = st.floats(0, 1e4)


def totals(order: tuple[Standing, ...], weight: float) -> dict[str, float]:
    return {one.model: (weight * one.quality + one.semantic) / (weight + 1) for one in order}


@given(TABLES, WEIGHTS)
def test_the_order_is_by_total(table: Table, weights: Weights) -> None:
    order = standings(table, weights)
    expected = totals(order, weights.quality)
    assert {one.model: one.total for one in order} == pytest.approx(expected)
    assert [one.total for one in order] == sorted((one.total for one in order), reverse=True)
    for one in order:
        assert one.rank == 1 + sum(other.total > one.total for other in order)


@given(TABLES, WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    table: Table, weights: Weights, random: Random
) -> None:
    models = list(table)
    random.shuffle(models)
    assert standings({model: table[model] for model in models}, weights) == standings(
        table, weights
    )


@given(TABLES, WEIGHTS, st.floats(0.1, 9))
def test_only_the_ratio_of_a_parts_weights_counts(
    table: Table, weights: Weights, factor: float
) -> None:
    full = {name: weights.dimensions.get(name, d.weight) for name, d in DIMENSIONS.items()}
    scaled = Weights(weights.quality, {name: factor * weight for name, weight in full.items()})
    for one, other in zip(standings(table, weights), standings(table, scaled), strict=True):
        assert one.total == pytest.approx(other.total)


@given(TABLES, WEIGHTS, PROBES)
def test_neighbours_change_places_exactly_where_it_says(
    table: Table, weights: Weights, probe: float
) -> None:
    order = standings(table, weights)
    for turn in turns(order):
        at = totals(order, probe)
        ahead = at[turn.lower] - at[turn.upper]
        if abs(ahead) < 1e-9:
            continue
        if turn.at is None:
            assert ahead < 0
        else:
            assert (ahead > 0) == (probe > turn.at if turn.side == "above" else probe < turn.at)


def test_the_order_turns_on_either_side_of_the_crossing() -> None:
    plain = {"still": GEN_3 | {"dynamic_degree": 60.0, "scene": 60.0}}
    lively = {"lively": GEN_3 | {"dynamic_degree": 75.0, "scene": 50.0}}
    order = standings(plain | lively)
    (turn,) = turns(order)
    # Quality: 15 · 0.5 / 6.5 more; semantic: 10 / 0.8222 / 9 less.
    assert turn.at == pytest.approx((10 / 0.8222 / 9) / (15 * 0.5 / 6.5))
    assert (turn.upper, turn.lower, turn.side) == ("lively", "still", "below")
    assert turn.at is not None
    for weight, first in ((turn.at * 0.999, "still"), (turn.at * 1.001, "lively")):
        assert standings(plain | lively, Weights(weight))[0].model == first
    assert [(lead.model, lead.low, lead.high) for lead in leads(order)] == [
        ("still", 0.0, turn.at),
        ("lively", turn.at, None),
    ]


@given(TABLES, WEIGHTS, PROBES)
def test_the_leader_of_a_stretch_has_the_highest_total_on_it(
    table: Table, weights: Weights, probe: float
) -> None:
    order = standings(table, weights)
    found = leads(order)
    assert found[0].low == 0
    assert found[-1].high is None
    for one, after in pairwise(found):
        assert one.high == after.low
        assert one.low < after.low
    (leader,) = (
        one.model for one in found if one.low <= probe and (one.high is None or probe < one.high)
    )
    at = totals(order, probe)
    assert at[leader] == pytest.approx(max(at.values()), abs=1e-9)


def test_equal_models_share_a_rank_and_never_turn() -> None:
    order = standings({"b": GEN_3, "a": GEN_3})
    assert [(one.model, one.rank) for one in order] == [("a", 1), ("b", 1)]
    assert [turn.at for turn in turns(order)] == [None]
    assert [(lead.model, lead.low, lead.high) for lead in leads(order)] == [("a", 0.0, None)]


def test_a_model_without_a_total_takes_no_place() -> None:
    part = {name: score for name, score in GEN_3.items() if name != "scene"}
    assert [one.model for one in standings({"part": part, "whole": GEN_3})] == ["whole"]
    assert leads(standings({"part": part})) == ()


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (Weights(-1.0), "weight of quality: -1.0"),
        (Weights(math.inf), "weight of quality: inf"),
        (Weights(4.0, {"scene": math.nan}), "weight of scene: nan"),
        (Weights(4.0, {"dynamic": 1.0}), 'no dimension "dynamic"; did you mean "dynamic_degree"'),
    ],
)
def test_weights_that_are_none_are_refused(weights: Weights, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked(weights)


def test_a_part_that_weighs_nothing_is_an_error() -> None:
    none = {name: 0.0 for name, d in DIMENSIONS.items() if d.part == "quality"}
    with pytest.raises(ScoreError, match="quality score: every dimension weighs 0"):
        standings({"a": GEN_3}, checked(Weights(4.0, none)))
    assert checked(VBENCH) is VBENCH
