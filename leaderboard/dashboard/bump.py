"""The bump chart of an outside board: who held which place, board by board.

Places rather than scores: an outside board re-centres its scale now and then, so its scores are
not comparable across dates.
"""

from __future__ import annotations

import html
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import plotly.graph_objects as go

from leaderboard.answers import SnapshotRow
from leaderboard.dashboard import text
from leaderboard.dashboard.charts import GRID, INK, MUTED, PAGE, axis, layout

PALETTE = ("#0f5c5c", "#c2571a", "#4361a8", "#8c3f77", "#6b8e23", "#b9770e", "#a23b3b", "#2f7ea3")
REST = "#b4b1a7"
GAP = timedelta(days=70)
"""Boards further apart than this are not joined: month-ends with a month between them missing."""


@dataclass(frozen=True)
class Stretch:
    """An unbroken run of one model over neighbouring boards."""

    model: str
    organization: str | None
    at: tuple[datetime, ...]
    ranks: tuple[int, ...]
    scores: tuple[float | None, ...]


def vendors(rows: Sequence[SnapshotRow]) -> dict[str, str]:
    """Organisation -> colour: the most frequent get one each, all others share grey."""
    seats = Counter(row.organization for row in rows if row.organization is not None)
    order = sorted(seats, key=lambda name: (-seats[name], name))
    return {name: PALETTE[i] if i < len(PALETTE) else REST for i, name in enumerate(order)}


def stretches(rows: Sequence[SnapshotRow]) -> tuple[Stretch, ...]:
    """Each model's unbroken runs; absence from one board, or a gap between boards, ends a run.

    A line without a rank is absence: it holds no place.
    """
    boards = sorted({row.published_at for row in rows})
    follows = {
        later: earlier for earlier, later in itertools.pairwise(boards) if later - earlier <= GAP
    }
    by_model: dict[str, list[SnapshotRow]] = {}
    for row in sorted(rows, key=lambda r: r.published_at):
        if row.rank is None:
            continue
        by_model.setdefault(row.model, []).append(row)
    found: list[Stretch] = []
    for model, seen in by_model.items():
        run: list[SnapshotRow] = []
        for row in seen:
            if run and follows.get(row.published_at) != run[-1].published_at:
                found.append(_stretch(model, run))
                run = []
            run.append(row)
        found.append(_stretch(model, run))
    return tuple(found)


def _stretch(model: str, run: Sequence[SnapshotRow]) -> Stretch:
    return Stretch(
        model=model,
        organization=run[-1].organization,
        at=tuple(row.published_at for row in run),
        ranks=tuple(row.rank for row in run if row.rank is not None),
        scores=tuple(row.score for row in run),
    )


def short(name: str, limit: int = 26) -> str:
    """A model's name cut for a label: without what stands in brackets, at most `limit` characters.

    >>> short("gemini-3-pro-image-preview (nano-banana-pro)")
    'gemini-3-pro-image-preview'
    """
    return text.clip(name.split(" (")[0].split(" [")[0], limit)


def leaders(rows: Sequence[SnapshotRow]) -> tuple[tuple[str, datetime, datetime], ...]:
    """Who was first, from which board to which: (model, first, last) for each unbroken reign."""
    reigns: list[tuple[str, datetime, datetime]] = []
    for row in sorted((r for r in rows if r.rank == 1), key=lambda r: r.published_at):
        if reigns and reigns[-1][0] == row.model:
            reigns[-1] = (row.model, reigns[-1][1], row.published_at)
        else:
            reigns.append((row.model, row.published_at, row.published_at))
    return tuple(reigns)


def lanes(
    reigns: Sequence[tuple[str, datetime, datetime]], width: timedelta
) -> tuple[tuple[str, datetime, int], ...]:
    """Stack labels that would run into each other: (model, first, lane), lane 0 the lowest.

    Args:
        reigns: in order of time, as `leaders` returns them.
        width: how much of the time axis one label covers.
    """
    free: list[datetime] = []
    placed: list[tuple[str, datetime, int]] = []
    for model, first, _ in reigns:
        lane = next((i for i, until in enumerate(free) if until <= first), len(free))
        free[lane : lane + 1] = [first + width]
        placed.append((model, first, lane))
    return tuple(placed)


def bump(rows: Sequence[SnapshotRow], highlight: frozenset[str] = frozenset()) -> go.Figure:
    """Places over time, one line per unbroken run, coloured by vendor.

    Args:
        rows: the snapshots of one arena; at least one board.
        highlight: organisations to show in colour; empty shows all of them.
    """
    colours = vendors(rows)
    deepest = max(row.rank for row in rows if row.rank is not None)
    newest = max(row.published_at for row in rows)
    figure = go.Figure()
    for run in stretches(rows):
        lit = not highlight or run.organization in highlight
        colour = colours.get(run.organization or "", REST) if lit else GRID
        figure.add_trace(
            go.Scatter(
                x=run.at,
                y=run.ranks,
                mode="lines+markers",
                line={"color": colour, "width": 2.5 if lit else 1.5},
                marker={"size": 8, "color": colour, "line": {"width": 1, "color": PAGE}},
                hovertext=[
                    f"<b>{html.escape(run.model)}</b><br>{html.escape(run.organization or '')}"
                    f"<br>place {rank} · {at:%d %b %Y}"
                    + (f" · score {score:.0f}" if score is not None else "")
                    for rank, at, score in zip(run.ranks, run.at, run.scores, strict=True)
                ],
                hoverinfo="text",
            )
        )
        if run.at[-1] == newest:
            figure.add_annotation(
                x=newest,
                y=run.ranks[-1],
                text=html.escape(text.clip(run.model, 36)),
                xanchor="left",
                xshift=10,
                showarrow=False,
                font={"size": 12, "color": colour if lit else MUTED},
            )
    oldest = min(row.published_at for row in rows)
    for model, first, row_above in lanes(leaders(rows)[:-1], (newest - oldest) / 5.5):
        figure.add_annotation(
            x=first,
            y=1,
            text=html.escape(short(model)),
            xanchor="left",
            xshift=-4,
            yshift=18 + 15 * row_above,
            showarrow=False,
            font={"size": 12, "color": INK},
        )
    figure.update_layout(
        layout(
            110 + 42 * deepest,
            margin={"l": 8, "r": 220, "t": 64, "b": 8},
            xaxis=axis(
                showgrid=False,
                tickformat="%b<br>%Y",
                dtick="M3",
                range=[oldest - timedelta(days=12), newest + timedelta(days=6)],
            ),
            yaxis=axis(
                autorange=False, range=[deepest + 0.6, 0.4], dtick=1, tick0=1, griddash="dot"
            ),
        )
    )
    return figure
