"""Calls of routers -> a table, and back out counted by day; reports of them -> what is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import duckdb

from leaderboard.documents import to_document
from leaderboard.store.database import transaction
from leaderboard.store.staging import Columns, staged
from leaderboard.usage.answers import UsageReport
from leaderboard.usage.calls import Logged
from leaderboard.usage.days import Day

_INCOMING: Columns = (
    ("call_id", "text"),
    ("at", "time"),
    ("alias", "text"),
    ("model", "text"),
    ("ok", "flag"),
    ("latency_s", "float"),
    ("cost_usd", "float"),
    ("task", "text"),
    ("kind", "text"),
    ("calls", "int"),
)
_NAMES = tuple(name for name, _ in _INCOMING)


def ingest(connection: duckdb.DuckDBPyConnection, file_id: str, calls: Sequence[Logged]) -> None:
    """Store the calls of one kept copy; those that are there already stay as they are."""
    with transaction(connection), staged(connection, _INCOMING, _rows(calls)):
        connection.execute("INSERT INTO usage_calls FROM incoming ON CONFLICT DO NOTHING")
        connection.execute("INSERT INTO usage_files VALUES (?) ON CONFLICT DO NOTHING", [file_id])


def has_file(connection: duckdb.DuckDBPyConnection, file_id: str) -> bool:
    """True when the calls of that kept copy are stored."""
    found = connection.execute("SELECT 1 FROM usage_files WHERE file_id = ?", [file_id])
    return bool(found.fetchall())


def known(connection: duckdb.DuckDBPyConnection, calls: Sequence[Logged]) -> frozenset[str]:
    """The ids among these that are stored."""
    with staged(connection, _INCOMING, _rows(calls)):
        rows = connection.execute(
            "SELECT call_id FROM incoming SEMI JOIN usage_calls USING (call_id)"
        ).fetchall()
    return frozenset(row[0] for row in rows)


def differing(connection: duckdb.DuckDBPyConnection, calls: Sequence[Logged]) -> str | None:
    """The id of a call that is stored and says something else there; `None` where none does."""
    said = " OR ".join(f"n.{name} IS DISTINCT FROM s.{name}" for name in _NAMES)
    with staged(connection, _INCOMING, _rows(calls)):
        rows = connection.execute(
            "SELECT call_id FROM incoming n JOIN usage_calls s USING (call_id)"  # noqa: S608 - our own names
            f" WHERE {said} ORDER BY call_id LIMIT 1"
        ).fetchall()
    return str(rows[0][0]) if rows else None


def read_days(
    connection: duckdb.DuckDBPyConnection, until: datetime, latencies_since: date
) -> tuple[Day, ...]:
    """Every call up to a time, counted by day; latencies from one day on only."""
    rows = connection.execute(
        """
        WITH dated AS (
            SELECT *, CAST("at" AT TIME ZONE 'UTC' AS DATE) AS day FROM usage_calls WHERE "at" <= ?
        )
        SELECT day, alias, model, task, kind, sum(calls)::BIGINT,
            coalesce(sum(calls) FILTER (WHERE ok IS NOT NULL), 0)::BIGINT,
            coalesce(sum(calls) FILTER (WHERE NOT ok), 0)::BIGINT,
            fsum(cost_usd),
            coalesce(sum(calls) FILTER (WHERE cost_usd IS NOT NULL), 0)::BIGINT,
            list(latency_s ORDER BY latency_s)
                FILTER (WHERE ok AND calls = 1 AND latency_s IS NOT NULL AND day >= ?)
        FROM dated GROUP BY ALL
        ORDER BY day, alias NULLS FIRST, model, task NULLS FIRST, kind
        """,
        [until, latencies_since],
    ).fetchall()
    return tuple(Day(*row[:-1], latencies=tuple(row[-1] or ())) for row in rows)


def insert_reports(connection: duckdb.DuckDBPyConnection, reports: Sequence[UsageReport]) -> None:
    """Every report, as a document. The table is empty before."""
    for ordinal, one in enumerate(reports):
        connection.execute(
            "INSERT INTO usage_reports VALUES (?, ?, ?, ?, ?)",
            [ordinal, one.task, one.source, one.simulated, to_document(one)],
        )


def _rows(calls: Sequence[Logged]) -> list[tuple[object, ...]]:
    return [
        (
            *(call.id, call.at, call.alias, call.model, call.ok, call.latency_s),
            *(call.cost_usd, call.task, call.kind, call.calls),
        )
        for call in calls
    ]
