"""Figures of the Workflows page: the steps as a graph, and what more money buys.

Pure: answers in, figure out. Text from data is quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from leaderboard.dashboard.charts import GRID, INK, LEAST, MUTED, OTHER, ROLE_COLOURS, axis, layout
from leaderboard.workflows.answers import Bill
from leaderboard.workflows.chain import Chain
from leaderboard.workflows.graph import generations
from leaderboard.workflows.words import usd

PLAN_COLOURS: Mapping[str, str] = {
    "draft": ROLE_COLOURS["workhorse"],
    "mixed": OTHER,
    "final": ROLE_COLOURS["hero"],
}


def steps(chain: Chain, bill: Bill) -> str:
    """The chain as DOT: a box for each step, with its task and who does it, coloured by its role.

    What is not evaluated is grey and dashed.
    """
    counts = generations(chain)
    chosen = {one.step: one for one in bill.choices}
    lines = [
        "digraph {",
        'rankdir=LR; bgcolor="transparent"; nodesep=0.25; ranksep=0.4;',
        'node [shape=box style="rounded,filled" fontname="Source Sans, sans-serif" fontsize=11'
        f' fontcolor="{INK}" fillcolor="white" margin="0.14,0.07"];',
        f'edge [color="{MUTED}" arrowsize=0.6];',
    ]
    for step in chain.steps:
        one = chosen[step.id]
        many = f" × {counts[step.id]}" if counts[step.id] > 1 else ""
        label = [f"{step.id}{many}", step.task, one.name or "nobody is picked"]
        if not step.evaluated:
            label[2] = "not evaluated"
        colour = ROLE_COLOURS[step.role] if one.model is not None else GRID
        style = "" if one.model is not None else ' style="rounded,filled,dashed"'
        text = "\\n".join(quoted(_short(part)) for part in label)
        lines.append(f'"{quoted(step.id)}" [label="{text}" color="{colour}" penwidth=2{style}];')
    lines += [
        f'"{quoted(other)}" -> "{quoted(step.id)}";'
        for step in chain.steps
        for other in step.inputs
    ]
    return "\n".join((*lines, "}"))


def quoted(text: str) -> str:
    r"""`text` between the quotes of DOT, where backslashes and quotes mean something.

    >>> quoted('a"b\\n')
    'a\\"b\\\\n'
    """
    flat = " ".join(text.split())
    return flat.replace("\\", "\\\\").replace('"', '\\"')


def budgets(
    plans: Sequence[tuple[float, Bill]], bills: Sequence[Bill], budget: float | None
) -> go.Figure:
    """Quality over money: the best plan under each budget, and the plans by role beside it.

    Args:
        plans: budgets in US dollars with their best plans, at least one.
        bills: draft, mixed and final.
        budget: what is marked; `None` for nothing.
    """
    figure = go.Figure()
    best = [one for _, one in plans if one.usd is not None and one.quality is not None]
    figure.add_trace(
        go.Scatter(
            x=[one.usd for one in best],
            y=[100 * (one.quality or 0.0) for one in best],
            mode="lines+markers",
            line={"shape": "hv", "color": MUTED, "width": 1.5},
            marker={"size": 5, "color": MUTED},
            hovertemplate="best for %{x:$.3g}: %{y:.1f} %<extra></extra>",
        )
    )
    for (x, y), names in _marked(bills).items():
        figure.add_trace(
            go.Scatter(
                x=[x],
                y=[y],
                mode="markers+text",
                marker={"size": 12, "color": PLAN_COLOURS[names[-1]]},
                text=[", ".join(names)],
                textposition="top left",
                hovertext=[f"{', '.join(names)}: {usd(x)}, {y:.1f} %"],
                hoverinfo="text",
                cliponaxis=False,
            )
        )
    if budget is not None:
        figure.add_vline(x=budget, line={"color": INK, "width": 1, "dash": "dot"})
    figure.update_layout(
        layout(
            LEAST,
            xaxis=axis("US dollars for one run of the steps that have a price", tickprefix="$"),
            yaxis=axis("% against the steps' heroes"),
        )
    )
    return figure


def _marked(bills: Sequence[Bill]) -> dict[tuple[float, float], list[str]]:
    """Cost and quality -> the plans by role that lie there."""
    found: dict[tuple[float, float], list[str]] = {}
    for one in bills:
        if one.usd is not None and one.quality is not None and one.plan in PLAN_COLOURS:
            found.setdefault((one.usd, 100 * one.quality), []).append(one.plan)
    return found


def _short(text: str, most: int = 28) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
