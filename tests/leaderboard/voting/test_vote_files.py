"""Files of votes: what goes out comes back, and what is wrong is named by row and column."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.errors import InputError
from leaderboard.errors import VoteError
from leaderboard.voting.ballots import CastVote
from leaderboard.voting.files import VotedSuite, read_votes, write_votes
from leaderboard.voting.rows import COLUMNS
from tests.leaderboard.ratings.polls import START, SUITE, VERSION, polls, vote

LATER = START + timedelta(days=1)
KNOWN = VotedSuite(SUITE, VERSION, frozenset({"p00"}), {"large": "r1", "small": "r1"})
SHORT = "voted_at,voter,prompt_id,left_model,left_seed,right_model,right_seed,outcome"
SHORT_ROW = "2026-03-01T12:00:00Z,ann,p00,large,0,small,0,left"


@settings(max_examples=60, deadline=None)
@given(polls, st.sampled_from([".csv", ".parquet"]))
def test_what_is_written_is_read_back(cast: list[CastVote], ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"votes{ending}"
        write_votes(path, cast)
        assert read_votes(path, LATER) == tuple(cast)
        assert [each.name for each in Path(folder).iterdir()] == [path.name]


@settings(max_examples=60, deadline=None)
@given(polls)
def test_no_cell_of_a_csv_is_a_formula(cast: list[CastVote]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "votes.csv"
        write_votes(path, cast)
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    assert rows[0] == list(COLUMNS)
    assert len(rows) == len(cast) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "votes.csv"
    path.write_text(text)
    return path


def test_a_file_without_suite_and_ids_gets_them(tmp_path: Path) -> None:
    path = written(tmp_path, f"{SHORT}\n{SHORT_ROW}\n{SHORT_ROW.replace('left', 'tie')}\n")
    first, second = read_votes(path, LATER, KNOWN)
    ballot, expected = first.ballot, vote().ballot
    assert (ballot.suite_id, ballot.suite_version) == (SUITE, VERSION)
    assert (ballot.left, ballot.right) == (expected.left, expected.right)
    assert (first.outcome, second.outcome) == ("left", "tie")
    assert first.ballot.id != second.ballot.id
    assert read_votes(path, LATER, KNOWN) == (first, second)


def test_a_vote_without_an_id_is_known_by_what_it_says(tmp_path: Path) -> None:
    path = written(tmp_path, f"{SHORT}\n{SHORT_ROW}\n")
    (first,) = read_votes(path, LATER, KNOWN)
    zoned = SHORT_ROW.replace("T12:00:00Z", "T14:00:00+02:00")
    (again,) = read_votes(written(tmp_path, f"{SHORT}\n{zoned}\n"), LATER, KNOWN)
    assert again == first, "the same moment, written otherwise"
    there = replace(first, ballot=replace(first.ballot, id="cast-on-the-page"))
    assert read_votes(path, LATER, KNOWN, [there]) == (there,)
    other = replace(there, outcome="tie")
    assert read_votes(path, LATER, KNOWN, [other]) == (first,)


def test_a_row_that_stands_twice_is_one_vote(tmp_path: Path) -> None:
    path = written(tmp_path, f"{SHORT}\n{SHORT_ROW}\n{SHORT_ROW}\n")
    assert len(read_votes(path, LATER, KNOWN)) == 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("left\n", "draw\n", "row 2, column outcome: 'draw' is none of left, right, tie, both_bad"),
        (",ann,", ",,", "row 2, column voter: is missing"),
        ("p00", "p99", "row 2, column prompt_id: suite calibration has no 'p99'"),
        ("large", "larg", "row 2, column left_model: 'larg' was not evaluated on calibration; did"),
        ("small,0", "small,-1", "row 2, column right_seed: '-1' is no seed"),
        ("large,0", "large,0.5", "row 2, column left_seed: '0.5' is no seed"),
        ("large", "small", "row 2, column right_model: 'small' is on both sides"),
        ("12:00:00Z", "12:00:00", "row 2, column voted_at: '2026-03-01T12:00:00' has no zone"),
        ("2026-", "2126-", "row 2, column voted_at: 2126-03-01T12:00:00+00:00 is in the future"),
        (
            ",voter,",
            ",votre,",
            'row 1, column votre: no column of a file of votes; did you mean "v',
        ),
        ("voter,", "", "row 2, column line: 8 cells, expected 7"),
        ("voted_at", "voter", "row 1, column voter: the column stands twice"),
        ("voted_at", "suite_id", "row 1, column voted_at: the column is missing: add it"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = written(tmp_path, f"{SHORT}\n{SHORT_ROW}\n".replace(old, new, 1))
    with pytest.raises(VoteError) as error:
        read_votes(path, LATER, KNOWN)
    message = str(error.value)
    assert message.startswith(f"{path}: {says}")
    assert message.endswith("; nothing stored")
    assert "\n" not in message


def test_a_file_that_names_no_suite_asks_for_one(tmp_path: Path) -> None:
    path = written(tmp_path, f"{SHORT}\n{SHORT_ROW}\n")
    with pytest.raises(VoteError, match=r"column suite_id: the column is missing.*--suite"):
        read_votes(path, LATER)


def test_half_of_the_columns_of_a_suite_are_not_filled_in(tmp_path: Path) -> None:
    path = written(tmp_path, f"suite_version,{SHORT}\nv0,{SHORT_ROW}\n")
    with pytest.raises(VoteError, match="column suite_id: the column is missing"):
        read_votes(path, LATER, KNOWN)


def test_votes_on_another_suite_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.csv"
    write_votes(path, [vote()])
    assert read_votes(path, LATER, KNOWN) == (vote(),)
    other = VotedSuite("everyday", "v1", frozenset(), {})
    with pytest.raises(VoteError, match="row 2, column suite_id: 'calibration' is not everyday"):
        read_votes(path, LATER, other)


def test_one_id_for_two_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    write_votes(path, [vote(outcome="left"), vote(outcome="right")])
    with pytest.raises(VoteError, match="row 2, column vote_id: 'b1' stands twice"):
        read_votes(path, LATER)


@pytest.mark.parametrize("content", [b"", b"PAR1 torn", b"\0\1", b"\xff\xfe,"])
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "votes.csv"
    path.write_bytes(content)
    with pytest.raises(VoteError, match=r"votes\.csv: row 1"):
        read_votes(path, LATER)


def test_the_form_is_told_by_the_ending(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"must end in \.csv or \.parquet"):
        write_votes(tmp_path / "votes.xlsx", [vote()])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoteError, match="cannot be written: No such file or directory"):
        write_votes(tmp_path / "absent" / "votes.csv", [vote()])
