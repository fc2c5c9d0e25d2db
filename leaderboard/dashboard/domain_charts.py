"""Figures of the Domains page: how many times cheaper, by domain, with intervals.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

import plotly.graph_objects as go

from leaderboard.advantage import words
from leaderboard.advantage.answers import AdvantageReport, DomainAdvantage, ModelAdvantage
from leaderboard.dashboard import text
from leaderboard.dashboard.charts import INK, LEAST, MUTED, PAGE, axis, layout

PHOTO, OTHER = "#c2571a", "#0f5c5c"
_ROW = 34
_LEFT = 0.5
"""Where a span that reaches to 0 ends on the logarithmic axis: this part of the lowest value."""


def leading(domain: DomainAdvantage) -> tuple[ModelAdvantage, ...]:
    """Who stands for a domain: those that hold a role; without any, the highest index."""
    known = [one for one in domain.models if one.index_high is not None]
    held = [one for one in known if one.roles]
    return tuple(held or known[:1])


def advantage(report: AdvantageReport) -> go.Figure:
    """Index and span of who stands for each domain, photorealistic work in another colour.

    Args:
        report: with at least one model whose span is known.

    A filled dot is measured; a hollow one is an upper bound, as if everything were accepted.
    """
    rows = [
        (domain, one)
        for domain in report.domains
        for one in leading(domain)
        if domain.traditional is not None
    ]
    best = {domain.domain: max(_place(one) for one in leading(domain)) for domain, _ in rows}
    rows.sort(key=lambda row: (-best[row[0].domain], row[0].domain, -_place(row[1])))
    ends = [end for _, one in rows for end in (one.index_low, one.index, one.index_high) if end]
    edge = min(ends) * _LEFT
    figure = go.Figure()
    for place, (domain, one) in enumerate(rows):
        photo = domain.traditional is not None and domain.traditional.photoreal
        _draw(figure, place, domain, one, PHOTO if photo else OTHER, edge)
    figure.add_vline(x=1, line={"color": MUTED, "width": 1, "dash": "dot"})
    for name, colour in (("photorealistic", PHOTO), ("not photorealistic", OTHER)):
        figure.add_trace(
            go.Scatter(x=[None], y=[None], mode="markers", name=name, marker={"color": colour})
        )
    figure.update_layout(
        layout(
            max(LEAST, 90 + _ROW * len(rows)),
            showlegend=True,
            legend={"orientation": "h", "y": 1.08},
            xaxis=axis(
                "times cheaper than by hand (log scale; dotted: as dear as by hand)",
                type="log",
                range=[math.log10(min(edge, 1.0)), math.log10(max(*ends, 1.0)) + 0.1],
                tickvals=_powers([*ends, edge, 1.0]),
                ticktext=[words.times(mark) for mark in _powers([*ends, edge, 1.0])],
            ),
            yaxis=axis(
                gridcolor="#f0ede5",
                range=[len(rows) - 0.4, -0.6],
                tickmode="array",
                tickvals=list(range(len(rows))),
                ticktext=[f"{html.escape(_label(*row))}  " for row in rows],
            ),
        )
    )
    return figure


def _draw(
    figure: go.Figure,
    place: int,
    domain: DomainAdvantage,
    one: ModelAdvantage,
    colour: str,
    edge: float,
) -> None:
    figure.add_trace(
        go.Scatter(
            x=[one.index_low or edge, one.index_high],
            y=[place, place],
            mode="lines",
            line={
                "color": colour,
                "width": 3,
                "dash": "dot" if one.upper_bound else "solid",
            },
            hoverinfo="skip",
            showlegend=False,
        )
    )
    if one.index is None:
        return
    figure.add_trace(
        go.Scatter(
            x=[one.index],
            y=[place],
            mode="markers",
            marker={
                "size": 11,
                "color": PAGE if one.upper_bound else colour,
                "line": {"width": 2, "color": colour},
            },
            hovertext=[_hover(domain, one)],
            hoverinfo="text",
            hoverlabel={"font": {"color": INK}},
            showlegend=False,
        )
    )


def _place(one: ModelAdvantage) -> float:
    return one.index or one.index_high or 0.0


def _label(domain: DomainAdvantage, one: ModelAdvantage) -> str:
    role = f" ({', '.join(one.roles)})" if one.roles else ""
    return f"{text.title(domain.domain)} · {text.clip(one.name, 28)}{role}"


def _hover(domain: DomainAdvantage, one: ModelAdvantage) -> str:
    lines = [
        f"<b>{html.escape(one.name)}</b>, {html.escape(domain.domain)}",
        f"{words.index(one)} ({words.span(one)})",
        f"accepted: {words.accepted(one)}",
        f"by hand is cheaper below {words.break_even(one)}",
    ]
    return "<br>".join(lines)


def _powers(values: Sequence[float]) -> list[float]:
    """Marks at powers of ten around positive values, no more than nine of them."""
    first = math.floor(math.log10(min(values)))
    last = math.ceil(math.log10(max(values)))
    step = max(1, math.ceil((last - first) / 8))
    return [10.0**power for power in range(first, last + 1, step)]
