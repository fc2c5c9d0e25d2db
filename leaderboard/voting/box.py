"""The ballot box: every vote cast in this home, append-only, the first answer to a ballot counting.

::

    <home>/votes/votes.jsonl    one line per vote, appended and synced
    <home>/votes/.lock          held while a vote is added

Pages and imports write here and nowhere else; a refresh reads it into the database. A vote is cast
when its line and newline are on disk: a last line without newline never was one, and is passed
over by readers and cut by the next writer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from filelock import FileLock, Timeout

from evals.errors import BusyError
from evals.home import shown
from evals.media import sync_folder
from leaderboard.errors import VoteError
from leaderboard.line_files import append_lines, whole_lines
from leaderboard.voting.ballots import CastVote
from leaderboard.voting.rows import SEEDS, CellFault, row_of, vote_of

SCHEMA = 1
_PATIENCE_S = 10.0
"""Adding a vote takes milliseconds."""


class _NewerSchema(ValueError):
    """A line that a newer version wrote; its message is the schema."""


@dataclass(frozen=True)
class BallotBox:
    """The votes of one home. Any number of processes may use it at once."""

    home: Path

    @property
    def path(self) -> Path:
        """The file of votes; absent until the first one."""
        return self.home / "votes" / "votes.jsonl"

    def cast(self, vote: CastVote) -> bool:
        """Add a vote; it is on disk when this returns. False: that ballot was answered before.

        Raises:
            VoteError: the vote is not fit to be kept, the box is damaged, or the disk refuses
                (what was written is taken back).
            BusyError: another process has held the box for seconds.
        """
        return self.cast_all((vote,)) == 1

    def cast_all(self, votes: Iterable[CastVote]) -> int:
        """Add those that answer a ballot not answered before; how many there were.

        Raises:
            VoteError: as `cast`; nothing is added.
            BusyError: as `cast`.
        """
        lines: dict[str, bytes] = {}
        for vote in votes:
            lines.setdefault(vote.ballot.id, _line(vote))
        try:
            self._make_folder()
            with FileLock(self.path.with_name(".lock"), timeout=_PATIENCE_S):
                known, whole = self._read()
                answered = {vote.ballot.id for vote in known}
                fresh = [line for id, line in lines.items() if id not in answered]
                if fresh:
                    append_lines(self.path, whole, b"".join(fresh))
        except Timeout as error:
            raise BusyError(f"{shown(self.path)}: another process holds it; try again") from error
        except OSError as error:
            raise VoteError(
                f"{shown(self.path)} cannot be written: {error.strerror}; the vote was not counted"
            ) from error
        return len(fresh)

    def votes(self, suite_id: str | None = None) -> tuple[CastVote, ...]:
        """Every vote in the order they were cast, or those on one suite.

        Raises:
            VoteError: a line is damaged (by its number), or the file cannot be read.
        """
        known, _ = self._read()
        return tuple(vote for vote in known if suite_id in (None, vote.ballot.suite_id))

    def _read(self) -> tuple[tuple[CastVote, ...], int]:
        """The votes, and how many bytes their lines take."""
        try:
            lines, whole = whole_lines(self.path)
        except OSError as error:
            raise VoteError(f"{shown(self.path)} cannot be read: {error.strerror}") from error
        name = shown(self.path)
        votes = tuple(
            _vote(line, f"{name} line {number}") for number, line in enumerate(lines, start=1)
        )
        return votes, whole

    def _make_folder(self) -> None:
        folder = self.path.parent
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)


def _line(vote: CastVote) -> bytes:
    try:
        row = row_of(vote)
    except CellFault as fault:
        raise VoteError(f"vote {vote.ballot.id!r}: {fault.column}: {fault}") from fault
    plain = {
        key: cell.isoformat() if isinstance(cell, datetime) else cell for key, cell in row.items()
    }
    body = {"schema": SCHEMA, **plain}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _vote(line: bytes, where: str) -> CastVote:
    try:
        return _parsed(line)
    except _NewerSchema as newer:
        raise VoteError(
            f"{where}: schema {newer} is newer than this churnboard reads ({SCHEMA}); upgrade it"
        ) from newer
    except CellFault as fault:
        what = f"{fault.column}: {fault}"
        raise VoteError(f"{where}: damaged: {what}; repair or remove that line") from fault


# A page reads the box at every click, and lines that were read once do not change.
@lru_cache(maxsize=2**15)
def _parsed(line: bytes) -> CastVote:
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CellFault("line", str(error)) from error
    body = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    schema = body.pop("schema", None)
    if type(schema) is int and schema > SCHEMA:
        raise _NewerSchema(schema)
    if type(schema) is not int or schema != SCHEMA:
        raise CellFault("schema", "is missing")
    for name, cell in body.items():
        if type(cell) is not (int if name in SEEDS else str):
            raise CellFault(name, f"{cell!r} is of the wrong kind")
    return vote_of({name: str(cell) for name, cell in body.items()})
