"""Read-only: one function per question, answered from one published edition.

Open the edition with `open_edition`, then ask; the answers are the frozen rows of
`leaderboard.answers`. Neither pandas nor torch is imported.
"""

from __future__ import annotations

import json
from dataclasses import fields
from itertools import groupby
from typing import Any

from evals.compute.answers import ComputeReport
from evals.errors import StoreError
from evals.prices.answers import PriceReport
from leaderboard.advantage.answers import AdvantageReport
from leaderboard.answers import (
    ALL_DOMAINS,
    ImportFinding,
    ModelScore,
    NoPick,
    Pick,
    Picks,
    Refusal,
    SnapshotRow,
    SuiteRow,
)
from leaderboard.board_queries import board, boards, people
from leaderboard.churn import document
from leaderboard.churn.answers import ChurnReport
from leaderboard.distinctness.answers import Families
from leaderboard.documents import Answer, from_document
from leaderboard.edition import Edition, open_edition, rows_of
from leaderboard.generation_queries import gallery, made, revisions, votable
from leaderboard.pick_answers import Call, Decision, FrontierPoint, LogEntry
from leaderboard.run_answers import FailureRow, PromptRow, RunRow
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.usage.answers import UsageReport
from leaderboard.usage.shift_answers import AdoptionReport

__all__ = [
    "Edition",
    "adoption",
    "advantage",
    "board",
    "boards",
    "churn",
    "compute",
    "failures",
    "families",
    "gallery",
    "history",
    "import_findings",
    "made",
    "open_edition",
    "people",
    "pick_log",
    "picks",
    "prices",
    "prompts",
    "revisions",
    "runs",
    "scores",
    "snapshots",
    "suites",
    "usage",
    "votable",
]


def suites(edition: Edition) -> tuple[SuiteRow, ...]:
    """The current version of every suite that has results, by id."""
    rows = rows_of(
        edition,
        "SELECT suite_id AS id, suite_version AS version, title, task, reference_model"
        " FROM current_suites JOIN suites USING (suite_id, suite_version) ORDER BY 1",
    )
    return tuple(SuiteRow(**row) for row in rows)


def picks(edition: Edition) -> Picks:
    """Every pick, every role that nothing qualified for and every refusal."""
    # Within a place own evaluations of real models come first, and simulated ones last.
    place = "task, domain <> 'all', domain, simulated, source <> 'evals', role"
    picked = rows_of(edition, f"SELECT * FROM picks ORDER BY {place}")  # noqa: S608 - our own words
    none = rows_of(edition, f"SELECT * FROM picks_none ORDER BY {place}")  # noqa: S608 - likewise
    refused = rows_of(
        edition, "SELECT * FROM picks_refused ORDER BY task, domain <> 'all', domain, model"
    )
    made = rows_of(edition, "SELECT report FROM pick_decisions ORDER BY ordinal")
    points = rows_of(edition, "SELECT report FROM pick_frontier ORDER BY ordinal")
    return Picks(
        tuple(_pick(edition, row) for row in picked),
        tuple(NoPick(**row) for row in none),
        tuple(Refusal(**row) for row in refused),
        tuple(_document(edition, Decision, row["report"]) for row in made),
        tuple(_document(edition, FrontierPoint, row["report"]) for row in points),
    )


def _pick(edition: Edition, row: dict[str, Any]) -> Pick:
    call = row.pop("call")
    return Pick(**row, call=None if call is None else _document(edition, Call, call))


def pick_log(edition: Edition) -> tuple[LogEntry, ...]:
    """Every switch of a pick and every refusal to switch, the oldest first."""
    rows = rows_of(edition, "SELECT * EXCLUDE (ordinal) FROM pick_log ORDER BY ordinal")
    return tuple(LogEntry(**row) for row in rows)


def usage(edition: Edition) -> tuple[UsageReport, ...]:
    """What routers logged, one report per task and board that it is about."""
    rows = rows_of(edition, "SELECT report FROM usage_reports ORDER BY task, ordinal")
    return tuple(_document(edition, UsageReport, row["report"]) for row in rows)


def families(edition: Edition) -> Families | None:
    """Every variant beside its base, and whether it is distinct; `None` in an older edition."""
    rows = rows_of(edition, "SELECT report FROM families")
    return _document(edition, Families, rows[0]["report"]) if rows else None


def adoption(edition: Edition) -> tuple[AdoptionReport, ...]:
    """What counts through time say, one report per series."""
    rows = rows_of(edition, "SELECT report FROM adoption_reports ORDER BY ordinal")
    return tuple(_document(edition, AdoptionReport, row["report"]) for row in rows)


def advantage(edition: Edition) -> tuple[AdvantageReport, ...]:
    """What generation saves by domain, one report per board that picks were decided from."""
    rows = rows_of(edition, "SELECT report FROM advantage_reports ORDER BY ordinal")
    return tuple(_document(edition, AdvantageReport, row["report"]) for row in rows)


def compute(edition: Edition) -> ComputeReport | None:
    """What generations take, as the last refresh found it counted; None where nothing was."""
    rows = rows_of(edition, "SELECT report FROM compute_report")
    return _document(edition, ComputeReport, rows[0]["report"]) if rows else None


def prices(edition: Edition) -> PriceReport | None:
    """The price book on the day of the last refresh; None where nobody's prices are in it."""
    rows = rows_of(edition, "SELECT report FROM price_report")
    return _document(edition, PriceReport, rows[0]["report"]) if rows else None


