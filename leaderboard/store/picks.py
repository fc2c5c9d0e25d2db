"""The log of picks -> a table of every edition; decisions and frontiers -> what a refresh replaces.

The log itself lies in the home (`leaderboard.pick_log`); its table is a copy, made anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, fields

import duckdb

from leaderboard.answers import Pick, Picks
from leaderboard.documents import to_document
from leaderboard.pick_answers import LogEntry

_COLUMNS = tuple(field.name for field in fields(LogEntry))


def insert_decisions(connection: duckdb.DuckDBPyConnection, picks: Picks) -> None:
    """Every role's decision and every frontier, as documents. The tables are empty before."""
    for ordinal, made in enumerate(picks.decisions):
        connection.execute(
            "INSERT INTO pick_decisions VALUES (?, ?, ?, ?, ?, ?)",
            [ordinal, made.task, made.domain, made.role, made.source, to_document(made)],
        )
    for ordinal, point in enumerate(picks.frontier):
        connection.execute(
            "INSERT INTO pick_frontier VALUES (?, ?, ?, ?)",
            [ordinal, point.task, point.domain, to_document(point)],
        )


def pick_row(pick: Pick) -> tuple[object, ...]:
    """A pick as columns hold it: how it is called is one document."""
    values = {field.name: getattr(pick, field.name) for field in fields(pick)}
    values["call"] = None if pick.call is None else to_document(pick.call)
    return tuple(values.values())


def replace_log(connection: duckdb.DuckDBPyConnection, log: Sequence[LogEntry]) -> None:
    """Make the table hold the log. To be called within a transaction."""
    connection.execute("DELETE FROM pick_log")
    if log:
        marks = ", ".join("?" * (len(_COLUMNS) + 1))
        connection.executemany(
            f"INSERT INTO pick_log VALUES ({marks})",  # noqa: S608 - marks alone
            [[ordinal, *astuple(entry)] for ordinal, entry in enumerate(log)],
        )
