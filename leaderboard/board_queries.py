"""Read-only: boards, and what an edition says of their judges. Asked through `queries`."""

from __future__ import annotations

import json

from evals.errors import NotFoundError, StoreError
from leaderboard.answers import (
    ALL_DOMAINS,
    EVALS,
    Billed,
    Board,
    BoardKey,
    BoardRow,
    LeftOut,
    SilentChange,
)
from leaderboard.documents import Answer, from_document
from leaderboard.edition import Edition, rows_of
from leaderboard.trust import MetricWeight, People, Sensitivity


def boards(edition: Edition) -> tuple[BoardKey, ...]:
    """Which boards there are: own boards first, the newest suite first, `all` before domains."""
    rows = rows_of(
        edition,
        'SELECT source, task, domain, suite_id AS suite, evidence_at AS "at", simulated FROM boards'
        " ORDER BY source <> ?, source, task, decides DESC, suite_id, domain <> ?, domain",
        [EVALS, ALL_DOMAINS],
    )
    return tuple(BoardKey(**row) for row in rows)


def board(
    edition: Edition,
    task: str,
    domain: str = ALL_DOMAINS,
    source: str = EVALS,
    suite: str | None = None,
) -> Board:
    """One board with its rows by falling rating.

    Where several suites cover the task, `suite` chooses; by default it is the one that decides
    the picks. Raises `NotFoundError` naming the boards there are.
    """
    found = rows_of(
        edition,
        'SELECT * RENAME (evidence_at AS "at") FROM boards'
        " WHERE source = ? AND task = ? AND domain = ? AND (?::VARCHAR IS NULL OR suite_id = ?)"
        " ORDER BY decides DESC, suite_id LIMIT 1",
        [source, task, domain, suite, suite],
    )
    if not found:
        there = ", ".join(f"{k.source}/{k.task}/{k.domain}" for k in boards(edition)) or "none"
        raise NotFoundError(
            f"{edition.name}: no board {source}/{task}/{domain}; there are: {there}"
        )
    head = found[0]
    key = head.pop("board_id")
    head.pop("decides")
    scores: dict[str, dict[str, float]] = {}
    for row in rows_of(
        edition,
        "SELECT model, metric, value FROM board_scores WHERE board_id = ? ORDER BY metric",
        [key],
    ):
        scores.setdefault(row["model"], {})[row["metric"]] = row["value"]
    billed = _billed(edition, key)
    rows = tuple(
        BoardRow(**row, scores=scores.get(row["model"], {}), billed=billed.get(row["model"], ()))
        for row in rows_of(
            edition,
            "SELECT * EXCLUDE (board_id, ordinal) FROM board_rows WHERE board_id = ?"
            " ORDER BY ordinal",
            [key],
        )
    )
    left_out = rows_of(
        edition,
        "SELECT what, reason FROM board_left_out WHERE board_id = ? ORDER BY ordinal",
        [key],
    )
    head["metrics"] = tuple(head["metrics"])
    return Board(
        **head,
        rows=rows,
        left_out=tuple(LeftOut(**row) for row in left_out),
        weights=_weights(edition, key),
        sensitivity=_sensitivity(edition, key),
        silent_changes=_silent_changes(edition, key),
    )


def people(edition: Edition, suite_id: str) -> People | None:
    """What people's votes say of the judges of a suite; `None` where nobody has voted."""
    rows = rows_of(edition, "SELECT report FROM people WHERE suite_id = ?", [suite_id])
    return _document(edition, People, rows[0]["report"]) if rows else None


def _billed(edition: Edition, key: int) -> dict[str, tuple[Billed, ...]]:
    found: dict[str, tuple[Billed, ...]] = {}
    for row in rows_of(
        edition,
        "SELECT * EXCLUDE (board_id, ordinal) FROM board_billed WHERE board_id = ?"
        " ORDER BY model, ordinal",
        [key],
    ):
        model, quantities = row.pop("model"), json.loads(row.pop("quantities"))
        found[model] = (*found.get(model, ()), Billed(**row, quantities=quantities))
    return found


def _weights(edition: Edition, key: int) -> tuple[MetricWeight, ...]:
    rows = rows_of(
        edition,
        "SELECT * EXCLUDE (board_id, ordinal) FROM board_weights WHERE board_id = ?"
        " ORDER BY ordinal",
        [key],
    )
    for row in rows:
        row["fooled_by"] = tuple(row["fooled_by"])
    return tuple(MetricWeight(**row) for row in rows)


def _silent_changes(edition: Edition, key: int) -> tuple[SilentChange, ...]:
    rows = rows_of(
        edition,
        "SELECT * EXCLUDE (board_id, ordinal) FROM board_silent_changes WHERE board_id = ?"
        " ORDER BY ordinal",
        [key],
    )
    return tuple(SilentChange(**row) for row in rows)


def _sensitivity(edition: Edition, key: int) -> Sensitivity | None:
    rows = rows_of(edition, "SELECT report FROM board_sensitivity WHERE board_id = ?", [key])
    return _document(edition, Sensitivity, rows[0]["report"]) if rows else None


def _document(edition: Edition, kind: type[Answer], document: str) -> Answer:
    try:
        return from_document(kind, document)
    except ValueError as error:
        raise StoreError(
            f"{edition.path}: what it says of judges is of another version;"
            " run `churnboard refresh` to publish a new edition"
        ) from error
