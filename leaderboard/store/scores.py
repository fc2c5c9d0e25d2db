"""Scores, checks and canaries of a run record -> tables, replaced as a whole with their run.

Every score that was ever made is kept; the view `current_scores` says which one counts, so the
outcome does not depend on the order in which records arrive.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.types import Score
from leaderboard.store.staging import Columns, staged

_JUDGED: Columns = (
    ("metric", "text"),
    ("version", "text"),
    ("value", "float"),
    ("reason", "text"),
    ("fingerprint", "text"),
    ("environment", "text"),
    ("scored_at", "time"),
)
_SCORES: Columns = (
    ("run_id", "text"),
    ("trial_key", "text"),
    ("media_sha256", "text"),
    *_JUDGED,
)
_MODEL_SCORES: Columns = (
    ("run_id", "text"),
    ("model_id", "text"),
    ("model_revision", "text"),
    ("suite_id", "text"),
    ("suite_version", "text"),
    ("epoch", "int"),
    ("generations", "int"),
    *_JUDGED,
)
_CANARIES: Columns = (
    ("run_id", "text"),
    ("suite_id", "text"),
    ("suite_version", "text"),
    ("metric", "text"),
    ("fingerprint", "text"),
    ("canary", "text"),
    ("pairs", "int"),
    ("wins", "int"),
    ("ties", "int"),
    ("low", "float"),
    ("checked_at", "time"),
)


def ingest_scores(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """Put the scores of this record in place of those that were read from it before."""
    run = record.run
    for table in ("scores", "model_scores", "metric_checks", "canaries"):
        connection.execute(f"DELETE FROM {table} WHERE run_id = ?", [run.id])  # noqa: S608
    generations: list[tuple[object, ...]] = []
    models: list[tuple[object, ...]] = []
    canaries: list[tuple[object, ...]] = []
    for line in _lines(record):
        if isinstance(line, Scored):
            key = (run.id, line.trial_key, line.media_sha256)
            generations += [(*key, *_judged(score, record)) for score in line.scores]
        elif isinstance(line, ModelScored):
            key = (
                *(run.id, line.model_id, line.model_revision, line.suite_id, line.suite_version),
                *(line.epoch, line.generations),
            )
            models += [(*key, *_judged(score, record)) for score in line.scores]
        else:
            canaries.append(
                (
                    *(run.id, line.suite_id, line.suite_version, line.metric, line.fingerprint),
                    *(line.canary, line.pairs, line.wins, line.ties, line.low, run.started_at),
                )
            )
    for table, columns, rows in (
        ("scores", _SCORES, generations),
        ("model_scores", _MODEL_SCORES, models),
        ("canaries", _CANARIES, canaries),
    ):
        with staged(connection, columns, rows):
            connection.execute(f"INSERT INTO {table} BY NAME FROM incoming")
    _ingest_checks(connection, record)


def _ingest_checks(connection: duckdb.DuckDBPyConnection, record: RunRecord) -> None:
    """What each metric made of the probes, beside the environment its scores name."""
    seen: dict[str, Score] = {}
    for line in _lines(record):
        if not isinstance(line, CanaryResult):
            seen.update({score.metric: score for score in line.scores})
    for metric, values in record.run.checks.items():
        if metric in seen:
            score = seen[metric]
            connection.execute(
                "INSERT INTO metric_checks VALUES (?,?,?,?,?,?)",
                [
                    *(record.run.id, metric, score.fingerprint, score.environment),
                    *(list(values), record.run.started_at),
                ],
            )


def _lines(record: RunRecord) -> Iterable[Scored | ModelScored | CanaryResult]:
    """Lines of scores; those that records of schema 1 kept beside their results among them.

    A later line about the same thing comes later, and takes the earlier one's place.
    """
    latest: dict[object, Scored | ModelScored | CanaryResult] = {}
    for result in record.results:
        media = result.generation.media
        if media is not None and result.scores:
            line = Scored(result.trial.key, media.sha256, result.scores)
            latest[line.trial_key, line.media_sha256, _names(line.scores)] = line
    for line in record.scored:
        if isinstance(line, Scored):
            latest[line.trial_key, line.media_sha256, _names(line.scores)] = line
        elif isinstance(line, ModelScored):
            whole = (line.model_id, line.model_revision, line.suite_version, line.epoch)
            latest[*whole, _names(line.scores)] = line
        else:
            latest[line.metric, line.fingerprint, line.suite_version, line.canary] = line
    return latest.values()


def _names(scores: tuple[Score, ...]) -> tuple[str, ...]:
    return tuple(score.metric for score in scores)


def _judged(score: Score, record: RunRecord) -> tuple[object, ...]:
    return (
        *(score.metric, score.version, score.value, score.reason, score.fingerprint),
        *(score.environment, record.run.started_at),
    )
