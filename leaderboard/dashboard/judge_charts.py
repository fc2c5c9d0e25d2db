"""The figure of how places move with the weights: answers in, plotly figure out."""

from __future__ import annotations

import html
from collections.abc import Mapping

import plotly.graph_objects as go

from leaderboard.dashboard import charts, text
from leaderboard.trust import Sensitivity

SCALE = ((0.0, "#fbfaf7"), (0.5, "#8fbcb4"), (1.0, "#0f5c5c"))
"""From never to always, on the colour of the page."""
WRITTEN = 0.1
"""A share below this is seen and not written: a cell has no room for many numbers."""


def places(told: Sensitivity, names: Mapping[str, str]) -> go.Figure:
    """How often each model is at each place: models down, places across, the board's own outlined.

    Args:
        told: of a board, with at least one model.
        names: model -> its name for people.
    """
    count = len(told.models)
    rows = [html.escape(text.clip(names[one.model], 40)) for one in told.models]
    shares = [list(one.shares) for one in told.models]
    figure = go.Figure(
        go.Heatmap(
            x=list(range(1, count + 1)),
            y=list(range(count)),
            z=shares,
            zmin=0,
            zmax=1,
            colorscale=[list(stop) for stop in SCALE],
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=[[row] * count for row in rows],
            hovertemplate="%{customdata}<br>place %{x}: %{z:.0%} of weightings<extra></extra>",
        )
    )
    for number, one in enumerate(told.models):
        figure.add_shape(
            type="rect",
            x0=one.place - 0.5,
            x1=one.place + 0.5,
            y0=number - 0.5,
            y1=number + 0.5,
            line={"color": charts.INK, "width": 1.5},
        )
        for place, share in enumerate(one.shares, start=1):
            if share >= WRITTEN:
                figure.add_annotation(
                    x=place,
                    y=number,
                    text=f"{100 * share:.0f} %",
                    showarrow=False,
                    font={"size": 12, "color": "#ffffff" if share > 0.55 else charts.INK},
                )
    figure.update_layout(
        charts.layout(
            max(120, 60 + 30 * count),
            xaxis=charts.axis(
                "place", tickmode="array", tickvals=list(range(1, count + 1)), showgrid=False
            ),
            yaxis=charts.axis(
                tickmode="array",
                tickvals=list(range(count)),
                ticktext=[f"{row}  " for row in rows],
                range=[count - 0.4, -0.6],
                showgrid=False,
            ),
        )
    )
    return figure
