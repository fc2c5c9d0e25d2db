"""Tables -> what the current revisions of models made of a suite in each of its epochs."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from evals.types import MetricSpec
from leaderboard.changes.silent import Answer
from leaderboard.ratings.verdicts import Mark
from leaderboard.store.evidence import Prints

_MADE = (
    " FROM generations g JOIN current_models c USING"
    " (suite_id, suite_version, model_id, model_revision)"
    " WHERE g.suite_id = ? AND g.status = 'ok' AND g.media_sha256 IS NOT NULL"
)
"""What there is of the current version of a suite and the current revision of each model."""


def read_answers(
    connection: duckdb.DuckDBPyConnection, suite_id: str, specs: Sequence[MetricSpec]
) -> tuple[Answer, ...]:
    """Every generation of every epoch that made media, by trial.

    Scores come with it where a model has several epochs, and may be compared as on boards.

    Args:
        connection: to the database.
        suite_id: whose current version counts.
        specs: of its metrics, as they are today.
    """
    prints = Prints(connection, specs)
    marks: dict[str, dict[str, Mark]] = {}
    judged: dict[str, dict[str, str]] = {}
    scores = connection.execute(
        "SELECT trial_key, metric, value, version, fingerprint, environment FROM current_scores"  # noqa: S608 - our own text
        f" SEMI JOIN (SELECT g.trial_key {_MADE} AND g.model_id IN"
        f"  (SELECT g.model_id {_MADE} GROUP BY ALL HAVING count(DISTINCT g.epoch) > 1))"
        " USING (trial_key) WHERE value IS NOT NULL",
        [suite_id, suite_id],
    ).fetchall()
    for key, metric, value, version, fingerprint, environment in scores:
        mark = prints.mark(metric, value, version, fingerprint, environment)
        marks.setdefault(key, {})[metric] = mark
        judged.setdefault(key, {})[metric] = environment
    rows = connection.execute(
        "SELECT trial_key, model_id, prompt_id, seed, epoch, media_sha256, served_by, fingerprint"  # noqa: S608
        f" FROM (SELECT g.* {_MADE}) JOIN (SELECT run_id, fingerprint FROM runs) USING (run_id)"
        " ORDER BY model_id, epoch, prompt_id, seed",
        [suite_id],
    ).fetchall()
    return tuple(
        Answer(
            *(model, prompt, seed, epoch, media, served_by),
            marks.get(key, {}),
            judged.get(key, {}),
            made_in,
        )
        for key, model, prompt, seed, epoch, media, served_by, made_in in rows
    )
