"""A vote as a flat row of named cells: in the ballot box, in files and in the database (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from leaderboard.voting.ballots import OUTCOMES, Ballot, CastVote, Outcome, Side

COLUMNS: tuple[str, ...] = (
    "vote_id",
    "voted_at",
    "voter",
    "suite_id",
    "suite_version",
    "prompt_id",
    "left_model",
    "left_revision",
    "left_seed",
    "right_model",
    "right_revision",
    "right_seed",
    "outcome",
)
SEEDS = frozenset({"left_seed", "right_seed"})
LONGEST_CELL = 200
"""Letters. Our ids and tokens are far shorter."""
_SEED_LIMIT = 2**63
_OUTCOMES: Mapping[str, Outcome] = {outcome: outcome for outcome in OUTCOMES}


class CellFault(ValueError):
    """A cell that cannot be part of a vote."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def row_of(vote: CastVote) -> dict[str, str | int | datetime]:
    """The cells of a vote, in the order of `COLUMNS`.

    Raises:
        CellFault: it could not be read back.
    """
    ballot, left, right = vote.ballot, vote.ballot.left, vote.ballot.right
    values = (
        *(ballot.id, vote.at, vote.voter, ballot.suite_id, ballot.suite_version, ballot.prompt_id),
        *(left.model, left.revision, left.seed, right.model, right.revision, right.seed),
        vote.outcome,
    )
    row = dict(zip(COLUMNS, values, strict=True))
    vote_of({name: str(value) for name, value in row.items()})
    return row


def vote_of(cells: Mapping[str, str]) -> CastVote:
    """The vote in a row of text; the time in ISO 8601 with its zone.

    Raises:
        CellFault: a cell is missing, empty, no single line of at most `LONGEST_CELL` printable
            characters, or not what its column holds; or both sides are one model.
    """
    text = {name: _text(cells, name) for name in COLUMNS}
    ballot = Ballot(
        text["vote_id"],
        text["suite_id"],
        text["suite_version"],
        text["prompt_id"],
        Side(text["left_model"], text["left_revision"], _seed(text, "left_seed")),
        Side(text["right_model"], text["right_revision"], _seed(text, "right_seed")),
    )
    if ballot.left.model == ballot.right.model:
        raise CellFault("right_model", f"{ballot.right.model!r} is on both sides")
    outcome = _OUTCOMES.get(text["outcome"])
    if outcome is None:
        raise CellFault("outcome", f"{text['outcome']!r} is none of {', '.join(OUTCOMES)}")
    return CastVote(ballot, outcome, text["voter"], _time(text["voted_at"]))


def _text(cells: Mapping[str, str], column: str) -> str:
    value = cells.get(column, "")
    if not value:
        raise CellFault(column, "is missing")
    if len(value) > LONGEST_CELL:
        raise CellFault(column, f"longer than {LONGEST_CELL} characters")
    if not value.isprintable() or value != value.strip():
        raise CellFault(column, f"{value!r} is no line of printable text without outer spaces")
    return value


def _seed(text: Mapping[str, str], column: str) -> int:
    value = text[column]
    if not (value.isascii() and value.isdecimal()) or int(value) >= _SEED_LIMIT:
        raise CellFault(column, f"{value!r} is no seed: a whole number from 0")
    return int(value)


def _time(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise CellFault("voted_at", f"{value!r} is no time such as 2026-03-01T12:00:00Z") from error
    if moment.tzinfo is None:
        raise CellFault("voted_at", f"{value!r} has no zone; add Z for UTC")
    return moment.astimezone(UTC)
