"""The bump chart of a board: who held which place, board by board, and how surely.

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
from typing import Any

import plotly.graph_objects as go

from leaderboard import wording
from leaderboard.dashboard import text
from leaderboard.dashboard.charts import GRID, INK, MUTED, PAGE, axis, layout
from leaderboard.dashboard.places import Place

PALETTE = ("#0f5c5c", "#c2571a", "#4361a8", "#8c3f77", "#6b8e23", "#b9770e", "#a23b3b", "#2f7ea3")
REST = "#b4b1a7"
GAP = timedelta(days=70)
"""Boards further apart than this are not joined: month-ends with a month between them missing."""
SURE, UNSURE = 3.0, 1.2
"""Widths of a line in pixels: the side of the edge is certain, or is not."""


@dataclass(frozen=True)
class Stretch:
    """An unbroken run of one model over neighbouring boards."""

    model: str
    organization: str | None
    places: tuple[Place, ...]


def vendors(places: Sequence[Place]) -> dict[str, str]:
    """Organisation -> colour: the most frequent get one each, all others share grey."""
    seats = Counter(place.organization for place in places if place.organization is not None)
    order = sorted(seats, key=lambda name: (-seats[name], name))
    return {name: PALETTE[i] if i < len(PALETTE) else REST for i, name in enumerate(order)}


def colouring(places: Sequence[Place]) -> dict[str, str]:
    """Model -> colour: by its vendor, or by itself where one vendor holds every place."""
    known = vendors(places)
    if len(known) > 1:
        return {place.model: known.get(place.organization or "", REST) for place in places}
    seats = Counter(place.model for place in places)
    order = sorted(seats, key=lambda name: (-seats[name], name))
    return {name: PALETTE[i % len(PALETTE)] for i, name in enumerate(order)}


def stretches(places: Sequence[Place]) -> tuple[Stretch, ...]:
    """Each model's unbroken runs; absence from one board, or a gap between boards, ends a run."""
    boards = sorted({place.published_at for place in places})
    follows = {
        later: earlier for earlier, later in itertools.pairwise(boards) if later - earlier <= GAP
    }
    by_model: dict[str, list[Place]] = {}
    for place in sorted(places, key=lambda p: (p.published_at, p.rank)):
        by_model.setdefault(place.model, []).append(place)
    found: list[Stretch] = []
    for model, seen in by_model.items():
        run: list[Place] = []
        for place in seen:
            if run and follows.get(place.published_at) != run[-1].published_at:
                found.append(Stretch(model, run[-1].organization, tuple(run)))
                run = []
            run.append(place)
        found.append(Stretch(model, run[-1].organization, tuple(run)))
    return tuple(found)


def short(name: str, limit: int = 26) -> str:
    """A model's name cut for a label: without what stands in brackets, at most `limit` characters.

    >>> short("gemini-3-pro-image-preview (nano-banana-pro)")
    'gemini-3-pro-image-preview'
    """
    return text.clip(name.split(" (")[0].split(" [")[0], limit)


def leaders(places: Sequence[Place]) -> tuple[tuple[str, datetime, datetime], ...]:
    """Who was first, from which board to which: (model, first, last) for each unbroken reign.

    Of several models that share the first place on a board, the one that led before stays.
    """
    reigns: list[tuple[str, datetime, datetime]] = []
    firsts = sorted((p for p in places if p.rank == 1), key=lambda p: p.published_at)
    for at, sharing in itertools.groupby(firsts, key=lambda p: p.published_at):
        names = [place.model for place in sharing]
        if reigns and reigns[-1][0] in names:
            reigns[-1] = (reigns[-1][0], reigns[-1][1], at)
        else:
            reigns.append((names[0], at, at))
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


def _first_reigns(places: Sequence[Place]) -> tuple[tuple[str, datetime, datetime], ...]:
    """The first reign of each model but the last leader's: ties swap too often to name them all."""
    reigns = leaders(places)
    first = {reign[0]: reign for reign in reversed(reigns)}
    return tuple(r for r in reigns if first[r[0]] == r and r[0] != reigns[-1][0])


