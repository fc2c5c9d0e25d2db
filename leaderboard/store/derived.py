"""What a refresh concludes -> tables, replaced as a whole in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, fields
from typing import Any, cast

import duckdb

from evals.compute.answers import ComputeReport
from evals.prices.answers import PriceReport
from leaderboard.advantage.answers import AdvantageReport
from leaderboard.answers import Billed, Board, BoardRow, NoPick, Pick, Picks, Refusal, SilentChange
from leaderboard.churn import document
from leaderboard.churn.answers import ChurnReport
from leaderboard.distinctness.answers import Families
from leaderboard.documents import to_document
from leaderboard.pick_answers import LogEntry
from leaderboard.store import counts
from leaderboard.store.database import transaction
from leaderboard.store.picks import insert_decisions, pick_row, replace_log
from leaderboard.store.steps import DERIVED
from leaderboard.store.usage import insert_reports
from leaderboard.trust import MetricWeight, People
from leaderboard.usage.answers import UsageReport
from leaderboard.usage.shift_answers import AdoptionReport

_ROW = tuple(field.name for field in fields(BoardRow) if field.name not in ("scores", "billed"))
_BILLED = tuple(field.name for field in fields(Billed))
_WEIGHT = tuple(field.name for field in fields(MetricWeight))
_CHANGE = tuple(field.name for field in fields(SilentChange))
_PICK = tuple(field.name for field in fields(Pick))
_NO_PICK = tuple(field.name for field in fields(NoPick))
_REFUSAL = tuple(field.name for field in fields(Refusal))


def replace_derived(
    connection: duckdb.DuckDBPyConnection,
    boards: Sequence[Board],
    deciding_suites: Collection[str],
    picks: Picks,
    churn: Sequence[ChurnReport],
    people: Sequence[People] = (),
    log: Sequence[LogEntry] = (),
    usage: Sequence[UsageReport] = (),
    advantages: Sequence[AdvantageReport] = (),
    adoption: Sequence[AdoptionReport] = (),
    compute: ComputeReport | None = None,
    families: Families | None = None,
    prices: PriceReport | None = None,
) -> None:
    """Put the conclusions of this refresh in place of the last one's.

    Args:
        connection: open for writing.
        boards: own and outside ones.
        deciding_suites: the suites whose boards the picks were made from.
        picks: of them.
        churn: one report per arena and size of the top.
        people: one report per suite with votes.
        log: of picks, as it stands.
        usage: one report per task and board that routers' calls are about.
        advantages: one report per board that picks were decided from.
        adoption: one report per series of counts.
        compute: what was counted in the home; None where nothing was.
        families: all variants; None keeps nothing of them.
        prices: the price book; None where nobody's prices are in it.
    """
    with transaction(connection):
        for table in DERIVED:
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from our migrations
        for number, board in enumerate(boards):
            _insert_board(connection, number, board, board.suite_id in deciding_suites)
        _insert(connection, "picks", _PICK, [pick_row(pick) for pick in picks.picks])
        _insert(connection, "picks_none", _NO_PICK, [astuple(entry) for entry in picks.none])
        _insert(connection, "picks_refused", _REFUSAL, [astuple(entry) for entry in picks.refused])
        insert_decisions(connection, picks)
        replace_log(connection, log)
        insert_reports(connection, usage)
        counts.insert_reports(connection, adoption)
        told = [(n, one.task, to_document(one)) for n, one in enumerate(advantages)]
        _insert(connection, "advantage_reports", ("ordinal", "task", "report"), told)
        counted = [(to_document(compute),)] if compute is not None else []
        _insert(connection, "compute_report", ("report",), counted)
        reports = [(one.source, one.arena, one.top, document.to_document(one)) for one in churn]
        _insert(connection, "churn", ("source", "arena", "top", "report"), reports)
        voices = [(one.suite_id, to_document(one)) for one in people]
        _insert(connection, "people", ("suite_id", "report"), voices)
        told = [(0, to_document(families))] if families is not None else []
        _insert(connection, "families", ("ordinal", "report"), told)
        booked = [(to_document(prices),)] if prices is not None else []
        _insert(connection, "price_report", ("report",), booked)


def _insert_board(
    connection: duckdb.DuckDBPyConnection, number: int, board: Board, decides: bool
) -> None:
    head = {
        "board_id": number,
        "decides": decides,
        "source": board.source,
        "task": board.task,
        "domain": board.domain,
        "evidence_at": board.at,
        "suite_id": board.suite_id,
        "suite_version": board.suite_version,
        "simulated": board.simulated,
        "reference": board.reference,
        "metrics": list(board.metrics),
    }
    _insert(connection, "boards", tuple(head), [tuple(head.values())])
    rows = [
        (number, ordinal, *(getattr(row, name) for name in _ROW))
        for ordinal, row in enumerate(board.rows)
    ]
    _insert(connection, "board_rows", ("board_id", "ordinal", *_ROW), rows)
    scores = [
        (number, row.model, metric, value)
        for row in board.rows
        for metric, value in row.scores.items()
    ]
    _insert(connection, "board_scores", ("board_id", "model", "metric", "value"), scores)
    billed = [
        (number, row.model, ordinal, *(_plain(getattr(one, name)) for name in _BILLED))
        for row in board.rows
        for ordinal, one in enumerate(row.billed)
    ]
    _insert(connection, "board_billed", ("board_id", "model", "ordinal", *_BILLED), billed)
    left_out = [
        (number, ordinal, entry.what, entry.reason) for ordinal, entry in enumerate(board.left_out)
    ]
    _insert(connection, "board_left_out", ("board_id", "ordinal", "what", "reason"), left_out)
    weights = [(number, ordinal, *astuple(one)) for ordinal, one in enumerate(board.weights)]
    _insert(connection, "board_weights", ("board_id", "ordinal", *_WEIGHT), weights)
    changes = [(number, ordinal, *astuple(one)) for ordinal, one in enumerate(board.silent_changes)]
    _insert(connection, "board_silent_changes", ("board_id", "ordinal", *_CHANGE), changes)
    if board.sensitivity is not None:
        told = [(number, to_document(board.sensitivity))]
        _insert(connection, "board_sensitivity", ("board_id", "report"), told)


def _plain(value: Any) -> Any:
    """Mappings as JSON, as columns hold them."""
    if isinstance(value, Mapping):
        return json.dumps(dict(cast("Mapping[str, Any]", value)), sort_keys=True)
    return value


def _insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> None:
    """Insert by column name; table and columns are our own names, values are bound."""
    if rows:
        marks = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608
            [list(row) for row in rows],
        )
