"""Chains and what is told of them, as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evals.display import table
from leaderboard.workflows import graph, words
from leaderboard.workflows.answers import Bill, Choice, WorkflowAnswer
from leaderboard.workflows.chain import Chain
from leaderboard.workflows.step_runs import StepRun


def show_list(chains: Sequence[Chain]) -> None:
    """Every chain, one a line."""
    rows: list[dict[str, Any]] = [
        {
            "id": one.id,
            "steps": len(one.steps),
            "evaluated": sum(step.evaluated for step in one.steps),
            "times": sum(graph.generations(one).values()),
            "runs": bool(one.recipes),
            "title": f"{one.title}{' (simulated)' if one.simulated else ''}",
        }
        for one in chains
    ]
    table("Workflows", rows, ("id", "steps", "evaluated", "times", "runs", "title"))


def show_chain(chain: Chain) -> None:
    """The steps of a chain; a star marks a task that is not evaluated here."""
    counts = graph.generations(chain)
    rows: list[dict[str, Any]] = [
        {
            "step": step.id,
            "task": step.task if step.evaluated else f"{step.task} *",
            "takes_from": list(step.inputs),
            "times": counts[step.id],
            "goes_on": "all" if step.keep == "all" and step.count > 1 else "best",
            "role": step.role,
            "asks_for": " ".join(
                one
                for one in (
                    step.domain if step.domain != "all" else "",
                    step.size or "",
                    f"{step.seconds:g} s" if step.seconds else "",
                    step.model or "",
                )
                if one
            )
            or None,
        }
        for step in graph.order(chain)
    ]
    kept = ("goes_on",) if any(row["goes_on"] == "all" for row in rows) else ()
    columns = ("step", "task", "takes_from", "times", *kept, "role", "asks_for")
    table(chain.title, rows, columns)


def show_plan(answer: WorkflowAnswer, plan: str) -> list[str]:
    """The steps of one plan, and all plans beside each other; the lines to print below."""
    chosen = answer.bill(plan) or answer.bills[0]
    timed = any(one.latency_s is not None for one in chosen.choices)
    table(
        f"{answer.chain.title}: {chosen.plan}",
        [_choice(one) for one in chosen.choices],
        ("step", "role", "model", "times", "USD", *(("seconds",) if timed else ()), "win_rate"),
    )
    table(
        "Plans for one run of the whole chain",
        [_bill(one) for one in answer.bills],
        (
            *("plan", "cost", "quality", "judged"),
            *(("seconds", "in_a_row") if timed else ()),
        ),
    )
    lines = [f"no price: {one}" for one in chosen.unpriced]
    lines += list(answer.notes)
    if chosen.unmeasured and chosen.latency_s is not None:
        lines.append(f"latency not known of: {', '.join(chosen.unmeasured)}")
    if answer.refused is not None:
        lines.append(f"no plan under the budget: {answer.refused}")
    lines.append(
        "win rate: expected share of comparisons with the step's hero, 50 % being the hero"
        " itself; quality: its mean over steps. The chain's output was not judged."
    )
    return lines


def show_half_life(answer: WorkflowAnswer) -> list[str]:
    """The distinct picks of a chain, the first to go first; the lines to print below."""
    rows: list[dict[str, Any]] = [
        {
            "steps": list(one.steps),
            "model": one.model,
            "half_life": words.days(one.days, one.low, one.high) if one.days else one.reason,
            "goes_first": None if one.share is None else f"{one.share:.0%}",
            "check_by": None if one.revalidate_by is None else one.revalidate_by.date(),
        }
        for one in answer.lives
    ]
    columns = ("steps", "model", "half_life", "goes_first", "check_by")
    table(f"{answer.chain.title}: {answer.mode}", rows, columns)
    return [*words.joint_words(answer.joint), words.first_words(answer)]


def show_run(runs: Sequence[StepRun]) -> None:
    """What became of every step."""
    rows: list[dict[str, Any]] = [
        {
            "step": one.step,
            "status": one.status,
            "model": one.model,
            "made": one.made,
            "there_before": one.already,
            "failed": one.failed,
            "go_on": len(one.outputs),
            "seconds": one.seconds,
            "USD": one.cost_usd,
            "why": one.reason,
        }
        for one in runs
    ]
    columns = (
        *("step", "status", "model", "made", "there_before"),
        *("failed", "go_on", "seconds", "USD", "why"),
    )
    table("Steps", rows, columns)


def _choice(one: Choice) -> dict[str, Any]:
    return {
        "step": one.step,
        "role": one.role,
        "model": one.model,
        "times": one.generations,
        "USD": one.usd,
        "seconds": one.latency_s,
        "win_rate": None if one.win_rate is None else f"{one.win_rate:.0%}",
    }


def _bill(one: Bill) -> dict[str, Any]:
    return {
        "plan": one.plan,
        "cost": words.total(one),
        "quality": None if one.quality is None else f"{one.quality:.1%}",
        "judged": one.judged,
        "seconds": one.latency_s,
        "in_a_row": one.serial_s,
    }
