"""Tables -> the evidence that boards are made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC
from typing import Any

import duckdb

from evals.types import MetricSpec
from leaderboard.answers import LeftOut
from leaderboard.comparisons import Mark
from leaderboard.evidence import ModelFacts, Sample, SuiteEvidence


def read_evidence(connection: duckdb.DuckDBPyConnection) -> tuple[SuiteEvidence, ...]:
    """The evidence of every suite with results, by suite id."""
    suites = _fetch(
        connection,
        "SELECT suite_id, suite_version, task, reference_model"
        " FROM current_suites JOIN suites USING (suite_id, suite_version) ORDER BY suite_id",
    )
    return tuple(
        SuiteEvidence(
            suite_id=suite_id,
            suite_version=version,
            task=task,
            reference=reference,
            models=_models(connection, suite_id),
            specs=_specs(connection, suite_id, version),
            domains={
                prompt: tuple(domains)
                for prompt, domains in _fetch(
                    connection,
                    "SELECT prompt_id, domains FROM prompts"
                    " WHERE suite_id = ? AND suite_version = ?",
                    [suite_id, version],
                )
            },
            samples=_samples(connection, suite_id),
            left_out=_left_out(connection, suite_id, version),
        )
        for suite_id, version, task, reference in suites
    )


def _models(connection: duckdb.DuckDBPyConnection, suite_id: str) -> tuple[ModelFacts, ...]:
    rows = _fetch(
        connection,
        "SELECT model_id, name, vendor, anchor, simulated, released"
        " FROM current_models JOIN models USING (model_id, model_revision)"
        " WHERE suite_id = ? ORDER BY model_id",
        [suite_id],
    )
    return tuple(ModelFacts(*row) for row in rows)


def _specs(
    connection: duckdb.DuckDBPyConnection, suite_id: str, version: str
) -> tuple[MetricSpec, ...]:
    rows = _fetch(
        connection,
        "SELECT metric, version, title, modality, measures, higher_is_better, low, high, needs,"
        " judge, family, in_rating, tie_band, source FROM run_metrics JOIN"
        " (SELECT run_id, started_at FROM runs WHERE suite_id = ? AND suite_version = ?)"
        " USING (run_id) QUALIFY row_number() OVER"
        "  (PARTITION BY metric ORDER BY started_at DESC, run_id DESC, version DESC) = 1"
        " ORDER BY metric",
        [suite_id, version],
    )
    names = [field.name for field in fields(MetricSpec)]
    specs = [MetricSpec(**dict(zip(names, row, strict=True))) for row in rows]
    return tuple(replace(spec, needs=tuple(spec.needs)) for spec in specs)


def _samples(connection: duckdb.DuckDBPyConnection, suite_id: str) -> tuple[Sample, ...]:
    marks: dict[str, dict[str, Mark]] = {}
    unscored: dict[str, dict[str, str]] = {}
    for key, metric, version, value, reason, fingerprint in _fetch(
        connection,
        "SELECT trial_key, metric, version, value, reason, fingerprint"
        " FROM scores SEMI JOIN (FROM current_generations WHERE suite_id = ?) USING (trial_key)",
        [suite_id],
    ):
        if value is None:
            unscored.setdefault(key, {})[metric] = reason
        else:
            # The version is part of the strict fingerprint even where a judge is not.
            mark = Mark(value, f"{version}:{fingerprint}")
            marks.setdefault(key, {})[metric] = mark
    rows = _fetch(
        connection,
        "SELECT trial_key, model_id, prompt_id, seed,"
        " CASE WHEN NOT settled THEN 'missing' ELSE status END, started_at,"
        " coalesce(failure_kind, nullif(status, 'ok')), latency_s, cost_usd, cost_basis"
        " FROM current_generations WHERE suite_id = ? ORDER BY model_id, prompt_id, seed",
        [suite_id],
    )
    return tuple(
        Sample(
            model,
            prompt,
            seed,
            state,
            at.astimezone(UTC),
            *rest,
            marks=marks.get(key, {}),
            unscored=unscored.get(key, {}),
        )
        for key, model, prompt, seed, state, at, *rest in rows
    )


def _left_out(
    connection: duckdb.DuckDBPyConnection, suite_id: str, version: str
) -> tuple[LeftOut, ...]:
    versions = _fetch(
        connection,
        "SELECT suite_version, count(*) FROM generations"
        " WHERE suite_id = ? AND suite_version <> ? GROUP BY 1 ORDER BY 1",
        [suite_id, version],
    )
    revisions = _fetch(
        connection,
        "SELECT g.model_id, g.model_revision, count(*), c.model_revision FROM generations g"
        " JOIN current_models c USING (suite_id, suite_version, model_id)"
        " WHERE suite_id = ? AND g.model_revision <> c.model_revision GROUP BY ALL ORDER BY ALL",
        [suite_id],
    )
    return (
        *(
            LeftOut(f"suite version {old}", f"{count} results of an earlier version of the suite")
            for old, count in versions
        ),
        *(
            LeftOut(
                f"{model} revision {old[:12]}",
                f"{count} results of an earlier revision; {new[:12]} was evaluated last",
            )
            for model, old, count, new in revisions
        ),
    )


def _fetch(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    return connection.execute(sql, list(values)).fetchall()
