"""Figures of how long the top lasts: survival, and half-life through time (pure).

Days are on an axis of their own in every figure; the claim that the field repeats is drawn in
each, so that the eye can judge it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import plotly.graph_objects as go

from leaderboard.churn.answers import CLAIM_DAYS, CurvePoint, Estimate, Window
from leaderboard.dashboard import churn_words, text
from leaderboard.dashboard.charts import INK, MUTED, PAGE, ROLE_COLOURS, axis, layout, ticks

CLEAN, PUBLISHED = ROLE_COLOURS["hero"], ROLE_COLOURS["workhorse"]
BAND = "rgba(15, 92, 92, 0.13)"
HEIGHT = 340
REACH = 5.0
"""How far above the highest half-life an interval is drawn, as a factor."""


def survival(
    published: Sequence[CurvePoint],
    clean: Sequence[CurvePoint],
    medians: tuple[Estimate, Estimate],
) -> go.Figure:
    """Share of entrants still in the top, by days since they entered.

    Args:
        published: Kaplan-Meier as published; drawn as steps.
        clean: with the noise taken out and its band; may be empty.
        medians: of the two curves, in this order; marked where they are reached.
    """
    figure = go.Figure()
    if clean and all(point.low is not None and point.high is not None for point in clean):
        days = [point.days for point in clean]
        figure.add_trace(
            go.Scatter(
                x=[*days, *reversed(days)],
                y=[
                    *(100 * (point.high or 0.0) for point in clean),
                    *(100 * (point.low or 0.0) for point in reversed(clean)),
                ],
                mode="lines",
                fill="toself",
                fillcolor=BAND,
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    for name, points, colour, shape in (
        ("as published", published, PUBLISHED, "hv"),
        ("noise taken out, with its 95 % band", clean, CLEAN, "linear"),
    ):
        if points:
            figure.add_trace(_curve(name, points, colour, shape))
    for median, other, colour in (
        (medians[0], medians[1], PUBLISHED),
        (medians[1], medians[0], CLEAN),
    ):
        if median.days is not None:
            # Labels part to the outside, so that two medians close by do not cover each other.
            left = other.days is not None and median.days < other.days
            _mark(figure, median.days, colour, left)
    longest = max((point.days for point in (*published, *clean)), default=CLAIM_DAYS)
    longest = max(longest, 2 * CLAIM_DAYS)
    figure.add_hline(50, line={"color": MUTED, "width": 1, "dash": "dot"})
    figure.add_vline(CLAIM_DAYS, line={"color": INK, "width": 1, "dash": "dash"})
    low = any(p.share < 0.4 for p in (*published, *clean) if p.days <= CLAIM_DAYS)
    figure.add_annotation(
        x=CLAIM_DAYS,
        # Where the curves are not: below them, unless they fall early.
        y=100 if low else 2,
        text=f"the claim: half gone<br>after {CLAIM_DAYS:.0f} days",
        xanchor="left",
        yanchor="top" if low else "bottom",
        xshift=4,
        align="left",
        showarrow=False,
        font={"size": 12, "color": INK},
    )
    figure.update_layout(
        layout(
            HEIGHT,
            margin={"l": 8, "r": 16, "t": 36, "b": 8},
            showlegend=True,
            legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "xanchor": "left"},
            xaxis=axis("days since it entered the top", range=[0, 1.02 * longest]),
            yaxis=axis(
                "still there",
                range=[0, 103],
                tickvals=[0, 25, 50, 75, 100],
                ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"],
            ),
        )
    )
    return figure


def _curve(name: str, points: Sequence[CurvePoint], colour: str, shape: str) -> go.Scatter:
    hover = [
        f"{100 * p.share:.0f} % are still there after {p.days:.0f} days"
        + (
            f"<br>95 %: {100 * p.low:.0f}–{100 * p.high:.0f} %"
            if p.low is not None and p.high is not None
            else ""
        )
        for p in points
    ]
    return go.Scatter(
        x=[point.days for point in points],
        y=[100 * point.share for point in points],
        mode="lines",
        name=name,
        line={"color": colour, "width": 2.5, "shape": shape},
        hovertext=hover,
        hoverinfo="text",
    )


def _mark(figure: go.Figure, days: float, colour: str, left: bool) -> None:
    """A dot at the median and its days beside it, to the lower left or the upper right."""
    figure.add_trace(
        go.Scatter(
            x=[days],
            y=[50],
            mode="markers",
            marker={"size": 9, "color": colour, "line": {"width": 1.5, "color": PAGE}},
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
        )
    )
    figure.add_annotation(
        x=days,
        y=50,
        text=churn_words.days(days),
        xanchor="right" if left else "left",
        yanchor="top" if left else "bottom",
        xshift=-6 if left else 6,
        yshift=-4 if left else 4,
        showarrow=False,
        font={"size": 12, "color": colour},
        bgcolor=PAGE,
        opacity=0.9,
        borderpad=1,
    )


def through_time(windows: Sequence[Window]) -> go.Figure:
    """Half-life in a sliding window, on a logarithmic axis: a halving is as far as a doubling.

    A window without an exit has no upper bound: an arrowhead at what was survived. Windows that
    reach the last board are provisional, drawn hollow and dashed.

    Args:
        windows: at least one, in order of time.
    """
    figure = go.Figure()
    known = [window for window in windows if _height(window) is not None]
    heights = [_height(window) or 1.0 for window in known]
    ends = [
        value
        for window in known
        for value in window.estimate.interval or ()
        if value is not None and value > 0
    ]
    low = 0.8 * min((*heights, *ends, CLAIM_DAYS))
    # A whisker to ten thousand days would press everything else flat: it may leave the chart.
    tallest = max(*heights, CLAIM_DAYS)
    high = 1.25 * min(max((tallest, *ends)), REACH * tallest)
    for window in known:
        if window.estimate.interval is not None:
            figure.add_trace(_whisker(window, low, high))
    for dash, provisional in (("solid", False), ("dot", True)):
        line = _joined(known, provisional)
        figure.add_trace(
            go.Scatter(
                x=[_middle(window) for window in line],
                y=[_height(window) for window in line],
                mode="lines",
                line={"color": CLEAN, "width": 1.5, "dash": dash},
                hoverinfo="skip",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=[_middle(window) for window in known],
            y=heights,
            mode="markers",
            marker={
                "size": 9,
                "symbol": [
                    "circle" if window.estimate.days is not None else "triangle-up"
                    for window in known
                ],
                "color": [PAGE if window.provisional else CLEAN for window in known],
                "line": {"width": 2, "color": CLEAN},
            },
            hovertext=[_window_hover(window) for window in known],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.add_hline(CLAIM_DAYS, line={"color": INK, "width": 1, "dash": "dash"})
    # Beside the chart: inside it, some window would lie under the words.
    figure.add_annotation(
        x=1,
        xref="paper",
        y=math.log10(CLAIM_DAYS),
        text=f"claim:<br>{CLAIM_DAYS:.0f} days",
        xanchor="left",
        xshift=4,
        align="left",
        showarrow=False,
        font={"size": 12, "color": INK},
    )
    marks = [mark for mark in ticks([low, high]) if low <= mark <= high]
    figure.update_layout(
        layout(
            HEIGHT,
            margin={"l": 8, "r": 58, "t": 12, "b": 8},
            xaxis=axis("middle of the window", tickformat="%-d %b<br>%Y", nticks=6),
            yaxis=axis(
                "half-life, days (log scale)",
                type="log",
                range=[math.log10(low), math.log10(high)],
                tickvals=marks,
                ticktext=[f"{mark:g}" for mark in marks],
            ),
        )
    )
    return figure


def _height(window: Window) -> float | None:
    """Where its marker stands: the half-life, or what it exceeds; `None` where nothing is known."""
    value = window.estimate.days or window.estimate.at_least_days
    return value if value is not None and value > 0 else None


def _middle(window: Window) -> datetime:
    return window.begins + (window.ends - window.begins) / 2


def _joined(windows: Sequence[Window], provisional: bool) -> list[Window]:
    """The windows of one kind in a row; the provisional line starts at the last settled window."""
    if not provisional:
        return [window for window in windows if not window.provisional]
    first = next((i for i, window in enumerate(windows) if window.provisional), len(windows))
    return list(windows[max(first - 1, 0) :]) if first < len(windows) else []


def _whisker(window: Window, low: float, high: float) -> go.Scatter:
    bottom, top = window.estimate.interval or (low, high)
    return go.Scatter(
        x=[_middle(window)] * 2,
        y=[max(bottom, low), high if top is None else min(top, high)],
        mode="lines",
        line={"color": BAND, "width": 5},
        hoverinfo="skip",
    )


def _window_hover(window: Window) -> str:
    lines = [
        f"{text.day(window.begins)} – {text.day(window.ends)}",
        f"<b>{churn_words.amount(window.estimate)}</b>",
        churn_words.interval(window.estimate),
        f"{window.exits:.0f} exits",
        "provisional: what is running there is still being decided" if window.provisional else "",
    ]
    return "<br>".join(line for line in lines if line)
