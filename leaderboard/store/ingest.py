"""Run records -> tables. Doing it twice changes nothing.

A trial has one row. A settled result (ok, or failed by the model's own fault) is kept for good; a
failure of the infrastructure is missing data and gives way to any later result of the trial. The
outcome does not depend on the order in which records arrive.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from evals import start_frames
from evals.plan import is_done, settled
from evals.record_types import RunRecord
from evals.types import Result, digest
from leaderboard.store.database import transaction
from leaderboard.store.scores import ingest_scores
from leaderboard.store.staging import Columns, staged

_GENERATION: Columns = (
    ("trial_key", "text"),
    ("run_id", "text"),
    ("model_id", "text"),
    ("model_revision", "text"),
    ("suite_id", "text"),
    ("suite_version", "text"),
    ("prompt_id", "text"),
    ("seed", "int"),
    ("epoch", "int"),
    ("status", "text"),
    ("settled", "flag"),
    ("started_at", "time"),
    ("latency_s", "float"),
    ("media_path", "text"),
    ("media_sha256", "text"),
    ("mime", "text"),
    ("width", "int"),
    ("height", "int"),
    ("bytes", "int"),
    ("quantities", "text"),
    ("cost_usd", "float"),
    ("cost_basis", "text"),
    ("failure_kind", "text"),
    ("failure_message", "text"),
    ("failure_blame", "text"),
    ("frames", "int"),
    ("fps", "float"),
    ("device", "text"),
    ("served_by", "text"),
)
_FAILURE: Columns = (
    ("run_id", "text"),
    ("model_id", "text"),
    ("prompt_id", "text"),
    ("seed", "int"),
    ("status", "text"),
    ("kind", "text"),
    ("message", "text"),
    ("blame", "text"),
    ("failed_at", "time"),
)


def ingest_records(
    connection: duckdb.DuckDBPyConnection, records: Iterable[RunRecord]
) -> tuple[str, ...]:
    """Store what is new in each record, one transaction a record; return the ids that had news."""
    changed: list[str] = []
    for record in sorted(records, key=lambda record: (record.run.started_at, record.run.id)):
        fresh = _record_digest(record)
        stored = connection.execute(
            "SELECT record_digest FROM runs WHERE run_id = ?", [record.run.id]
        ).fetchone()
        if stored is not None and stored[0] == fresh:
            continue
        with transaction(connection):
            _ingest_run(connection, record, fresh)
            _ingest_results(connection, record)
            ingest_scores(connection, record)
        changed.append(record.run.id)
    return tuple(changed)


def _record_digest(record: RunRecord) -> str:
    """Changes whenever a record grows: records are append-only."""
    finished = record.run.finished_at
    sizes = [len(record.results), len(record.scored)]
    return digest([record.run.id, *sizes, finished.isoformat() if finished else None])


def _ingest_run(
    connection: duckdb.DuckDBPyConnection, record: RunRecord, record_digest: str
) -> None:
    run = record.run
    results = record.results
    counts = {
        status: sum(result.generation.status == status for result in results)
        for status in ("ok", "failed", "skipped")
    }
    last = max((result.generation.started_at for result in results), default=run.started_at)
    # A clock that was set back in mid-run must not make a run of negative length.
    seconds = max(0.0, ((run.finished_at or last) - run.started_at).total_seconds())
    made = [result.generation for result in results if result.generation.status == "ok"]
    costs = [generation.cost_usd for generation in made]
    known = [cost for cost in costs if cost is not None]
    connection.execute(
        "INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        [
            run.id,
            record_digest,
            run.started_at,
            run.finished_at,
            "finished" if run.finished_at else "unfinished",
            run.suite.id,
            run.suite.version,
            run.suite.task,
            run.epoch,
            run.planned,
            counts["ok"],
            counts["failed"],
            counts["skipped"],
            seconds,
            sum(known) if known and len(known) == len(costs) else None,
            [model.id for model in run.models],
            _text(run.machine),
            _text(run.versions),
            _text(run.fingerprint),
            list(record.notes),
            run.kind,
        ],
    )
    suite = run.suite
    # How a suite is read (its title, reference and weights) may change; the newest run wins.
    connection.execute(
        "INSERT INTO suites VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
        " title = excluded.title, reference_model = excluded.reference_model,"
        " weights = excluded.weights, keep_fooled = excluded.keep_fooled,"
        " seen_at = excluded.seen_at WHERE excluded.seen_at >= suites.seen_at",
        [
            *(suite.id, suite.version, suite.title, suite.task, suite.reference_model),
            *(run.started_at, _text(suite.weights), list(suite.keep_fooled)),
        ],
    )
    connection.executemany(
        "INSERT INTO prompts VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
        [
            [
                *(suite.id, suite.version, number, p.id, p.text, list(p.domains), _text(p.facts)),
                start_frames.path_in_run(p.start_frame) if p.start_frame else None,
            ]
            for number, p in enumerate(suite.prompts)
        ],
    )
    for m in run.models:
        # What describes a revision (its name, vendor, role) may be corrected; the newest run wins.
        connection.execute(
            "INSERT INTO models VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " name = excluded.name, vendor = excluded.vendor, licence = excluded.licence,"
            " released = excluded.released, anchor = excluded.anchor, base = excluded.base,"
            " training_run = excluded.training_run, simulated = excluded.simulated,"
            " seen_at = excluded.seen_at WHERE excluded.seen_at >= models.seen_at",
            [
                *(m.id, m.revision, m.name, m.task, m.backend, m.vendor, m.licence, m.released),
                *(m.anchor, m.base, m.training_run, m.simulated, run.started_at),
            ],
        )
    for s in run.metrics:
        connection.execute(
            "INSERT INTO run_metrics VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO NOTHING",
            [
                *(run.id, s.name, s.version, s.title, s.modality, s.measures, s.higher_is_better),
                *(s.low, s.high, list(s.needs), s.judge, s.family, s.in_rating, s.tie_band),
                *(s.source, s.level),
            ],
        )


def _ingest_results(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    run_id = record.run.id
    best = settled(record.results)
    rows = [_generation(run_id, key, result) for key, result in best.items()]
    with staged(connection, _GENERATION, rows):
        connection.execute(
            "INSERT INTO generations FROM incoming ON CONFLICT DO UPDATE SET "
            + ", ".join(f"{name} = excluded.{name}" for name, _ in _GENERATION[1:])
            + " WHERE (excluded.settled AND NOT generations.settled)"
            "  OR (excluded.settled = generations.settled AND ("
            "   (excluded.settled AND (excluded.started_at, excluded.run_id)"
            "     < (generations.started_at, generations.run_id))"
            "   OR (NOT excluded.settled AND (excluded.started_at, excluded.run_id)"
            "     > (generations.started_at, generations.run_id))))"
        )
    connection.execute("DELETE FROM failures WHERE run_id = ?", [run_id])
    failed = [_failure(run_id, result) for result in record.results if result.generation.failure]
    with staged(connection, _FAILURE, failed):
        connection.execute("INSERT INTO failures FROM incoming")


def _generation(run_id: str, key: str, result: Result) -> tuple[Any, ...]:
    trial, made, media = result.trial, result.generation, result.generation.media
    failure = made.failure
    return (
        *(key, run_id, trial.model_id, trial.model_revision, trial.suite_id, trial.suite_version),
        *(trial.prompt_id, trial.seed, trial.epoch, made.status, is_done(result)),
        *(made.started_at, made.latency_s),
        *((media.path, media.sha256, media.mime) if media else (None, None, None)),
        *((media.width, media.height, media.bytes) if media else (None, None, None)),
        *(_text(made.quantities), made.cost_usd, made.cost_basis),
        *((failure.kind, failure.message, failure.blame) if failure else (None, None, None)),
        *((media.frames, media.fps) if media else (None, None)),
        made.device,
        made.served_by,
    )


def _failure(run_id: str, result: Result) -> tuple[Any, ...]:
    trial, made = result.trial, result.generation
    if made.failure is None:
        raise ValueError(f"{trial.key} did not fail")
    return (
        *(run_id, trial.model_id, trial.prompt_id, trial.seed, made.status),
        *(made.failure.kind, made.failure.message, made.failure.blame, made.started_at),
    )


def _text(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), sort_keys=True, ensure_ascii=False, allow_nan=False)
