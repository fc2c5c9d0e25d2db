"""Counts of work through time -> a table, and back out; reports of adoption -> what is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from leaderboard.documents import to_document
from leaderboard.store.database import transaction
from leaderboard.store.staging import Columns, staged
from leaderboard.usage.counts import Count
from leaderboard.usage.shift_answers import AdoptionReport

_INCOMING: Columns = (
    ("count_id", "text"),
    ("series", "text"),
    ("day", "date"),
    ("model", "text"),
    ("kind", "text"),
    ("count", "int"),
)


def ingest(connection: duckdb.DuckDBPyConnection, file_id: str, counts: Sequence[Count]) -> None:
    """Store the counts of one kept copy; those that are there already stay as they are."""
    with transaction(connection), staged(connection, _INCOMING, _rows(counts)):
        connection.execute("INSERT INTO usage_counts FROM incoming ON CONFLICT DO NOTHING")
        connection.execute("INSERT INTO usage_files VALUES (?) ON CONFLICT DO NOTHING", [file_id])


def read_counts(connection: duckdb.DuckDBPyConnection, until: date) -> tuple[Count, ...]:
    """Every count of what was over by a day, by series and date."""
    rows = connection.execute(
        "SELECT series, day, model, kind, count FROM usage_counts WHERE day <= ?"
        " ORDER BY series, day, kind, model NULLS FIRST",
        [until],
    ).fetchall()
    return tuple(Count(*row) for row in rows)


def insert_reports(
    connection: duckdb.DuckDBPyConnection, reports: Sequence[AdoptionReport]
) -> None:
    """Every report, as a document. The table is empty before."""
    for ordinal, one in enumerate(reports):
        connection.execute(
            "INSERT INTO adoption_reports VALUES (?, ?, ?)",
            [ordinal, one.series, to_document(one)],
        )


def _rows(counts: Sequence[Count]) -> list[tuple[object, ...]]:
    return [(one.id, one.series, one.day, one.model, one.kind, one.count) for one in counts]
