"""Figures: answers in, plotly figure out. Nothing here reads a disk, a clock or Streamlit.

Text from data is escaped, because plotly renders a subset of HTML in labels and hovers.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from leaderboard import wording
from leaderboard.answers import Board, BoardRow
from leaderboard.dashboard import text

INK = "#1d2327"
MUTED = "#7c8489"
GRID = "#e6e3da"
PAGE = "#fbfaf7"
PAPER = "rgba(0,0,0,0)"
ROLE_COLOURS: Mapping[str, str] = {"hero": "#0f5c5c", "workhorse": "#b9770e"}
OTHER = "#5b7083"
LEAST = 300
"""Least height of a figure in pixels, so that two side by side are of one height."""
CROWD = 6
"""More models than this on the cost chart, and only the frontier and the picks are named."""
FONT = "Source Sans, sans-serif"


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
    return wording.place(row.rank_low, row.rank_high)


def _hover(row: BoardRow, digits: int = 0) -> str:
    lines = [f"<b>{html.escape(row.name)}</b>", f"rating {row.rating:.{digits}f}"]
    if row.rating_low is not None and row.rating_high is not None:
        lines[-1] += f" (95 %: {row.rating_low:.0f}–{row.rating_high:.0f})"
    if row.p_best is not None:
        lines.append(f"best with {wording.odds(row.p_best)}")
    if row.cost_usd is not None:
        lines.append(f"{text.per_thousand(row.cost_usd)} per 1,000")
    if row.latency_p50_s is not None:
        lines.append(f"{text.seconds(row.latency_p50_s)} each")
    return "<br>".join(lines)


def span(rows: Sequence[BoardRow]) -> tuple[float, float]:
    """The stretch of ratings to draw: every model with its interval, and a little air.

    Anchors do not count, however far out they lie: a scale that reaches to pure noise leaves no
    room to see the differences that matter. Without any model, anchors are all there is to see.
    """
    shown = [row for row in rows if row.anchor is None] or list(rows)
    low = min(row.rating if row.rating_low is None else row.rating_low for row in shown)
    high = max(row.rating if row.rating_high is None else row.rating_high for row in shown)
    air = max(0.06 * (high - low), 1.0)
    return low - air, high + air


def _whisker(row: BoardRow, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[row.rating_low, row.rating_high],
        y=[row.model, row.model],
        mode="lines",
        line={"color": colour, "width": 2},
        hoverinfo="skip",
    )


def _dot(row: BoardRow, colour: str, low: float, high: float, digits: int) -> go.Scatter:
    """The rating; beyond the drawn stretch an arrowhead at its edge, with the number beside it."""
    beyond = row.rating > high or row.rating < low
    above = row.rating > high
    return go.Scatter(
        x=[min(max(row.rating, low), high)],
        y=[row.model],
        mode="markers+text" if beyond else "markers",
        marker={
            "size": 10,
            "symbol": ("triangle-right" if above else "triangle-left") if beyond else "circle",
            "color": colour if beyond or row.anchor is None else PAGE,
            "line": {"width": 0 if beyond else 2, "color": colour},
        },
        text=[f"{row.rating:.0f}"],
        textposition="middle left" if above else "middle right",
        textfont={"size": 12, "color": MUTED},
        hovertext=[_hover(row, digits)],
        hoverinfo="text",
        cliponaxis=False,
    )


def ratings(board: Board, roles: Mapping[str, str]) -> go.Figure:
    """Ratings with their 95 % intervals, best at the top, and the place each one shares.

    Args:
        board: rows in falling order of rating, at least one.
        roles: model id -> `hero` or `workhorse`; these two are set off by colour.
    """
    rows = board.rows
    low, high = span(rows)
    digits = wording.decimals(row.rating for row in rows)
    figure = go.Figure()
    for row in rows:
        colour = _colour(row, roles)
        if row.rating_low is not None and row.rating_high is not None and row.anchor is None:
            figure.add_trace(_whisker(row, colour))
        figure.add_trace(_dot(row, colour, low, high, digits))
        figure.add_annotation(
            x=1.0,
            xref="paper",
            xanchor="left",
            xshift=16,
            y=row.model,
            showarrow=False,
            text=_place(row),
            font={"size": 13, "color": MUTED if row.anchor else INK},
        )
    figure.update_layout(
        layout(
            max(LEAST, 50 + 30 * len(rows)),
            margin={"l": 8, "r": 90, "t": 8, "b": 8},
            xaxis=axis("rating", range=[low, high]),
            yaxis=axis(
                gridcolor="#f0ede5",
                range=[len(rows) - 0.4, -0.6],
                tickmode="array",
                tickvals=[row.model for row in rows],
                ticktext=[html.escape(text.clip(row.name, 40)) + "  " for row in rows],
                categoryorder="array",
                categoryarray=[row.model for row in rows],
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


def ticks(values: Sequence[float]) -> tuple[float, ...]:
    """Marks of a logarithmic axis around positive `values`: 1, 2 and 5 of each power of ten.

    >>> ticks([0.013, 0.09])
    (0.01, 0.02, 0.05, 0.1)
    """
    positive = [value for value in values if value > 0]
    if not positive:
        return ()
    first, last = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    marks = [float(f"{step}e{power}") for power in range(first - 1, last + 2) for step in (1, 2, 5)]
    below = max((mark for mark in marks if mark <= min(positive)), default=marks[0])
    above = min(mark for mark in marks if mark >= max(positive))
    return tuple(mark for mark in marks if below <= mark <= above)


def legible(wanted: Sequence[BoardRow], drawn: Sequence[BoardRow]) -> set[str]:
    """Which of the wanted names can stand beside their dots without covering one another.

    Earlier ones go first. A name covers what lies within a third of the width and a twentieth of
    the height of the figure that `drawn` spans.
    """
    costs = [math.log(row.cost_usd) for row in drawn if row.cost_usd]
    ratings = [row.rating for row in drawn]
    if not costs:
        return set()
    wide = (max(costs) - min(costs)) / 3
    high = (max(ratings) - min(ratings)) / 20
    placed: list[BoardRow] = []
    for row in wanted:
        free = all(
            abs(row.rating - other.rating) > high
            or abs(math.log((row.cost_usd or 1.0) / (other.cost_usd or 1.0))) > wide
            for other in placed
        )
        if free:
            placed.append(row)
    return {row.model for row in placed}


def cost_quality(board: Board, roles: Mapping[str, str]) -> go.Figure:
    """Rating against the cost of a thousand generations (log), with the frontier of no regret."""
    rows = [row for row in board.rows if row.cost_usd is not None and row.anchor is None]
    edge = frontier(rows)
    # Names of a crowd would cover each other: then only those that a choice is made among.
    wanted = rows if len(rows) <= CROWD else [r for r in rows if r in edge or r.model in roles]
    named = legible(sorted(wanted, key=lambda row: row.model not in roles), rows)
    marks = ticks([1000 * (row.cost_usd or 0.0) for row in rows])
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
            text=[
                html.escape(text.clip(row.name, 24)) if row.model in named else "" for row in rows
            ],
            textposition="top right",
            textfont={"size": 12, "color": colours},
            hovertext=[_hover(row) for row in rows],
            hoverinfo="text",
            cliponaxis=False,
        )
    )
    figure.update_layout(
        layout(
            max(LEAST, 50 + 30 * len(board.rows)),
            margin={"l": 8, "r": 100, "t": 8, "b": 8},
            xaxis=axis(
                "US dollars per 1,000 generations (log scale)",
                type="log",
                tickvals=marks,
                ticktext=[text.usd(mark) for mark in marks],
                tickangle=0,
            ),
            yaxis=axis("rating"),
        )
    )
    return figure