def _document(edition: Edition, kind: type[Answer], report: str) -> Answer:
    try:
        return from_document(kind, report)
    except ValueError as error:
        raise StoreError(
            f"{edition.path}: what it holds is of another version;"
            " run `churnboard refresh` to publish a new edition"
        ) from error


def runs(edition: Edition) -> tuple[RunRow, ...]:
    """Every ingested run, the newest first."""
    rows = rows_of(
        edition,
        "SELECT run_id AS id, started_at, finished_at, status, suite_id AS suite, suite_version,"
        " task, epoch, planned, ok, failed, skipped, seconds, cost_usd, models, machine,"
        " versions, notes FROM runs ORDER BY started_at DESC, run_id",
    )
    for row in rows:
        row["models"], row["notes"] = tuple(row["models"]), tuple(row["notes"])
        row["machine"], row["versions"] = json.loads(row["machine"]), json.loads(row["versions"])
    return tuple(RunRow(**row) for row in rows)


def failures(edition: Edition, run_id: str) -> tuple[FailureRow, ...]:
    """The generations of a run that have no media, in order of time."""
    rows = rows_of(
        edition,
        "SELECT model_id AS model, prompt_id, seed, status, kind, message, blame,"
        ' failed_at AS "at" FROM failures WHERE run_id = ?'
        " ORDER BY failed_at, model, prompt_id, seed",
        [run_id],
    )
    return tuple(FailureRow(**row) for row in rows)


def prompts(edition: Edition, suite_id: str) -> tuple[PromptRow, ...]:
    """The prompts of the current version of a suite, in its own order."""
    rows = rows_of(
        edition,
        "SELECT p.prompt_id AS id, p.text, p.domains, p.facts,"
        " (SELECT list(DISTINCT g.seed ORDER BY g.seed) FROM current_generations g"
        "  WHERE g.suite_id = p.suite_id AND g.prompt_id = p.prompt_id) AS seeds"
        " FROM prompts p JOIN current_suites USING (suite_id, suite_version)"
        " WHERE p.suite_id = ? ORDER BY p.ordinal",
        [suite_id],
    )
    for row in rows:
        row["domains"], row["seeds"] = tuple(row["domains"]), tuple(row["seeds"] or ())
        row["facts"] = json.loads(row["facts"])
    return tuple(PromptRow(**row) for row in rows)


def history(edition: Edition, source: str, arena: str | None = None) -> tuple[SnapshotRow, ...]:
    """An outside board as published, all its arenas when none is named.

    By arena and date, then ranked lines by rank, then the others by falling score.
    """
    rows = rows_of(
        edition,
        "SELECT * EXCLUDE (snapshot_key) FROM snapshot_lines"
        " WHERE source = ? AND (?::VARCHAR IS NULL OR arena = ?)"
        " ORDER BY arena, published_at, rank NULLS LAST, score DESC NULLS LAST, model",
        [source, arena, arena],
    )
    return tuple(SnapshotRow(**row) for row in rows)


def import_findings(edition: Edition) -> tuple[ImportFinding, ...]:
    """What was noticed on importing files, boards that were refused among them; newest first."""
    rows = rows_of(
        edition,
        "SELECT i.file, i.source, i.imported_at, f.arena, f.name, f.count, f.detail, f.examples"
        " FROM import_findings f JOIN imports i USING (import_id)"
        " ORDER BY i.imported_at DESC, import_id, f.ordinal",
    )
    for row in rows:
        row["examples"] = tuple(row["examples"])
    return tuple(ImportFinding(**row) for row in rows)


def snapshots(edition: Edition, source: str | None = None) -> tuple[Snapshot, ...]:
    """Every stored board as it was published, of all sources when none is named."""
    sources = [row["source"] for row in rows_of(edition, "SELECT DISTINCT source FROM snapshots")]
    found: list[Snapshot] = []
    for name in sorted(sources):
        if source in (None, name):
            lines = history(edition, name)
            for (arena, at), group in groupby(lines, key=lambda row: (row.arena, row.published_at)):
                found.append(Snapshot(name, arena, at, tuple(_entry(row) for row in group)))
    return tuple(found)


def _entry(row: SnapshotRow) -> Entry:
    return Entry(**{field.name: getattr(row, field.name) for field in fields(Entry)})


def churn(edition: Edition) -> tuple[ChurnReport, ...]:
    """What the last refresh found of every board's churn, by source and arena."""
    rows = rows_of(edition, "SELECT report FROM churn ORDER BY source, arena, top")
    try:
        return tuple(document.from_document(row["report"]) for row in rows)
    except ValueError as error:
        raise StoreError(
            f"{edition.path}: its churn reports are of another version;"
            " run `churnboard refresh` to publish a new edition"
        ) from error


def scores(edition: Edition, suite_id: str, metric: str) -> tuple[ModelScore, ...]:
    """Rating beside the mean of one metric, on the suite's board for all domains.

    Ordered by falling rating; a model without a score of that metric is not in it.
    """
    rows = rows_of(
        edition,
        "SELECT r.model, r.name, r.anchor, m.training_run, r.rating, s.value"
        " FROM boards b JOIN board_rows r USING (board_id)"
        " JOIN board_scores s USING (board_id, model)"
        " LEFT JOIN current_models c ON c.suite_id = b.suite_id AND c.model_id = r.model"
        " LEFT JOIN models m USING (model_id, model_revision)"
        " WHERE b.suite_id = ? AND b.domain = ? AND s.metric = ? ORDER BY r.ordinal",
        [suite_id, ALL_DOMAINS, metric],
    )
    return tuple(ModelScore(**row) for row in rows)
