"""Chains, boards and picks, made up, with known answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from leaderboard.answers import Board, BoardRow, Pick, Picks
from leaderboard.churn.answers import (
    ChurnReport,
    Estimate,
    HalfLife,
    IntervalCensored,
    Noise,
    Published,
)
from leaderboard.crosswalk.entries import Crosswalk
from leaderboard.pick_answers import FrontierPoint, Role
from leaderboard.workflows.ask import Known
from leaderboard.workflows.chain import Chain, Step
from leaderboard.workflows.offers import Place

AT = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = Estimate(None)


def chain(*steps: Step, **more: object) -> Chain:
    """A chain of these steps."""
    return Chain("made", "Made up", "made up", steps, **more)  # type: ignore[arg-type]


def line(*tasks: str) -> Chain:
    """A chain in which each step takes from the one before."""
    return chain(
        *(Step(f"s{n}", task, (f"s{n - 1}",) if n else ()) for n, task in enumerate(tasks))
    )


def known(
    market: Mapping[str, Mapping[str, tuple[float, float]]],
    half_lives: Mapping[str, tuple[float, float, float]] | None = None,
    vendors: Mapping[str, str] | None = None,
    latency: float | None = None,
) -> Known:
    """What an edition says of a market: task -> model -> (rating, price).

    The hero is the best and the workhorse the cheapest.
    """
    picks: list[Pick] = []
    points: list[FrontierPoint] = []
    boards: dict[Place, Board] = {}
    for task, models in market.items():
        best = max(models, key=lambda name: models[name][0])
        cheap = min(models, key=lambda name: models[name][1])
        picks += [
            pick(task, "hero", best, *models[best]),
            pick(task, "workhorse", cheap, *models[cheap]),
        ]
        points += [
            FrontierPoint(
                task, "all", name, name, price, False, rating, None, None, 1.0, True, "arena"
            )
            for name, (rating, price) in models.items()
        ]
        rows = tuple(
            row(name, rating, (vendors or {}).get(name), latency)
            for name, (rating, _) in models.items()
        )
        place = Place("arena", task, "all", False)
        boards[place] = Board("arena", task, "all", AT, None, None, False, None, (), rows, ())
    churn = tuple(report(task, *found) for task, found in (half_lives or {}).items())
    return Known(
        "edition",
        Picks(tuple(picks), (), (), (), tuple(points)),
        boards,
        churn,
        Crosswalk(()),
        {},
        (),
        date(2026, 3, 1),
    )


def pick(task: str, role: Role, model: str, rating: float, price: float) -> Pick:
    """One pick."""
    return Pick(
        task,
        "all",
        role,
        model,
        model,
        rating,
        None,
        None,
        0.9,
        None,
        price,
        "a price",
        None,
        "best",
        None,
        "outside board",
        False,
        AT,
        source="arena",
    )


def row(model: str, rating: float, vendor: str | None, latency: float | None) -> BoardRow:
    """One row of a board."""
    return BoardRow(
        model,
        model,
        vendor,
        None,
        False,
        1,
        1,
        1,
        rating,
        None,
        None,
        None,
        None,
        10,
        0,
        None,
        latency,
        None,
        None,
        None,
    )


def report(task: str, days: float, low: float, high: float | None) -> ChurnReport:
    """A board's half-life and nothing else."""
    published = Published(0, 0, 0, 0, NOTHING, NOTHING)
    return ChurnReport(
        "arena",
        task,
        5,
        False,
        AT - timedelta(days=300),
        AT,
        10,
        10,
        False,
        (),
        published,
        published,
        IntervalCensored(NOTHING, NOTHING),
        HalfLife(Estimate(days, (low, high)), "frozen strengths", 1, 10.0, 0),
        NOTHING,
        NOTHING,
        "as published",
        "unknown",
        Noise(0, 0, None, None, None, None, None, None, None, None),
        (),
        (),
        None,
        (),
        (),
        (),
        (),
        (),
    )
