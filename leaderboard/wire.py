"""Answers as JSON, for `--json`. Described in docs/json.md.

Keys are only ever added within a major version. `null` means not known or not applicable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from leaderboard.advantage.answers import CLAIM, AdvantageReport
from leaderboard.answers import Board, Picks
from leaderboard.churn.answers import ChurnReport, Estimate, Published
from leaderboard.distinctness.answers import Families, Measured, Variant
from leaderboard.pick_answers import LogEntry
from leaderboard.trust import People
from leaderboard.usage import shift_answers
from leaderboard.usage.answers import UsageReport
from leaderboard.usage.shift_answers import AdoptionReport

if TYPE_CHECKING:
    from leaderboard.picks.backtest import Backtest

SCHEMA_VERSION = "2.0"


def boards_json(
    edition: str,
    boards: Sequence[Board],
    people: Mapping[str, People | None] | None = None,
    prices_at: date | None = None,
) -> dict[str, Any]:
    """What `churnboard board --json` prints.

    Args:
        edition: its name.
        boards: of it.
        people: with `--sensitivity`: by suite.
        prices_at: the day whose prices the costs are at; None for the days of the generations.
    """
    told = [_board(board) for board in boards]
    if people is not None:
        for one, board in zip(told, boards, strict=True):
            one["sensitivity"] = plain(board.sensitivity)
            one["people"] = plain(people.get(board.suite_id or ""))
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "prices_at": plain(prices_at),
        "boards": told,
    }


def picks_json(
    edition: str,
    picks: Picks,
    log: Sequence[LogEntry] = (),
    usage: Sequence[UsageReport] = (),
) -> dict[str, Any]:
    """What `churnboard picks --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        **decisions(picks),
        "decisions": plain(picks.decisions),
        "frontier": plain(picks.frontier),
        "log": plain(log),
        "traffic": [
            {"task": one.task, "source": one.source, "window_days": one.window_days, **plain(got)}
            for one in usage
            for got in one.picks
        ],
    }


def usage_json(edition: str, usage: Sequence[UsageReport]) -> dict[str, Any]:
    """What `churnboard usage --json` prints."""
    return {"schema_version": SCHEMA_VERSION, "edition": edition, "usage": plain(usage)}


def variants_json(
    edition: str, found: Families | None, variants: Sequence[Variant]
) -> dict[str, Any]:
    """What `churnboard variants --json` prints.

    Args:
        edition: its name.
        found: the rule, and what was held to it; None where the edition holds none.
        variants: those that are shown.
    """
    rule = cast(dict[str, Any], plain(found) or {})
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        **rule,
        "variants": [_variant(one) for one in variants],
    }


def _variant(one: Variant) -> dict[str, Any]:
    """A row without levels: what was not measured is null."""
    told = cast(dict[str, Any], plain(one))
    measured = told.pop("measured") or dict.fromkeys(field.name for field in fields(Measured))
    return {**told, **measured}


def adoption_json(edition: str, found: Sequence[AdoptionReport]) -> dict[str, Any]:
    """What `churnboard usage adoption --json` prints."""
    told = cast(list[dict[str, Any]], plain(found))
    for report in told:
        for trend in report["trends"]:
            for point in trend["points"]:
                point["share"] = point["hits"] / point["of"]
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "claim": shift_answers.CLAIM,
        "series": told,
    }


def advantage_json(edition: str, found: Sequence[AdvantageReport]) -> dict[str, Any]:
    """What `churnboard advantage --json` prints."""
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "claim": CLAIM,
        "boards": plain(found),
    }


def backtests_json(edition: str, found: Sequence[Backtest | str]) -> dict[str, Any]:
    """What `churnboard picks --backtest --json` prints."""
    told = [one for one in found if not isinstance(one, str)]
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "backtests": [
            {
                "source": one.source,
                "arena": one.arena,
                "from": plain(one.begins),
                "to": plain(one.ends),
                "boards": one.boards,
                "skipped": one.skipped,
                "policies": plain(one.lines),
                "notes": list(one.notes),
            }
            for one in told
        ],
        "none": [one for one in found if isinstance(one, str)],
    }


def half_lives_json(reports: Sequence[ChurnReport], edition: str | None) -> dict[str, Any]:
    """What `churnboard half-life --json` prints; `edition` is `None` when computed afresh."""
    return {
        "schema_version": SCHEMA_VERSION,
        "edition": edition,
        "boards": [_churn(report) for report in reports],
    }


def decisions(picks: Picks) -> dict[str, Any]:
    """Picks, roles without one, and refusals: as `picks` says them."""
    picked = [cast(dict[str, Any], plain(pick)) for pick in picks.picks]
    return {
        "picks": [{"suite": pick.pop("suite_id"), **pick} for pick in picked],
        "none": [plain(entry) for entry in picks.none],
        "refused": [plain(entry) for entry in picks.refused],
    }


def plain(value: Any) -> Any:
    """Dataclasses, times and paths as JSON knows them; times in UTC with a `Z`."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in cast(Mapping[Any, Any], value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast(Sequence[Any], value)]
    return value


def _board(board: Board) -> dict[str, Any]:
    suite = {"id": board.suite_id, "version": board.suite_version} if board.suite_id else None
    return {
        "source": board.source,
        "task": board.task,
        "domain": board.domain,
        "at": plain(board.at),
        "suite": suite,
        "simulated": board.simulated,
        "reference": board.reference,
        "metrics": list(board.metrics),
        "weights": [plain(entry) for entry in board.weights],
        "left_out": [plain(entry) for entry in board.left_out],
        "silent_changes": [plain(entry) for entry in board.silent_changes],
        "rows": [plain(row) for row in board.rows],
    }


def _churn(report: ChurnReport) -> dict[str, Any]:
    headline = report.half_life
    return {
        "source": report.source,
        "arena": report.arena,
        "top": report.top,
        "from": plain(report.begins.date()),
        "to": plain(report.ends.date()),
        "snapshots": report.snapshots,
        "distinct_boards": report.distinct_boards,
        "simulated": report.simulated,
        "by_score": report.by_score,
        "aliases": list(report.aliases),
        "as_published": _published(report.as_published),
        "bridged": _published(report.bridged),
        "interval_censored": {
            "turnbull_days": report.interval_censored.turnbull.days,
            "weibull_days": report.interval_censored.weibull.days,
            "weibull_interval": plain(report.interval_censored.weibull.interval),
        },
        "half_life": {
            **_estimate(headline.estimate),
            "method": headline.method,
            "draws": headline.draws,
            "exits": headline.exits,
            "missing_exits": headline.missing_exits,
        },
        "replaced_half_time": {
            **_estimate(report.replaced_half_time),
            "membership": report.replaced_by,
        },
        "noise": plain(report.noise),
        "causes": plain(report.causes),
        "replaced_in_30_days": report.replaced_in_30_days.days,
        "replaced_in_30_days_interval": plain(report.replaced_in_30_days.interval),
        "claim_30_days": report.claim_30_days,
        "change": plain(report.change),
        "windows": plain(report.windows),
        "at_risk": plain(report.at_risk),
        "findings": plain(report.findings),
    }


def _published(found: Published) -> dict[str, Any]:
    return {
        "spells": found.spells,
        "exits": found.exits,
        "entered": found.entered,
        "entered_exits": found.entered_exits,
        "kaplan_meier_days": found.kaplan_meier.days,
        "kaplan_meier_interval": plain(found.kaplan_meier.interval),
        "kaplan_meier_at_least_days": found.kaplan_meier.at_least_days,
        "exponential_days": found.exponential.days,
        "exponential_at_least_days": found.exponential.at_least_days,
        "interval": plain(found.exponential.interval),
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    return cast(dict[str, Any], plain(found))
