"""Rows handed to DuckDB in bulk: a million take about a second by Arrow, minutes one by one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, cast

import duckdb
import pyarrow

Kind = Literal["text", "flag", "int", "float", "time", "date", "scores"]
Columns = tuple[tuple[str, Kind], ...]

# pyarrow publishes no types; nothing of it leaves this file.
_arrow = cast(Any, pyarrow)
_TYPES: dict[Kind, Any] = {
    "text": _arrow.string(),
    "flag": _arrow.bool_(),
    "int": _arrow.int64(),
    "float": _arrow.float64(),
    "time": _arrow.timestamp("us", tz="UTC"),
    "date": _arrow.date32(),
    "scores": _arrow.map_(_arrow.string(), _arrow.float64()),
}


@contextmanager
def staged(
    connection: duckdb.DuckDBPyConnection, columns: Columns, rows: Sequence[Sequence[Any]]
) -> Generator[None]:
    """Let SQL in the block read `rows` as the table `incoming`, typed as `columns` say."""
    values = list(zip(*rows, strict=True)) or [()] * len(columns)
    table = _arrow.table(
        {
            name: _arrow.array(column, type=_TYPES[kind])
            for (name, kind), column in zip(columns, values, strict=True)
        }
    )
    connection.register("incoming", table)
    yield
    # Not after an error: the transaction is then aborted, and its rollback takes the table along.
    connection.unregister("incoming")
