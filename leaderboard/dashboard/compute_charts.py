"""Figures of the Compute page: the ladder of units, and the roofline.

Pure: answers in, plotly figure out. Text from data is escaped.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from evals.compute.answers import Ladder, Measured, Point, Roof, Roofline, Rung
from evals.compute.ladder import CLAIMED
from evals.compute.roofline import attainable
from leaderboard.dashboard.charts import INK, LEAST, MUTED, axis, layout

COLOURS: Mapping[str, str] = {
    "image": "#0f5c5c",
    "video": "#b9770e",
    "decode": "#8a3b5c",
    "prefill": "#5b7083",
}
NAMES: Mapping[str, str] = {
    "image": "image",
    "video": "video",
    "decode": "LLM decoding",
    "prefill": "LLM reading a prompt",
}
_ROW = 22


def rungs(ladder: Ladder, llm: str) -> go.Figure:
    """Every model in prompts of one language model, on a log scale; the claimed rungs as lines.

    A model within the claim's factor of its rung is filled, the others are hollow.
    """
    figure = go.Figure()
    for modality, claimed in CLAIMED.items():
        own = [one for one in ladder.rungs if one.modality == modality]
        if not own:
            continue
        figure.add_trace(
            go.Scatter(
                x=[one.units[llm] for one in own],
                y=[html.escape(one.model) for one in own],
                mode="markers",
                name=NAMES[modality],
                marker={
                    "color": COLOURS[modality],
                    "size": 11,
                    "symbol": ["circle" if llm in one.fits else "circle-open" for one in own],
                    "line": {"width": 2},
                },
                customdata=[[_hover(one)] for one in own],
                hovertemplate="%{customdata[0]}<br>%{x:,.4~g} prompts<extra></extra>",
            )
        )
        colour = COLOURS[modality]
        label = f"claimed {NAMES[modality]}: {claimed:,.0f}"
        figure.add_vline(x=claimed, line={"color": colour, "dash": "dot", "width": 1.5})
        figure.add_annotation(_label(label, claimed, colour))
    values = [*(one.units[llm] for one in ladder.rungs), *CLAIMED.values()]
    figure.update_layout(
        layout(
            max(LEAST, 90 + _ROW * len(ladder.rungs)),
            margin={"l": 8, "r": 8, "t": 28, "b": 8},
            showlegend=True,
            legend={"orientation": "h"},
            xaxis=axis(
                f"prompts of 200 tokens of {html.escape(llm)}",
                type="log",
                dtick=1,
                range=[math.log10(min(values) / 2), math.log10(max(values) * 2)],
            ),
            yaxis=axis(),
        )
    )
    return figure


def _hover(one: Rung) -> str:
    return f"<b>{html.escape(one.model)}</b><br>{html.escape(one.what)}"


def roof(answer: Roofline, gpu: str) -> go.Figure:
    """Workloads under the roof of one GPU, log-log; the other GPUs' roofs are faint.

    Each workload is a line from its unfused intensity, hollow, to its fused one, filled. What was
    measured stands where it ran.
    """
    figure = go.Figure()
    chosen = next(one for one in answer.roofs if one.gpu == gpu)
    low = min([one.unfused for one in answer.points] + [1.0]) / 2
    high = max(one.fused for one in answer.points) * 2
    for one in answer.roofs:
        figure.add_trace(_roof_line(one, low, high, one.gpu == gpu))
    for kind in COLOURS:
        own = [one for one in answer.points if one.kind == kind]
        if own:
            figure.add_trace(_spans(own, chosen, kind))
            figure.add_trace(_markers(own, chosen, kind))
    if answer.measured:
        figure.add_trace(_measured(answer.measured))
    figure.add_vline(x=chosen.ridge, line={"color": INK, "dash": "dot", "width": 1})
    figure.add_annotation(_label(f"ridge {chosen.ridge:.0f}", chosen.ridge, INK))
    figure.update_layout(
        layout(
            460,
            margin={"l": 8, "r": 8, "t": 28, "b": 8},
            showlegend=True,
            legend={"orientation": "h", "y": -0.2},
            xaxis=axis(
                "arithmetic intensity, FLOP per byte",
                type="log",
                dtick=1,
                range=[math.log10(low), math.log10(high)],
            ),
            yaxis=axis("attainable TFLOP per second", type="log", dtick=1),
        )
    )
    return figure


def _roof_line(one: Roof, low: float, high: float, chosen: bool) -> go.Scatter:
    x = [low, one.ridge, high]
    return go.Scatter(
        x=x,
        y=[attainable(value, one) / 1e12 for value in x],
        mode="lines",
        line={"color": INK if chosen else MUTED, "width": 2.5 if chosen else 1},
        opacity=1.0 if chosen else 0.45,
        name=html.escape(one.gpu),
        hovertemplate=f"{html.escape(one.gpu)}, ridge {one.ridge:.0f}<extra></extra>",
    )


def _spans(points: Sequence[Point], chosen: Roof, kind: str) -> go.Scatter:
    """A gap ends each line: `None` between the points."""
    x: list[float | None] = []
    y: list[float | None] = []
    for one in points:
        bend = min(max(chosen.ridge, one.unfused), one.fused)
        for value in (one.unfused, bend, one.fused):
            x.append(value)
            y.append(attainable(value, chosen) / 1e12)
        x.append(None)
        y.append(None)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": COLOURS[kind], "width": 5},
        opacity=0.25,
        showlegend=False,
        hoverinfo="skip",
    )


def _markers(points: Sequence[Point], chosen: Roof, kind: str) -> go.Scatter:
    x = [value for one in points for value in (one.fused, one.unfused)]
    return go.Scatter(
        x=x,
        y=[attainable(value, chosen) / 1e12 for value in x],
        mode="markers",
        name=NAMES[kind],
        marker={
            "color": COLOURS[kind],
            "size": 9,
            "symbol": ["circle", "circle-open"] * len(points),
            "line": {"width": 1.5},
        },
        customdata=[
            [html.escape(one.name), word] for one in points for word in ("fused", "unfused")
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{x:,.0f} FLOP per byte %{customdata[1]}"
        "<extra></extra>",
    )


def _label(words: str, value: float, colour: str) -> dict[str, Any]:
    """A word at the top of a line at `value`; annotations count in powers of ten on a log axis."""
    return {
        "text": words,
        "x": math.log10(value),
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": colour},
    }


def _measured(points: Sequence[Measured]) -> go.Scatter:
    return go.Scatter(
        x=[one.intensity for one in points],
        y=[one.flops_per_second / 1e12 for one in points],
        mode="markers",
        name="measured",
        marker={"color": INK, "size": 10, "symbol": "x-thin", "line": {"width": 2}},
        customdata=[[html.escape(one.name), html.escape(one.device)] for one in points],
        hovertemplate="<b>%{customdata[0]}</b><br>measured on %{customdata[1]}:"
        " %{y:,.3~g} TFLOP per second<extra></extra>",
    )