def bump(
    places: Sequence[Place], top: int | None = None, highlight: frozenset[str] = frozenset()
) -> go.Figure:
    """Places over time, one line per unbroken run, in the colours of `colouring`.

    A line is thin, and its dots are hollow, where the published intervals do not tell on which
    side of the edge below place `top` the model stands.

    Args:
        places: one arena; at least one board.
        top: draws the edge below this place; `None` draws none.
        highlight: organisations to show in colour; empty shows all of them.
    """
    colours = colouring(places)
    deepest = max(place.rank for place in places)
    newest = max(place.published_at for place in places)
    oldest = min(place.published_at for place in places)
    figure = go.Figure()
    for run in stretches(places):
        lit = not highlight or run.organization in highlight
        colour = colours.get(run.model, REST) if lit else GRID
        figure.add_traces(_lines(run, colour))
        if run.places[-1].published_at == newest:
            figure.add_annotation(
                x=newest,
                y=run.places[-1].rank,
                text=html.escape(text.clip(run.model, 30)),
                xanchor="left",
                xshift=10,
                showarrow=False,
                font={"size": 12, "color": colour if lit and colour != REST else MUTED},
            )
    stacked = lanes(_first_reigns(places), (newest - oldest) / 4.5)
    for model, first, row_above in stacked:
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
    if top is not None and top < deepest:
        figure.add_hline(top + 0.5, line={"color": MUTED, "width": 1, "dash": "dash"})
    above = 16 + 15 * (1 + max((lane for *_, lane in stacked), default=0))
    span = newest - oldest
    figure.update_layout(
        layout(
            60 + above + 40 * deepest,
            margin={"l": 8, "r": 210, "t": above, "b": 8},
            xaxis=axis(
                showgrid=False,
                **_months(span),
                range=[oldest - span / 50 - timedelta(days=1), newest + span / 100],
            ),
            yaxis=axis(
                "place",
                autorange=False,
                range=[deepest + 0.6, 0.4],
                dtick=1,
                tick0=1,
                griddash="dot",
            ),
        )
    )
    return figure


def _months(span: timedelta) -> dict[str, Any]:
    """How the axis of time is marked: by quarters, by months, or by days where they are few."""
    if span > timedelta(days=250):
        return {"dtick": "M3", "tickformat": "%b<br>%Y"}
    if span > timedelta(days=100):
        return {"dtick": "M1", "tickformat": "%b<br>%Y"}
    return {"nticks": 6, "tickformat": "%-d %b<br>%Y"}


def _lines(run: Stretch, colour: str) -> list[go.Scatter]:
    """The run as one hoverable thin line with dots, and thick strokes over its certain parts."""
    shown = run.places
    thin = go.Scatter(
        x=[place.published_at for place in shown],
        y=[place.rank for place in shown],
        mode="lines+markers",
        line={"color": colour, "width": UNSURE},
        marker={
            "size": [0 if place.repeated else 7 for place in shown],
            "opacity": 1,
            "color": [PAGE if place.at_edge else colour for place in shown],
            "line": {"width": 1.5, "color": colour},
        },
        hovertext=[_hover(run, place) for place in shown],
        hoverinfo="text",
        cliponaxis=False,
    )
    sure = [
        (sooner, later)
        for sooner, later in itertools.pairwise(shown)
        if not sooner.at_edge and not later.at_edge
    ]
    if not sure:
        return [thin]
    thick = go.Scatter(
        x=[at for sooner, later in sure for at in (sooner.published_at, later.published_at, None)],
        y=[rank for sooner, later in sure for rank in (sooner.rank, later.rank, None)],
        mode="lines",
        line={"color": colour, "width": SURE},
        hoverinfo="skip",
    )
    return [thick, thin]


def _hover(run: Stretch, place: Place) -> str:
    words = f"place {place.rank} · {text.day(place.published_at)}"
    if place.score is not None:
        words += f" · score {place.score:.0f}"
    lines = [f"<b>{html.escape(run.model)}</b>", html.escape(run.organization or ""), words]
    if place.first != place.last:
        lines.append(f"{wording.place(place.first, place.last)}: their intervals overlap")
    return "<br>".join(line for line in lines if line)
