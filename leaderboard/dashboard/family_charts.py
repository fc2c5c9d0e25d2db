"""The figure of the Families page: a base, its variants, and how far each is off.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from leaderboard.dashboard.charts import GRID, INK, MUTED, PAGE, axis, layout
from leaderboard.distinctness.answers import Variant, Verdict
from leaderboard.distinctness.words import number

COLOURS: Mapping[Verdict, str] = {
    "distinct": "#0f5c5c",
    "not distinct": "#b9770e",
    "not measured": MUTED,
}
ROW = 44
"""Height of a branch in pixels."""
_EDGE = 70


def tree(base: str, variants: Sequence[Variant], factor: float) -> go.Figure:
    """One branch per variant, as long as its style is far from the base.

    Args:
        base: name of the base.
        variants: at least one; drawn from top to bottom. Without a distance: a bare name.
        factor: where distinct begins.
    """
    figure = go.Figure()
    rows = len(variants)
    middle = (rows - 1) / 2
    for place, one in enumerate(variants):
        ratio = None if one.measured is None else one.measured.ratio
        end = max(0.0, ratio or 0.0)
        colour = COLOURS[one.verdict]
        figure.add_trace(
            go.Scatter(
                x=[0, 0, end],
                y=[middle, place, place],
                mode="lines",
                line={"color": colour if ratio is not None else GRID, "width": 2},
                hoverinfo="skip",
            )
        )
        told = f"{number(ratio)} × what a seed changes" if ratio is not None else "not measured"
        figure.add_trace(
            go.Scatter(
                x=[end],
                y=[place],
                mode="markers+text",
                text=[f"  {html.escape(one.name)}"],
                textposition="middle right",
                textfont={"color": INK if ratio is not None else MUTED},
                cliponaxis=False,
                marker={
                    "size": 13,
                    "color": colour if one.verdict == "distinct" else PAGE,
                    "line": {"color": colour, "width": 2},
                },
                hovertemplate=f"{html.escape(one.name)}<br>{told}<br>{one.verdict}<extra></extra>",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=[0],
            y=[middle],
            mode="markers",
            marker={"size": 17, "color": INK},
            hovertemplate=f"{html.escape(base)}<extra></extra>",
        )
    )
    figure.add_vline(x=factor, line={"color": MUTED, "dash": "dot", "width": 1})
    figure.add_annotation(
        x=factor,
        y=1,
        yref="paper",
        yanchor="bottom",
        text="distinct from here on",
        showarrow=False,
        font={"size": 12, "color": MUTED},
    )
    longest = max(
        (one.measured.ratio or 0.0 for one in variants if one.measured is not None), default=0.0
    )
    right = 1.35 * max(longest, 1.5 * factor)
    figure.update_layout(
        layout(
            _EDGE + ROW * (rows + 1),
            margin={"l": 8, "r": 8, "t": 24, "b": 8},
            xaxis=axis(
                "style distance from the base, in what another seed changes",
                range=[-0.03 * right, right],
            ),
            yaxis=axis(range=[rows - 0.5, -0.5], showticklabels=False, showgrid=False),
        )
    )
    return figure
