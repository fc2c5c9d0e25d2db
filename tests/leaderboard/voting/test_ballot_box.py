"""The ballot box: what was cast is kept, once, whatever crashes or clicks twice."""

from __future__ import annotations

import json
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings

from evals.errors import BusyError
from leaderboard.errors import VoteError
from leaderboard.voting import box as ballot_box
from leaderboard.voting.ballots import CastVote
from leaderboard.voting.box import BallotBox
from tests.leaderboard.ratings.polls import polls, vote


@settings(max_examples=50, deadline=None)
@given(polls)
def test_votes_come_back_as_they_were_cast(cast: list[CastVote]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        box = BallotBox(Path(folder))
        assert [box.cast(one) for one in cast] == [True] * len(cast)
        assert box.votes() == tuple(cast)
        for suite in {one.ballot.suite_id for one in cast}:
            own = tuple(one for one in cast if one.ballot.suite_id == suite)
            assert box.votes(suite) == own


def test_the_first_answer_to_a_ballot_counts(home: Path) -> None:
    box = BallotBox(home)
    assert box.cast(vote(outcome="left"))
    assert not box.cast(vote(outcome="right", minute=1))
    assert box.cast_all([vote(outcome="tie"), vote("b2", "tie"), vote("b2", "left")]) == 1
    assert [(one.ballot.id, one.outcome) for one in box.votes()] == [("b1", "left"), ("b2", "tie")]


def test_an_empty_home_has_no_votes_and_reading_makes_nothing(home: Path) -> None:
    assert BallotBox(home).votes() == ()
    assert not home.exists()


def test_a_torn_last_line_was_never_cast(home: Path) -> None:
    box = BallotBox(home)
    box.cast(vote("b1"))
    whole = len(box.path.read_bytes())
    box.cast(vote("b2", voter="a voter with a longer name than the next one"))
    both = box.path.read_bytes()
    for length in range(whole, len(both)):
        box.path.write_bytes(both[:length])
        assert [one.ballot.id for one in box.votes()] == ["b1"]
    for length in (whole, whole + 1, len(both) - 1):
        box.path.write_bytes(both[:length])
        assert box.cast(vote("b3"))
        assert [one.ballot.id for one in box.votes()] == ["b1", "b3"]
        assert box.path.read_bytes().endswith(b"\n")


def damaged(line: bytes, **cells: object) -> bytes:
    return json.dumps({**json.loads(line), **cells}).encode()


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"outcome": "draw"}, "outcome: 'draw' is none of left, right, tie, both_bad"),
        ({"left_seed": "0"}, "left_seed: '0' is of the wrong kind"),
        ({"left_seed": True}, "left_seed: True is of the wrong kind"),
        ({"left_seed": -1}, "left_seed: '-1' is no seed"),
        ({"voter": ""}, "voter: is missing"),
        ({"voter": None}, "voter: None is of the wrong kind"),
        ({"voter": "a\0"}, "voter"),
        ({"voter": "x" * 201}, "voter: longer than 200"),
        ({"left_model": "small"}, "right_model: 'small' is on both sides"),
        ({"voted_at": "2026-03-01T12:00:00"}, "voted_at: '2026-03-01T12:00:00' has no zone"),
        ({"voted_at": "yesterday"}, "voted_at: 'yesterday' is no time"),
        ({"schema": None}, "schema: is missing"),
        ({"schema": 2}, "schema 2 is newer than this churnboard reads (1); upgrade it"),
    ],
)
def test_a_damaged_line_is_named_and_nothing_is_added(
    home: Path, cells: dict[str, object], says: str
) -> None:
    box = BallotBox(home)
    box.cast_all([vote("b1"), vote("b2"), vote("b3")])
    lines = box.path.read_bytes().splitlines()
    lines[1] = damaged(lines[1], **cells)
    data = b"\n".join(lines) + b"\n"
    box.path.write_bytes(data)
    with pytest.raises(VoteError, match=r"votes\.jsonl line 2") as reading:
        box.votes()
    assert says in str(reading.value)
    with pytest.raises(VoteError, match="line 2"):
        box.cast(vote("b4"))
    assert box.path.read_bytes() == data


@pytest.mark.parametrize("line", [b"{", b"\xff\xfe", b"[]", b"3", b"", b"[" * 5000])
def test_a_line_that_is_no_object_is_named(home: Path, line: bytes) -> None:
    box = BallotBox(home)
    box.cast(vote())
    box.path.write_bytes(line + b"\n" + box.path.read_bytes())
    with pytest.raises(VoteError, match="line 1: damaged"):
        box.votes()


@pytest.mark.parametrize(
    "unfit",
    [
        replace(vote(), voter=""),
        replace(vote(), voter=" ann"),
        replace(vote(), at=datetime(2026, 3, 1)),  # noqa: DTZ001
    ],
    ids=["no voter", "outer space", "no zone"],
)
def test_what_could_not_be_read_back_is_not_cast(home: Path, unfit: CastVote) -> None:
    box = BallotBox(home)
    with pytest.raises(VoteError, match="vote 'b1'"):
        box.cast_all([vote("b0"), unfit])
    assert box.votes() == ()


def test_a_time_elsewhere_is_the_same_moment_in_utc(home: Path) -> None:
    box = BallotBox(home)
    box.cast(replace(vote(), at=datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))))
    (found,) = box.votes()
    assert found.at == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert found.at.utcoffset() == timedelta(0)


def test_many_at_once_lose_nothing_and_count_nothing_twice(home: Path) -> None:
    with ThreadPoolExecutor(8) as people:
        own = people.map(lambda n: BallotBox(home).cast(vote(f"b{n}")), range(40))
        assert all(own)
        shared = list(people.map(lambda n: BallotBox(home).cast(vote("same")), range(8)))
    assert shared.count(True) == 1
    ids = [one.ballot.id for one in BallotBox(home).votes()]
    assert sorted(ids) == sorted([*(f"b{n}" for n in range(40)), "same"])


def test_a_disk_that_refuses_leaves_the_box_as_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = BallotBox(home)
    box.cast(vote("b1"))
    before = box.path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(VoteError, match="No space left on device; the vote was not counted"):
            box.cast(vote("b2"))
    assert box.path.read_bytes() == before
    assert box.cast(vote("b2"))


def test_a_box_that_is_held_is_busy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = BallotBox(home)
    box.cast(vote("b1"))
    monkeypatch.setattr(ballot_box, "_PATIENCE_S", 0.01)
    with ballot_box.FileLock(box.path.with_name(".lock")), pytest.raises(BusyError):
        box.cast(vote("b2"))
    assert len(box.votes()) == 1
