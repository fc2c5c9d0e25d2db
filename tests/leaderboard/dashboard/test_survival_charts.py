"""The figures of how long the top lasts show what the report says, and mark what it does not."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from leaderboard.churn.answers import CLAIM_DAYS, Estimate
from leaderboard.dashboard import survival_charts
from tests.leaderboard.dashboard import report_factory

REPORT = report_factory.full()
MEDIANS = (REPORT.as_published.kaplan_meier, REPORT.half_life.estimate)


def named(figure: go.Figure) -> dict[str, go.Scatter]:
    """The traces that have a name in the legend."""
    return {trace.name: trace for trace in figure.data if trace.name and trace.showlegend != False}  # noqa: E712


def marked(figure: go.Figure) -> list[float]:
    """Days at which a median is marked."""
    return [trace.x[0] for trace in figure.data if trace.mode == "markers"]


def test_both_curves_and_both_medians_are_drawn() -> None:
    figure = survival_charts.survival(REPORT.curve_published, REPORT.curve, MEDIANS)
    curves = named(figure)
    assert len(curves) == 2
    steps = curves["as published"]
    assert steps.line.shape == "hv"
    assert list(steps.y) == [100 * point.share for point in REPORT.curve_published]
    assert marked(figure) == [39.0, 54.2]


def test_without_a_headline_only_the_published_curve_is_drawn() -> None:
    none = Estimate(None, reason="too few exits")
    figure = survival_charts.survival(REPORT.curve_published, (), (MEDIANS[0], none))
    assert list(named(figure)) == ["as published"]
    assert marked(figure) == [39.0]
    assert not any(trace.fill for trace in figure.data)


@pytest.mark.parametrize("drawn", ["survival", "through_time"])
def test_the_claim_is_marked(drawn: str) -> None:
    if drawn == "survival":
        figure = survival_charts.survival(REPORT.curve_published, REPORT.curve, MEDIANS)
        lines = [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1]
    else:
        figure = survival_charts.through_time(REPORT.windows)
        lines = [shape.y0 for shape in figure.layout.shapes if shape.y0 == shape.y1]
    assert lines == [CLAIM_DAYS]


def test_provisional_windows_are_hollow_and_unreached_ones_are_triangles() -> None:
    figure = survival_charts.through_time(REPORT.windows)
    marker = next(trace for trace in figure.data if trace.mode == "markers").marker
    hollow = [colour == survival_charts.PAGE for colour in marker.color]
    assert hollow == [window.provisional for window in REPORT.windows]
    triangle = [symbol == "triangle-up" for symbol in marker.symbol]
    assert triangle == [window.estimate.days is None for window in REPORT.windows]


def test_an_interval_without_an_upper_end_reaches_the_top_of_the_chart() -> None:
    open_ended = replace(REPORT.windows[1], estimate=Estimate(50.0, (20.0, None)))
    figure = survival_charts.through_time([open_ended])
    whisker = next(trace for trace in figure.data if trace.line.width == 5)
    bottom, top = figure.layout.yaxis.range
    assert bottom < top
    assert whisker.y[0] == 20.0
    assert whisker.y[1] == pytest.approx(10**top)


def test_an_interval_far_above_every_half_life_does_not_press_the_chart_flat() -> None:
    wide = replace(REPORT.windows[1], estimate=Estimate(100.0, (20.0, 9000.0)))
    figure = survival_charts.through_time([wide])
    bottom, top = (10**end for end in figure.layout.yaxis.range)
    assert top < 1000
    whisker = next(trace for trace in figure.data if trace.line.width == 5)
    assert bottom <= whisker.y[0] < whisker.y[1] <= top * 1.001
