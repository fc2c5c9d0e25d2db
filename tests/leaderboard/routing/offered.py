"""Picks with all that a router is told of them, made up, and documents of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from evals.types import Model, Task
from leaderboard.answers import NoPick, Pick, Picks, Refusal
from leaderboard.pick_answers import Call, Decision, Fallback, LogEntry, Outlook, Role
from leaderboard.routing.recommendations import Router, build
from leaderboard.routing.routes import Route, route_of_call, route_of_model
from tests.leaderboard.factory import START


def pick(
    model: str,
    role: Role = "hero",
    task: str = "text-to-image",
    domain: str = "all",
    cost: float = 0.02,
    source: str = "evals",
    simulated: bool = False,
    call: Call | None = None,
    per_second: float | None = None,
) -> Pick:
    """A pick that is known in full."""
    return Pick(
        task=task,
        domain=domain,
        role=role,
        model=model,
        name=model.title(),
        rating=1040.0,
        rating_low=1000.0,
        rating_high=1080.0,
        p_best=0.7,
        p_floor=0.95 if role == "workhorse" else None,
        cost_usd=cost,
        cost_basis="a price",
        latency_p50_s=1.5,
        reason="best",
        runner_up=None,
        evidence="own evaluation" if source == "evals" else "outside board",
        simulated=simulated,
        decided_at=START,
        suite_id="calibration" if source == "evals" else None,
        source=source,
        evidence_at=START,
        call=call,
        usd_per_clip_second=per_second,
    )


def line(*models: str, cost: float = 0.03, per_second: float | None = None) -> tuple[Fallback, ...]:
    """Fallbacks, the best first."""
    return tuple(
        Fallback(model, model.title(), cost, "a price", per_second, 0.1, None) for model in models
    )


def made(one: Pick, fallbacks: tuple[Fallback, ...] = (), days: float = 20) -> Decision:
    """The decision behind a pick; it is to be checked again in so many days."""
    return Decision(
        task=one.task,
        domain=one.domain,
        role=one.role,
        decided_at=START,
        source=one.source,
        evidence=one.evidence,
        evidence_at=START,
        action="switched",
        cause="better",
        model=one.model,
        since=START,
        previous="before",
        challenger=None,
        runner_up=None,
        p_best=one.p_best,
        p_floor=one.p_floor,
        price=one.cost_usd,
        reason=one.reason,
        tied=(),
        rivals=(),
        outlook=Outlook(0.9, 0.6, 12.0, None, START + timedelta(days=days)),
        simulated=one.simulated,
        fallbacks=fallbacks,
        latency_p95_s=4.0,
    )


def left(
    model: str, one: Pick | NoPick, day: int = 0, action: str = "switched", cause: str = "gone"
) -> LogEntry:
    """A line of the log: a model lost the role."""
    return LogEntry(
        at=START + timedelta(days=day),
        task=one.task,
        domain=one.domain,
        role=one.role,
        action=cast("Any", action),
        cause=cast("Any", cause),
        model=None if action == "dropped" else getattr(one, "model", None),
        previous=model,
        since=START,
        challenger=None,
        price=None,
        source=one.source,
        evidence_at=START,
        reason="a reason",
        simulated=one.simulated,
    )


def served(name: str, base: str, task: Task = "text-to-image", **settings: object) -> Model:
    """A registered model behind a server that speaks OpenAI's API."""
    given = {"model": name, "base_url": base, "key_env": "", **settings}
    return Model(name, name.title(), task, "openai", given)


def by_registry(*models: Model) -> Router:
    """Own models by their files, others by the crosswalk."""
    known = {model.id: model for model in models}

    def route(model: str, task: str, source: str, call: Call | None) -> Route | None:
        if call is not None:
            return route_of_call(call, task)
        return route_of_model(known[model]) if source == "evals" and model in known else None

    return route


def picks_of(*decided: tuple[Pick, Decision], refused: tuple[Refusal, ...] = ()) -> Picks:
    """Everything of an edition."""
    return Picks(
        tuple(one for one, _ in decided), (), refused, tuple(decision for _, decision in decided)
    )


def document(
    picks: Picks, *models: Model, sequence: int = 1, log: tuple[LogEntry, ...] = ()
) -> dict[str, Any]:
    """As it is exported."""
    return build("leaderboard-1", picks, log, by_registry(*models), sequence, START)
