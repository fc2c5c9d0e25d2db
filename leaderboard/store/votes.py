"""The ballot box -> the table `votes` -> evidence. Doing it twice changes nothing."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import duckdb

from leaderboard.answers import LeftOut
from leaderboard.evidence import PersonVote
from leaderboard.store.database import transaction
from leaderboard.store.staging import Columns, staged
from leaderboard.voting.box import BallotBox
from leaderboard.voting.rows import COLUMNS, SEEDS, row_of

_INCOMING: Columns = tuple(
    (name, "time" if name == "voted_at" else "int" if name in SEEDS else "text") for name in COLUMNS
)
_CURRENT = (
    " FROM votes v JOIN current_generations l ON l.suite_id = v.suite_id"
    "  AND l.suite_version = v.suite_version AND l.prompt_id = v.prompt_id"
    "  AND l.model_id = v.left_model AND l.model_revision = v.left_revision"
    "  AND l.seed = v.left_seed AND l.status = 'ok'"
    " JOIN current_generations r ON r.suite_id = v.suite_id"
    "  AND r.suite_version = v.suite_version AND r.prompt_id = v.prompt_id"
    "  AND r.model_id = v.right_model AND r.model_revision = v.right_revision"
    "  AND r.seed = v.right_seed AND r.status = 'ok'"
    " WHERE v.suite_id = ? AND v.suite_version = ?"
)
"""Votes on two generations that there are, both of current revisions."""


def ingest_votes(connection: duckdb.DuckDBPyConnection, home: Path) -> int:
    """Make the table hold what the home's ballot box holds; return how many votes are new.

    A line that somebody took out of the box (a vandal's, a damaged one) is a vote no longer.

    Raises:
        VoteError: the box is damaged.
    """
    rows = [tuple(row_of(vote).values()) for vote in BallotBox(home).votes()]
    with transaction(connection), staged(connection, _INCOMING, rows):
        connection.execute("DELETE FROM votes WHERE vote_id NOT IN (SELECT vote_id FROM incoming)")
        # One statement, one count: the rows that were not there.
        found = connection.execute(
            f"INSERT INTO votes ({', '.join(COLUMNS)})"  # noqa: S608 - our own names
            f" SELECT {', '.join(COLUMNS)} FROM incoming ON CONFLICT DO NOTHING"
        ).fetchone()
    return int(found[0]) if found else 0


def read_votes(
    connection: duckdb.DuckDBPyConnection, suite_id: str, suite_version: str
) -> tuple[PersonVote, ...]:
    """The votes on what current revisions made of one version of a suite, oldest first."""
    rows = connection.execute(
        "SELECT v.vote_id, v.voter, v.prompt_id, v.left_model, v.left_seed, v.right_model,"
        f" v.right_seed, v.outcome, v.voted_at {_CURRENT} ORDER BY v.voted_at, v.vote_id",
        [suite_id, suite_version],
    ).fetchall()
    return tuple(PersonVote(*row[:-1], at=row[-1].astimezone(UTC)) for row in rows)


def votes_left_out(
    connection: duckdb.DuckDBPyConnection, suite_id: str, suite_version: str
) -> tuple[LeftOut, ...]:
    """How many votes on a suite `read_votes` passes over; nothing where it takes them all."""
    row = connection.execute(
        f"SELECT (SELECT count(*) FROM votes WHERE suite_id = ?) - (SELECT count(*) {_CURRENT})",  # noqa: S608 - our own text
        [suite_id, suite_id, suite_version],
    ).fetchone()
    if row is None or row[0] == 0:
        return ()
    reason = (
        f"{row[0]} on earlier revisions, versions or prompts, or on what was not generated here"
    )
    return (LeftOut("people's votes", reason),)
