"""Figures: answers in, plotly figure out. Nothing here reads a disk, a clock or Streamlit.

Text from data is escaped, because plotly renders a subset of HTML in labels and hovers.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from leaderboard.answers import Board, BoardRow
from leaderboard.dashboard import text

INK = "#1d2327"
MUTED = "#7c8489"
GRID = "#e6e3da"
PAPER = "rgba(0,0,0,0)"
ROLE_COLOURS: Mapping[str, str] = {"hero": "#0f5c5c", "workhorse": "#b9770e"}
OTHER = "#5b7083"
FONT = "Source Sans, Source Sans 3, Source Sans Pro, sans-serif"


def layout(height: int, **changes: Any) -> dict[str, Any]:
    """The calm frame that every figure shares; `changes` override it."""
    frame: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "font": {"family": FONT, "size": 13, "color": INK},
        "showlegend": False,
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": GRID, "font": {"color": INK}},
        "dragmode": False,
    }
    return frame | changes


def axis(title: str = "", **changes: Any) -> dict[str, Any]:
    """An axis without a frame: a title, faint grid lines, muted ticks."""
    lines: dict[str, Any] = {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}},
        "gridcolor": GRID,
        "zeroline": False,
        "showline": False,
        "tickfont": {"size": 12},
        "automargin": True,
        "fixedrange": True,
    }
    return lines | changes


def _colour(row: BoardRow, roles: Mapping[str, str]) -> str:
    if row.anchor is not None:
        return "#b9b5a9"
    return ROLE_COLOURS.get(roles.get(row.model, ""), OTHER)


def _place(row: BoardRow) -> str:
    if row.anchor is not None or row.rank_low is None or row.rank_high is None:
        return "anchor" if row.anchor else ""
    return text.place(row.rank_low, row.rank_high)


def _hover(row: BoardRow) -> str:
    lines = [f"<b>{html.escape(row.name)}</b>", f"rating {row.rating:.0f}"]
    if row.rating_low is not None and row.rating_high is not None:
        lines[-1] += f" (95 %: {row.rating_low:.0f}–{row.rating_high:.0f})"
    if row.p_best is not None:
        lines.append(f"best with {text.odds(row.p_best)}")
    if row.cost_usd is not None:
        lines.append(f"{text.per_thousand(row.cost_usd)} per 1,000")
    if row.latency_p50_s is not None:
        lines.append(f"{text.seconds(row.latency_p50_s)} each")
    return "<br>".join(lines)


def _whiskers(rows: Sequence[BoardRow], colour: Sequence[str]) -> list[go.Scatter]:
    """One trace per row that has an interval: plotly has one colour per error bar trace."""
    return [
        go.Scatter(
            x=[row.rating_low, row.rating_high],
            y=[row.model, row.model],
            mode="lines",
            line={"color": shade, "width": 2},
            hoverinfo="skip",
        )
        for row, shade in zip(rows, colour, strict=True)
        if row.rating_low is not None and row.rating_high is not None
    ]


def ratings(board: Board, roles: Mapping[str, str]) -> go.Figure:
    """Ratings with their 95 % intervals, best at the top, and the place each one shares.

    Args:
        board: rows in falling order of rating.
        roles: model id -> `hero` or `workhorse`; these two are set off by colour.
    """
    rows = board.rows
    colours = [_colour(row, roles) for row in rows]
    figure = go.Figure(_whiskers(rows, colours))
    figure.add_trace(
        go.Scatter(
            x=[row.rating for row in rows],
            y=[row.model for row in rows],
            mode="markers",
            marker={
                "size": 10,
                "color": [
                    "#fbfaf7" if row.anchor else c for row, c in zip(rows, colours, strict=True)
                ],
                "line": {"width": 2, "color": colours},
            },
            hovertext=[_hover(row) for row in rows],
            hoverinfo="text",
        )
    )
    for row in rows:
        figure.add_annotation(
            x=1.0,
            xref="paper",
            xanchor="left",
            xshift=12,
            y=row.model,
            showarrow=False,
            text=_place(row),
            font={"size": 12, "color": MUTED},
        )
    figure.update_layout(
        layout(
            40 + 30 * len(rows),
            margin={"l": 8, "r": 86, "t": 8, "b": 8},
            xaxis=axis("rating", showgrid=True),
            yaxis=axis(
                showgrid=False,
                autorange="reversed",
                tickmode="array",
                tickvals=[row.model for row in rows],
                ticktext=[html.escape(row.name) + "  " for row in rows],
            ),
        )
    )
    return figure


def frontier(rows: Sequence[BoardRow]) -> tuple[BoardRow, ...]:
    """The rows that no other row beats on both cost and rating, from cheap to dear.

    Anchors and rows of unknown cost are left out: neither is something one could buy.
    """
    best: list[BoardRow] = []
    priced = [r for r in rows if r.cost_usd is not None and r.anchor is None]
    for row in sorted(priced, key=lambda r: (r.cost_usd or 0.0, -r.rating)):
        if not best or row.rating > best[-1].rating:
            best.append(row)
    return tuple(best)


def cost_quality(board: Board, roles: Mapping[str, str]) -> go.Figure:
    """Rating against the cost of a thousand generations (log), with the frontier of no regret."""
    rows = [row for row in board.rows if row.cost_usd is not None and row.anchor is None]
    edge = frontier(rows)
    figure = go.Figure(
        go.Scatter(
            x=[1000 * (row.cost_usd or 0.0) for row in edge],
            y=[row.rating for row in edge],
            mode="lines",
            line={"color": "#cfcabb", "width": 1.5, "shape": "hv"},
            hoverinfo="skip",
        )
    )
    colours = [_colour(row, roles) for row in rows]
    figure.add_trace(
        go.Scatter(
            x=[1000 * (row.cost_usd or 0.0) for row in rows],
            y=[row.rating for row in rows],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [(row.rating_high or row.rating) - row.rating for row in rows],
                "arrayminus": [row.rating - (row.rating_low or row.rating) for row in rows],
                "color": "#c9c5b8",
                "thickness": 1,
                "width": 0,
            },
            mode="markers+text",
            marker={"size": 11, "color": colours},
            text=[html.escape(row.name) for row in rows],
            textposition="middle right",
            textfont={"size": 12, "color": colours},
            hovertext=[_hover(row) for row in rows],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        layout(
            max(300, 40 + 30 * len(board.rows)),
            margin={"l": 8, "r": 100, "t": 8, "b": 8},
            xaxis=axis("US dollars per 1,000 (log scale)", type="log", tickprefix="$"),
            yaxis=axis("rating"),
        )
    )
    return figure
