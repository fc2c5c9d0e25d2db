"""Figures of the Usage page: traffic through time beside rank.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from leaderboard.dashboard.bump import PALETTE, REST
from leaderboard.dashboard.charts import LEAST, axis, layout
from leaderboard.usage.answers import RankPoint, Share

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
