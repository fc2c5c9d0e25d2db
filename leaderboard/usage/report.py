"""Counts by day, boards, picks and their log -> what picks are decided from, and what an edition
keeps (pure).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from evals.types import TASKS, Model
from leaderboard.answers import ALL_DOMAINS, Pick, ground_of
from leaderboard.crosswalk.entries import Crosswalk
from leaderboard.identity import Alias
from leaderboard.pick_answers import Ground, LogEntry
from leaderboard.picks.conclude import Case
from leaderboard.picks.field import Field
from leaderboard.picks.policy import Policy
from leaderboard.usage.adoption import rise_lags, switch_lags, typical
from leaderboard.usage.answers import ModelUsage, PickTraffic, RankPoint, UsageReport
from leaderboard.usage.days import Day
from leaderboard.usage.measured import measured, window, with_usage
from leaderboard.usage.names import Names, holders, names_of
from leaderboard.usage.traffic import Flow, flows, made, shares, total, within

Board = tuple[str, str, bool]
"""Task, source, and whether its models are simulated."""


@dataclass(frozen=True)
class Usage:
    """What routers logged, in the names of every board that picks are decided from."""

    days: tuple[Day, ...]
    names: Mapping[Board, Names]

    def flows(self, board: Board, log: Iterable[LogEntry]) -> tuple[Flow, ...]:
        """The calls for a board's task, in its names."""
        task, source, simulated = board
        ground = ground_of(source, simulated)
        elsewhere = {
            s for (other, _, _), names in self.names.items() if other != task for s in names
        }
        own = holders(entry for entry in log if _of(entry, task, ground))
        return flows(self.days, task, self.names[board], own, elsewhere)


def longest_window(policy: Policy, at: datetime) -> date:
    """The first day that any rule of the policy looks at."""
    every = [policy.base, *(policy.tasks or {}).values(), *(policy.domains or {}).values()]
    return at.date() - timedelta(days=max(rules.usage.window_days for rules in every))


def usage_of(
    days: Sequence[Day],
    cases: Iterable[Case],
    crosswalk: Crosswalk,
    aliases: Sequence[Alias],
    registered: Mapping[str, Model],
) -> Usage:
    """Usage in the names of the boards of these cases."""
    by_board: dict[Board, list[Field]] = {}
    for case in cases:
        by_board.setdefault(_board(case.field), []).append(case.field)
    names = {
        board: names_of(fields, crosswalk, aliases, registered)
        for board, fields in by_board.items()
    }
    return Usage(tuple(days), names)


def as_used(
    cases: Sequence[Case], usage: Usage, log: Sequence[LogEntry], policy: Policy, at: datetime
) -> list[Case]:
    """The cases with what production says of their models."""
    if not usage.days:
        return list(cases)
    every = {board: usage.flows(board, log) for board in usage.names}
    return [
        replace(case, field=with_usage(case.field, _measured(case.field, every, policy, at)))
        for case in cases
    ]


def reports(
    cases: Sequence[Case],
    usage: Usage,
    picks: Sequence[Pick],
    log: Sequence[LogEntry],
    policy: Policy,
    at: datetime,
) -> tuple[UsageReport, ...]:
    """One report for every board that a call can be told to be about.

    Args:
        cases: what picks were decided from.
        usage: what was logged.
        picks: of these cases.
        log: of picks, with what was just decided.
        policy: the windows.
        at: the time of the decision.
    """
    found: list[UsageReport] = []
    every = {board: usage.flows(board, log) for board in usage.names}
    for board in usage.names:
        if any(flow.could_be for flow in every[board]):
            own = [case for case in cases if _board(case.field) == board]
            found.append(_report(board, own, every[board], picks, log, policy, at))
    return tuple(found)


