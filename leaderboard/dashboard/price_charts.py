"""The figure of the Prices page: what one generation costs, seller by seller.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
import math
from collections import Counter
from collections.abc import Sequence

import plotly.graph_objects as go

from evals.prices.answers import PricedModel
from leaderboard.dashboard.charts import LEAST, axis, layout

COLOUR = "#0f5c5c"
SELLERS = 15
"""Rows of the figure: the sellers with most models; the table has the others."""
_ROW = 24
NOBODY = "not said"


def sellers(models: Sequence[PricedModel]) -> list[str]:
    """Who sells these, those with most models first; then by name."""
    counts = Counter(model.provider or NOBODY for model in models)
    return sorted(counts, key=lambda name: (-counts[name], name))


def ticks(low: float, high: float) -> list[float]:
    """Marks of a log axis from `low` to `high`: powers of ten, and 2 and 5 times them where few.

    >>> ticks(0.15, 6)
    [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0]
    >>> ticks(0.001, 0.9)
    [0.001, 0.01, 0.1, 1.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if last - first <= 2 else (1,)
    marks = [float(f"{step}e{power}") for power in range(first, last) for step in steps]
    return [*marks, float(f"1e{last}")]


def strip(models: Sequence[PricedModel], what: str) -> go.Figure:
    """Every model with a price as a point, on a log scale, one row a seller."""
    priced = [model for model in models if model.usd is not None]
    rows = sellers(priced)[:SELLERS]
    shown = [model for model in priced if (model.provider or NOBODY) in rows]
    figure = go.Figure()
    if not shown:
        return figure.update_layout(layout(LEAST))
    usd = [model.usd or 0.0 for model in shown]
    figure.add_trace(
        go.Scatter(
            x=usd,
            y=[html.escape(model.provider or NOBODY) for model in shown],
            mode="markers",
            marker={"color": COLOUR, "size": 9, "opacity": 0.55},
            customdata=[[html.escape(model.id)] for model in shown],
            hovertemplate="<b>%{customdata[0]}</b><br>$%{x:,.4~g}<extra></extra>",
        )
    )
    figure.update_layout(
        layout(
            max(LEAST, 70 + _ROW * len(rows)),
            xaxis=axis(
                f"US dollars, {what}, at most",
                type="log",
                tickvals=(marks := ticks(min(usd), max(usd))),
                ticktext=[f"${mark:.12g}" for mark in marks],
                range=[math.log10(min(usd) / 1.5), math.log10(max(usd) * 1.5)],
            ),
            yaxis=axis(
                categoryorder="array", categoryarray=[html.escape(name) for name in reversed(rows)]
            ),
        )
    )
    return figure
