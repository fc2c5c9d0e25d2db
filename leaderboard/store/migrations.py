"""Bring a database up to the newest step of its schema, one transaction a step."""

from __future__ import annotations

from datetime import datetime

import duckdb

from evals.errors import StoreError
from leaderboard.store.steps import STEPS


def migrate(connection: duckdb.DuckDBPyConnection, at: datetime) -> tuple[str, ...]:
    """Apply the steps that the database lacks, in order; return their names.

    A step and its record are one transaction, so a crash leaves whole steps only. Raises
    `StoreError` when the database has a step that this version does not know.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (name VARCHAR PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL)"
    )
    done = {row[0] for row in connection.execute("SELECT name FROM migrations").fetchall()}
    unknown = sorted(done - {name for name, _ in STEPS})
    if unknown:
        raise StoreError(
            f"the database has step {unknown[-1]}, which this version does not know;"
            " upgrade churnboard"
        )
    applied: list[str] = []
    for name, sql in STEPS:
        if name in done:
            continue
        connection.execute("BEGIN")
        try:
            connection.execute(sql)
            connection.execute("INSERT INTO migrations VALUES (?, ?)", [name, at])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        applied.append(name)
    return tuple(applied)
