"""Tables -> the evidence that boards are made from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import UTC
from typing import Any

import duckdb

from evals.types import MetricSpec
from leaderboard.answers import LeftOut
from leaderboard.boards.environments import Check, apart
from leaderboard.evidence import Canary, ModelFacts, ModelMark, Sample, SuiteEvidence
from leaderboard.ratings.verdicts import Mark
from leaderboard.store.votes import read_votes, votes_left_out


def read_evidence(
    connection: duckdb.DuckDBPyConnection,
    today: Callable[[MetricSpec], MetricSpec] = lambda spec: spec,
) -> tuple[SuiteEvidence, ...]:
    """The evidence of every suite with results, by suite id.

    Args:
        connection: to the database.
        today: what a recorded metric has become since; its tie band also decides which
            environments are pooled.
    """
    suites = _fetch(
        connection,
        "SELECT suite_id, suite_version, task, reference_model, weights, keep_fooled"
        " FROM current_suites JOIN suites USING (suite_id, suite_version) ORDER BY suite_id",
    )
    return tuple(_suite(connection, today, *row) for row in suites)


def _suite(
    connection: duckdb.DuckDBPyConnection,
    today: Callable[[MetricSpec], MetricSpec],
    suite_id: str,
    version: str,
    task: str,
    reference: str | None,
    weights: str,
    keep_fooled: Sequence[str],
) -> SuiteEvidence:
    specs = tuple(today(spec) for spec in _specs(connection, suite_id, version))
    prints = Prints(connection, specs)
    samples = _samples(connection, suite_id, prints)
    return SuiteEvidence(
        suite_id=suite_id,
        suite_version=version,
        task=task,
        reference=reference,
        models=_models(connection, suite_id),
        specs=specs,
        domains={
            prompt: tuple(domains)
            for prompt, domains in _fetch(
                connection,
                "SELECT prompt_id, domains FROM prompts WHERE suite_id = ? AND suite_version = ?",
                [suite_id, version],
            )
        },
        samples=samples,
        left_out=(
            *_left_out(connection, suite_id, version),
            *prints.left_out(),
            *votes_left_out(connection, suite_id, version),
        ),
        weights=json.loads(weights),
        keep_fooled=tuple(keep_fooled),
        canaries=_canaries(connection, suite_id),
        model_marks=_model_marks(connection, suite_id, prints),
        votes=read_votes(connection, suite_id, version),
    )


class Prints:
    """Fingerprints of scores: equal where two scores may be compared."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, specs: Sequence[MetricSpec]) -> None:
        checks = [
            Check(metric, fingerprint, environment, tuple(probes), at.astimezone(UTC))
            for metric, fingerprint, environment, probes, at in _fetch(
                connection,
                "SELECT metric, fingerprint, environment, probes, checked_at FROM metric_checks",
            )
        ]
        seen = _fetch(
            connection,
            "SELECT DISTINCT metric, fingerprint, environment FROM scores UNION"
            " SELECT DISTINCT metric, fingerprint, environment FROM model_scores",
        )
        bands = {spec.name: spec.tie_band for spec in specs}
        found = apart(checks, bands, [(row[0], row[1], row[2]) for row in seen])
        self._apart = {(a.metric, a.fingerprint, a.environment): a for a in found}
        self._used: Counter[tuple[str, str, str]] = Counter()

    def mark(
        self, metric: str, value: float, version: str, fingerprint: str, environment: str
    ) -> Mark:
        """The score, comparable with others of the same version and strict part, and of the same
        environment where that stands apart from the newest.
        """
        key = (metric, fingerprint, environment)
        if key not in self._apart:
            # The version is part of the strict fingerprint even where a judge is not.
            return Mark(value, f"{version}:{fingerprint}", fingerprint)
        self._used[key] += 1
        return Mark(value, f"{version}:{fingerprint}:{environment}", fingerprint)

    def left_out(self) -> tuple[LeftOut, ...]:
        """The environments met so far whose scores are not pooled."""
        return tuple(
            LeftOut(key[0], f"{count} scores {self._apart[key].reason}")
            for key, count in sorted(self._used.items())
        )


def _models(connection: duckdb.DuckDBPyConnection, suite_id: str) -> tuple[ModelFacts, ...]:
    rows = _fetch(
        connection,
        "SELECT model_id, name, vendor, anchor, simulated, released, base"
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
        " judge, family, in_rating, tie_band, source, level FROM run_metrics JOIN"
        " (SELECT run_id, started_at FROM runs WHERE suite_id = ? AND suite_version = ?)"
        " USING (run_id) QUALIFY row_number() OVER"
        "  (PARTITION BY metric ORDER BY started_at DESC, run_id DESC, version DESC) = 1"
        " ORDER BY metric",
        [suite_id, version],
    )
    names = [field.name for field in fields(MetricSpec)]
    specs = [MetricSpec(**dict(zip(names, row, strict=True))) for row in rows]
    return tuple(replace(spec, needs=tuple(spec.needs)) for spec in specs)


def _canaries(connection: duckdb.DuckDBPyConnection, suite_id: str) -> tuple[Canary, ...]:
    rows = _fetch(
        connection,
        "SELECT metric, fingerprint, canary, pairs, wins, ties, low FROM current_canaries"
        " WHERE suite_id = ? ORDER BY metric, canary",
        [suite_id],
    )
    return tuple(Canary(*row) for row in rows)


def _model_marks(
    connection: duckdb.DuckDBPyConnection, suite_id: str, prints: Prints
) -> tuple[ModelMark, ...]:
    rows = _fetch(
        connection,
        "SELECT model_id, generations, epoch, metric, value, version, fingerprint, environment"
        " FROM current_model_scores WHERE suite_id = ? AND value IS NOT NULL ORDER BY ALL",
        [suite_id],
    )
    return tuple(
        ModelMark(model, metric, prints.mark(metric, value, *judged), generations, epoch)
        for model, generations, epoch, metric, value, *judged in rows
    )


def _samples(
    connection: duckdb.DuckDBPyConnection, suite_id: str, prints: Prints
) -> tuple[Sample, ...]:
    marks: dict[str, dict[str, Mark]] = {}
    unscored: dict[str, dict[str, str]] = {}
    for key, metric, value, reason, *judged in _fetch(
        connection,
        "SELECT trial_key, metric, value, reason, version, fingerprint, environment"
        " FROM current_scores"
        " SEMI JOIN (FROM current_generations WHERE suite_id = ?) USING (trial_key)",
        [suite_id],
    ):
        if value is None:
            unscored.setdefault(key, {})[metric] = reason
        else:
            marks.setdefault(key, {})[metric] = prints.mark(metric, value, *judged)
    rows = _fetch(
        connection,
        "SELECT trial_key, model_id, prompt_id, seed,"
        " CASE WHEN NOT settled THEN 'missing' ELSE status END, started_at,"
        " coalesce(failure_kind, nullif(status, 'ok')), latency_s, cost_usd, cost_basis,"
        " frames / fps, width, height, frames, fps, device, quantities, epoch"
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
            quantities=json.loads(quantities),
            marks=marks.get(key, {}),
            unscored=unscored.get(key, {}),
            epoch=epoch,
        )
        for key, model, prompt, seed, state, at, *rest, quantities, epoch in rows
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
