"""Figures of the Usage page: traffic through time beside rank, and shares with their curves.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from leaderboard.dashboard.bump import PALETTE, REST
from leaderboard.dashboard.charts import LEAST, axis, layout
from leaderboard.usage.answers import RankPoint, Share
from leaderboard.usage.shift_answers import Adopted, Trend

OTHERS = "all others"


def colours(weeks: Sequence[Share]) -> dict[str, str]:
    """Name -> colour: those with most calls get one each, the others share grey."""
    calls: dict[str, int] = {}
    for one in weeks:
        calls[one.name] = calls.get(one.name, 0) + one.calls
    order = sorted(calls, key=lambda name: (-calls[name], name))
    return {name: PALETTE[n] if n < len(PALETTE) else REST for n, name in enumerate(order)}


def traffic(weeks: Sequence[Share], colour: Mapping[str, str]) -> go.Figure:
    """Share of the calls of each week, stacked; who has no colour of its own is added up.

    Args:
        weeks: at least one.
        colour: of every name.
    """
    figure = go.Figure()
    names = [name for name in colour if colour[name] != REST]
    begins = sorted({one.begins for one in weeks})
    by_name: dict[str, dict[object, float]] = {name: {} for name in [*names, OTHERS]}
    for one in weeks:
        own = by_name[one.name if one.name in names else OTHERS]
        own[one.begins] = own.get(one.begins, 0.0) + one.share
    for name, own in by_name.items():
        if own:
            figure.add_trace(
                go.Bar(
                    x=begins,
                    y=[100 * own.get(week, 0.0) for week in begins],
                    name=html.escape(name),
                    marker={"color": colour.get(name, REST)},
                    hovertemplate=f"{html.escape(name)}<br>%{{y:.1f}} %<extra></extra>",
                )
            )
    figure.update_layout(
        layout(
            max(LEAST, 320),
            barmode="stack",
            showlegend=True,
            legend={"orientation": "h"},
            xaxis=axis(type="date"),
            yaxis=axis("% of the week's calls", range=[0, 100]),
        )
    )
    return figure


def shares(trends: Sequence[Trend]) -> go.Figure:
    """Shares by date with their intervals, and the curve of each that follows one.

    Args:
        trends: at least one, each with points.
    """
    figure = go.Figure()
    for number, one in enumerate(trends):
        colour = PALETTE[number] if number < len(PALETTE) else REST
        name = html.escape("AI" if one.what == "class" else one.name)
        figure.add_trace(
            go.Scatter(
                x=[point.day for point in one.points],
                y=[100 * point.share for point in one.points],
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [100 * (point.high - point.share) for point in one.points],
                    "arrayminus": [100 * (point.share - point.low) for point in one.points],
                    "thickness": 1,
                    "width": 0,
                    "color": colour,
                },
                mode="markers",
                marker={"color": colour, "size": 7},
                name=name,
                customdata=[point.rank or "unknown" for point in one.points],
                hovertemplate=f"{name}<br>%{{y:.1f}} %, rank %{{customdata}}<extra></extra>",
            )
        )
        if one.fit is not None:
            days = _days(one.points[0].day, one.points[-1].day)
            figure.add_trace(
                go.Scatter(
                    x=days,
                    y=[100 * _on_curve(one.fit, day) for day in days],
                    mode="lines",
                    line={"color": colour, "width": 2},
                    name=f"{name}, logistic",
                    hoverinfo="skip",
                )
            )
    figure.update_layout(
        layout(
            LEAST,
            showlegend=True,
            legend={"orientation": "h"},
            xaxis=axis(type="date"),
            yaxis=axis("%", rangemode="tozero"),
        )
    )
    return figure


def _days(first: date, last: date) -> list[date]:
    step = max((last - first).days // 100, 1)
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]


def _on_curve(fit: Adopted, day: date) -> float:
    return fit.level / (1 + math.exp(-fit.rate_per_year * (day - fit.middle).days / 365.25))


def ranks(points: Sequence[RankPoint], colour: Mapping[str, str]) -> go.Figure:
    """Places on the board, in the colours of the traffic, 1 on top.

    Args:
        points: at least one.
        colour: of models with traffic; others are grey.
    """
    figure = go.Figure()
    for model in sorted({one.model for one in points}):
        own = [one for one in points if one.model == model]
        figure.add_trace(
            go.Scatter(
                x=[one.at for one in own],
                y=[one.rank for one in own],
                mode="lines+markers",
                line={"color": colour.get(model, REST), "width": 2, "shape": "hv"},
                name=html.escape(model),
                hovertemplate=f"{html.escape(model)}<br>rank %{{y}}<extra></extra>",
            )
        )
    figure.update_layout(
        layout(LEAST, xaxis=axis(type="date"), yaxis=axis("rank", autorange="reversed"))
    )
    return figure
