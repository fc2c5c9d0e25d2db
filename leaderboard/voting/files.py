"""Votes to and from CSV and Parquet files. What is wrong with one is named by file, row and column.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, so in CSV such a
cell is written behind a `'`, which reading takes away again.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from evals.errors import InputError
from evals.home import shown
from evals.media import sync_folder
from evals.names import hint
from evals.types import digest
from leaderboard.errors import SnapshotError, VoteError
from leaderboard.history.cells import read_cells
from leaderboard.voting.ballots import CastVote
from leaderboard.voting.rows import COLUMNS, SEEDS, CellFault, row_of, vote_of

_FORMULA = re.compile(r"'*[=+\-@]")
_OF_SUITE = ("suite_id", "suite_version", "left_revision", "right_revision")
"""Columns that a `VotedSuite` stands in for when a file has none of them."""
_UNNAMED = "-"
"""Stands for the id of a vote whose row has none, until it can be told from the rest."""


@dataclass(frozen=True)
class VotedSuite:
    """What an edition knows of a suite, for files that name only prompts and models."""

    id: str
    version: str
    prompts: frozenset[str]
    revisions: Mapping[str, str]
    """Model -> the revision that was evaluated last."""


def write_votes(path: Path, votes: Sequence[CastVote]) -> None:
    """Write a file of votes, whole or not at all; its ending says which form: .csv or .parquet.

    Raises:
        InputError: another ending.
        VoteError: the file cannot be written.
    """
    rows = [row_of(vote) for vote in votes]
    if path.suffix == ".csv":
        data = _csv(rows)
    elif path.suffix == ".parquet":
        data = _parquet(rows)
    else:
        raise InputError(f"{shown(path)}: its name must end in .csv or .parquet")
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise VoteError(f"{shown(path)} cannot be written: {error.strerror}") from error


def read_votes(
    path: Path,
    at: datetime,
    suite: VotedSuite | None = None,
    known: Iterable[CastVote] = (),
) -> tuple[CastVote, ...]:
    """The votes in a file, in its order.

    A file without ids of votes gets them from what its rows say, however they are written, so that
    reading it twice gives the same.

    Args:
        path: CSV or Parquet, told from the content.
        at: now; no vote may be later.
        suite: the one that every vote is on, for a file that names neither suites nor revisions;
            `None` = the file names them.
        known: votes that are kept already: a row without an id that says what one of them says is
            that vote.

    Raises:
        VoteError: by file, row and column.
    """
    try:
        table = read_cells(path)
    except SnapshotError as error:
        raise VoteError(str(error)) from error
    _check_header(path, table.header, suite)
    named = "vote_id" in table.header
    ids = {} if named else {_content(vote): vote.ballot.id for vote in known}
    votes: dict[str, CastVote] = {}
    for number, cells in table.rows:
        row = dict(zip(table.header, cells, strict=True))
        if table.form == "csv":
            row = {name: _plain(cell) for name, cell in row.items()}
        try:
            vote = vote_of(_completed(row, suite if _names_no_suite(table.header) else None))
            _check(vote, at, suite)
            if not named:
                content = _content(vote)
                name = ids.get(content, content)
                vote = replace(vote, ballot=replace(vote.ballot, id=name))
            if votes.setdefault(vote.ballot.id, vote) != vote:
                raise CellFault("vote_id", f"{vote.ballot.id!r} stands twice, for different votes")
        except CellFault as fault:
            raise _fault(path, number, fault.column, str(fault)) from fault
    return tuple(votes.values())


def _names_no_suite(header: Collection[str]) -> bool:
    return not set(_OF_SUITE) & set(header)


def _check_header(path: Path, header: Collection[str], suite: VotedSuite | None) -> None:
    for name in header:
        if name not in COLUMNS:
            raise _fault(path, 1, name, f"no column of a file of votes{hint(name, COLUMNS)}")
    filled = _OF_SUITE if suite is not None and _names_no_suite(header) else ()
    for name in COLUMNS:
        if name not in header and name not in ("vote_id", *filled):
            way = "add it"
            if name in _OF_SUITE:
                way += f", or leave all of {', '.join(_OF_SUITE)} out and give --suite"
            raise _fault(path, 1, name, f"the column is missing: {way}")


def _completed(row: Mapping[str, str], suite: VotedSuite | None) -> dict[str, str]:
    """A row with the columns that its file lacks."""
    full = dict(row)
    if suite is not None:
        full |= {"suite_id": suite.id, "suite_version": suite.version}
        if row["prompt_id"] not in suite.prompts:
            known = hint(row["prompt_id"], suite.prompts)
            raise CellFault("prompt_id", f"suite {suite.id} has no {row['prompt_id']!r}{known}")
        for side in ("left", "right"):
            model = row[f"{side}_model"]
            if model not in suite.revisions:
                known = hint(model, suite.revisions)
                raise CellFault(
                    f"{side}_model", f"{model!r} was not evaluated on {suite.id}{known}"
                )
            full[f"{side}_revision"] = suite.revisions[model]
    return {"vote_id": _UNNAMED} | full


def _content(vote: CastVote) -> str:
    """Id of a vote by all that it says."""
    cells = {name: str(cell) for name, cell in row_of(vote).items() if name != "vote_id"}
    return digest(cells)[:32]


def _check(vote: CastVote, at: datetime, suite: VotedSuite | None) -> None:
    if vote.at > at:
        raise CellFault("voted_at", f"{vote.at.isoformat()} is in the future")
    if suite is not None and vote.ballot.suite_id != suite.id:
        raise CellFault("suite_id", f"{vote.ballot.suite_id!r} is not {suite.id}")


def _csv(rows: Sequence[Mapping[str, str | int | datetime]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(row[name]) for name in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _cell(value: str | int | datetime) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _parquet(rows: Sequence[Mapping[str, str | int | datetime]]) -> bytes:
    # Imported here: a CSV needs none of it. pyarrow publishes no types.
    import pyarrow
    from pyarrow import parquet

    arrow, target = cast(Any, pyarrow), io.BytesIO()
    kinds = dict.fromkeys(COLUMNS, arrow.string()) | dict.fromkeys(SEEDS, arrow.int64())
    kinds["voted_at"] = arrow.timestamp("us", tz="UTC")
    columns = {name: arrow.array([row[name] for row in rows], kinds[name]) for name in COLUMNS}
    cast(Any, parquet).write_table(arrow.table(columns), target)
    return target.getvalue()


def _fault(path: Path, row: int, column: str, message: str) -> VoteError:
    return VoteError(f"{shown(path)}: row {row}, column {column}: {message}; nothing stored")
