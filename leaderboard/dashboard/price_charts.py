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
                dtick=1,
                tickformat="$~g",
                range=[math.log10(min(usd) / 1.5), math.log10(max(usd) * 1.5)],
            ),
            yaxis=axis(
                categoryorder="array", categoryarray=[html.escape(name) for name in reversed(rows)]
            ),
        )
    )
    return figure
