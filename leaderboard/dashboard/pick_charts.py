"""Figures of the Picks page: the frontier of cost and quality, and who held a role when.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import plotly.graph_objects as go

from leaderboard import wording
from leaderboard.dashboard import text
from leaderboard.dashboard.charts import LEAST, MUTED, OTHER, ROLE_COLOURS, axis, layout
from leaderboard.pick_answers import FrontierPoint, LogEntry, Role

SHORTEST = timedelta(days=14)
"""Time that the figure of terms shows at least: days, not the seconds of a first decision."""


def frontier(points: Sequence[FrontierPoint], roles: Mapping[str, str]) -> go.Figure:
    """Rating over price on a log axis; the steps join those whom nobody cheaper beats.

    Args:
        points: candidates of one task and domain, the cheapest first, at least one.
        roles: model -> `hero` or `workhorse`.
    """
    figure = go.Figure()
    best = [point for point in points if point.on_frontier]
    figure.add_trace(
        go.Scatter(
            x=[point.price for point in best],
            y=[point.rating for point in best],
            mode="lines",
            line={"shape": "hv", "color": MUTED, "width": 1.5, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    labels = 0
    for point in points:
        colour = ROLE_COLOURS.get(roles.get(point.model, ""), OTHER)
        named = point.on_frontier or point.model in roles
        labels += named
        error = None
        if point.rating_low is not None and point.rating_high is not None:
            error = {
                "type": "data",
                "symmetric": False,
                "array": [point.rating_high - point.rating],
                "arrayminus": [point.rating - point.rating_low],
                "color": colour,
                "thickness": 1,
                "width": 0,
            }
        figure.add_trace(
            go.Scatter(
                x=[point.price],
                y=[point.rating],
                error_y=error,
                mode="markers+text" if named else "markers",
                # The surer that nobody cheaper is better, the fuller the dot.
                marker={
                    "size": 12,
                    "color": colour,
                    "opacity": 0.3 + 0.7 * point.p_frontier,
                    "line": {"width": 1.5, "color": colour},
                },
                text=[html.escape(point.name)],
                # To the left above, then to the right below: neighbours' names keep apart.
                textposition="top left" if labels % 2 else "bottom right",
                textfont={"size": 12},
                hovertext=[_hover(point)],
                hoverinfo="text",
                cliponaxis=False,
            )
        )
    unit = "US dollars per second of clip" if points[0].per_clip_second else "US dollars each"
    figure.update_layout(
        layout(max(LEAST, 360), xaxis=axis(f"{unit}, log scale", type="log"), yaxis=axis("rating"))
    )
    return figure


def terms(log: Sequence[LogEntry], now: datetime) -> go.Figure:
    """Who held each role when: one bar for each stay, and a mark for each refusal to switch.

    Args:
        log: of one task and domain, in order of time, at least one entry.
        now: where the running stays are drawn to.
    """
    figure = go.Figure()
    places: tuple[Role, ...] = ("workhorse", "hero")
    for role in places:
        own = [entry for entry in log if entry.role == role]
        turns = [entry for entry in own if entry.action in ("chosen", "switched", "dropped")]
        for number, entry in enumerate(turns):
            if entry.model is None:
                continue
            end = turns[number + 1].at if number + 1 < len(turns) else now
            figure.add_trace(
                go.Scatter(
                    x=[entry.at, end],
                    y=[role, role],
                    mode="lines+text",
                    line={"color": ROLE_COLOURS[role], "width": 14},
                    text=[html.escape(entry.model), ""],
                    textposition="top right",
                    hovertext=[f"{html.escape(entry.model)}<br>{html.escape(entry.reason)}"] * 2,
                    hoverinfo="text",
                )
            )
            figure.add_trace(
                go.Scatter(
                    x=[entry.at],
                    y=[role],
                    mode="markers",
                    marker={"symbol": "line-ns", "size": 20, "line": {"width": 2, "color": MUTED}},
                    hoverinfo="skip",
                )
            )
        held = [entry for entry in own if entry.action == "held"]
        if held:
            figure.add_trace(
                go.Scatter(
                    x=[entry.at for entry in held],
                    y=[role] * len(held),
                    mode="markers",
                    marker={"symbol": "x", "size": 8, "color": "#ffffff"},
                    hovertext=[html.escape(entry.reason) for entry in held],
                    hoverinfo="text",
                )
            )
    begin = min(entry.at for entry in log)
    end = max(now, begin + SHORTEST)
    margin = (end - begin) / 50
    figure.update_layout(
        layout(
            200,
            xaxis=axis(type="date", range=[begin - margin, end + margin], tickformat="%-d %b %y"),
            yaxis=axis(type="category", categoryorder="array", categoryarray=list(places)),
        )
    )
    return figure


def _hover(point: FrontierPoint) -> str:
    return "<br>".join(
        [
            f"<b>{html.escape(point.name)}</b>",
            f"rating {point.rating:.0f}",
            f"{text.usd(point.price)}{' per clip second' if point.per_clip_second else ' each'}",
            f"nobody cheaper is better: {wording.odds(point.p_frontier)}",
        ]
    )
