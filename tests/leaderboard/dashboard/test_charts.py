"""Figures are pure functions of answers: what is drawn is what the answer says."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.answers import Board, BoardRow
from leaderboard.dashboard import charts

AT = datetime(2026, 10, 7, tzinfo=UTC)


def row(model: str, rating: float, **changes: object) -> BoardRow:
    base = BoardRow(
        model=model,
        name=model.upper(),
        vendor=None,
        anchor=None,
        simulated=True,
        rank=1,
        rank_low=1,
        rank_high=2,
        rating=rating,
        rating_low=rating - 10,
        rating_high=rating + 20,
        p_best=0.5,
        p_top5=1.0,
        comparisons=100,
        prompts=10,
        failure_rate=0.0,
        latency_p50_s=0.5,
        latency_p95_s=0.7,
        cost_usd=0.001,
        cost_basis=None,
    )
    return replace(base, **changes)  # pyright: ignore[reportArgumentType]


def board(*rows: BoardRow) -> Board:
    return Board(
        "evals", "text-to-image", "all", AT, "s", "v", True, None, ("clip_score",), rows, ()
    )


def test_each_model_has_its_dot_and_its_interval() -> None:
    rows = [row("a", 1200.0), row("b", 1000.0)]
    figure = charts.ratings(board(*rows), {"a": "hero"})
    drawn = {(tuple(trace.x), trace.mode) for trace in figure.data}
    for each in rows:
        assert ((each.rating,), "markers") in drawn
        assert ((each.rating_low, each.rating_high), "lines") in drawn


def test_anchors_do_not_squeeze_the_scale() -> None:
    models = [row("a", 1200.0), row("b", 1000.0)]
    with_anchors = [
        row("top", 9000.0, anchor="upper"),
        *models,
        row("noise", -4000.0, anchor="lower"),
    ]
    assert charts.span(with_anchors) == charts.span(models)
    low, high = charts.span(models)
    figure = charts.ratings(board(*with_anchors), {})
    assert all(low <= x <= high for trace in figure.data for x in trace.x)
    assert {"9000", "-4000"} <= {text for trace in figure.data for text in trace.text or ()}


def test_markup_in_a_name_is_escaped() -> None:
    figure = charts.ratings(board(row("a", 1000.0, name="<a href='javascript:x'>n</a>")), {})
    assert "<a " not in figure.to_json().replace("\\u003c", "<")


def test_unknown_cost_and_anchors_are_not_on_the_cost_chart() -> None:
    rows = [
        row("priced", 1000.0),
        row("unpriced", 1100.0, cost_usd=None),
        row("renderer", 2000.0, anchor="upper"),
    ]
    figure = charts.cost_quality(board(*rows), {})
    assert [text for trace in figure.data for text in trace.text or ()] == ["PRICED"]


@given(
    st.lists(
        st.tuples(st.sampled_from([None, 0.001, 0.002, 0.003, 0.004]), st.integers(900, 1100)),
        max_size=8,
    )
)
def test_the_frontier_is_what_nothing_dominates(points: list[tuple[float | None, int]]) -> None:
    rows = [row(str(i), float(r), cost_usd=cost) for i, (cost, r) in enumerate(points)]
    priced = {(r.cost_usd, r.rating) for r in rows if r.cost_usd is not None}
    undominated = {
        (cost, rating)
        for cost, rating in priced
        if not any(c <= cost and q >= rating and (c, q) != (cost, rating) for c, q in priced)
    }
    assert {(r.cost_usd, r.rating) for r in charts.frontier(rows)} == undominated


@given(st.lists(st.floats(1e-6, 1e4), min_size=1, max_size=6))
def test_marks_of_the_cost_axis_enclose_what_is_shown(values: list[float]) -> None:
    marks = charts.ticks(values)
    assert marks[0] <= min(values)
    assert marks[-1] >= max(values)
    assert list(marks) == sorted(set(marks))


def test_in_a_crowd_only_the_frontier_and_the_picks_are_named() -> None:
    crowd = [row(f"m{i}", 1000.0 - i, cost_usd=0.001 * (i + 1)) for i in range(9)]
    figure = charts.cost_quality(board(*crowd), {"m5": "workhorse"})
    assert {text for trace in figure.data for text in trace.text or () if text} == {"M0", "M5"}


@given(
    st.lists(st.tuples(st.floats(1e-5, 1.0), st.floats(0, 2000)), min_size=1, max_size=12),
)
def test_names_never_cover_one_another_and_the_first_is_always_there(
    points: list[tuple[float, float]],
) -> None:
    rows = [row(f"m{i}", rating, cost_usd=cost) for i, (cost, rating) in enumerate(points)]
    named = charts.legible(rows, rows)
    assert rows[0].model in named
    costs = [math.log(cost) for cost, _ in points]
    ratings = [rating for _, rating in points]
    shown = [r for r in rows if r.model in named]
    for i, one in enumerate(shown):
        for other in shown[:i]:
            apart = abs(math.log(one.cost_usd / other.cost_usd))
            assert (
                abs(one.rating - other.rating) > (max(ratings) - min(ratings)) / 20
                or apart > (max(costs) - min(costs)) / 3
            )