def places_of(cases: Iterable[Case], usage: Usage) -> dict[str, tuple[RankPoint, ...]]:
    """Whatever a model is called -> its places on the board of the first task that has it.

    Real boards come before simulated ones.
    """
    found: dict[str, tuple[RankPoint, ...]] = {}
    order = {task: number for number, task in enumerate(TASKS)}
    by_task = sorted(cases, key=lambda one: (one.field.simulated, order.get(one.field.task, 99)))
    for case in by_task:
        if case.field.domain != ALL_DOMAINS:
            continue
        of: dict[str, list[RankPoint]] = {}
        for one in case.history:
            for entry in one.entries:
                if entry.rank is not None:
                    point = RankPoint(one.published_at, entry.model, entry.rank)
                    of.setdefault(entry.model, []).append(point)
        for string, models in usage.names[_board(case.field)].items():
            if len(models) == 1 and models[0] in of:
                found.setdefault(string, tuple(of[models[0]]))
    return found


def _report(
    board: Board,
    cases: Sequence[Case],
    every: Sequence[Flow],
    picks: Sequence[Pick],
    log: Sequence[LogEntry],
    policy: Policy,
    at: datetime,
) -> UsageReport:
    task, source, simulated = board
    rules = policy.rules(task).usage
    recent = made(within(every, *window(at, rules)))
    models = sorted({one.model for case in cases for one in case.field.candidates})
    # A model may have left the board, and still have calls.
    models += sorted({flow.model for flow in recent if flow.model} - set(models))
    known = measured(every, models, at, rules)
    boards = next((case.history for case in cases if case.field.domain == ALL_DOMAINS), ())
    ground = ground_of(source, simulated)
    switches = switch_lags(every, [entry for entry in log if _of(entry, task, ground)])
    risen = rise_lags(every, boards)
    used = {flow.model for flow in every}
    strange = {flow.name for flow in recent if flow.model is None}
    ranks = tuple(
        RankPoint(one.published_at, entry.model, entry.rank)
        for one in boards
        for entry in one.entries
        if entry.rank is not None and entry.model in used
    )
    return UsageReport(
        task=task,
        source=source,
        simulated=simulated,
        begins=min(flow.day for flow in every),
        ends=max(flow.day for flow in every),
        calls=total(made(every)),
        window_days=rules.window_days,
        picks=tuple(
            _traffic(pick, recent, known.get(pick.model))
            for pick in picks
            if (pick.task, pick.source, pick.simulated) == board
        ),
        models=tuple(sorted(known.values(), key=lambda one: (-one.calls, one.model))),
        unmatched=tuple(one for one in shares(recent, step=None) if one.name in strange),
        weeks=shares(made(every)),
        classes=shares(every, lambda flow: flow.counts.kind),
        ranks=ranks,
        switches=switches,
        rises=risen,
        typical_switch=typical(switches),
        typical_rise=typical(risen),
    )


def _traffic(pick: Pick, recent: Sequence[Flow], known: ModelUsage | None) -> PickTraffic:
    alias = [f for f in recent if (f.role, f.domain) == (pick.role, pick.domain)]
    whole, every = total(alias), total(recent)
    of_alias = total(flow for flow in alias if flow.model == pick.model)
    of_task = total(flow for flow in recent if flow.model == pick.model)
    return PickTraffic(
        domain=pick.domain,
        role=pick.role,
        model=pick.model,
        alias_calls=of_alias,
        alias_share=of_alias / whole if whole else None,
        task_calls=of_task,
        task_share=of_task / every if every else None,
        failure_rate=None if known is None else known.failure_rate,
        latency_p50_s=None if known is None else known.latency_p50_s,
        latency_p95_s=None if known is None else known.latency_p95_s,
    )


def _measured(
    field: Field, every: Mapping[Board, Sequence[Flow]], policy: Policy, at: datetime
) -> dict[str, ModelUsage]:
    rules = policy.rules(field.task, field.domain).usage
    models = [one.model for one in field.candidates]
    return measured(every[_board(field)], models, at, rules)


def _board(field: Field) -> Board:
    return field.task, field.source, field.simulated


def _of(entry: LogEntry, task: str, ground: Ground) -> bool:
    return entry.task == task and ground_of(entry.source, entry.simulated) == ground
