"""The way of a vote: from what people are shown, through the box and a refresh, to the evidence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from evals.errors import ChurnboardError
from leaderboard import queries
from leaderboard.answers import LeftOut
from leaderboard.evidence import PersonVote
from leaderboard.refresh import refresh
from leaderboard.store.database import FILE, writing
from leaderboard.store.evidence import read_evidence
from leaderboard.store.votes import ingest_votes
from leaderboard.voting.box import BallotBox
from tests.leaderboard.ratings.polls import LATER, OF, evaluate, offered, voted


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return evaluate(tmp_path_factory.mktemp("once") / "home")


@pytest.fixture
def evaluated(once: Path, home: Path) -> Path:
    """A home of one's own, with an edition and its media."""
    shutil.copytree(once, home, symlinks=True)
    return home


def refreshed(home: Path, days: int = 1) -> None:
    """Refresh again, on a later day: a board of one moment has one content."""
    refresh(home, LATER + timedelta(days=days), draws=20)


def stored(home: Path) -> tuple[tuple[PersonVote, ...], tuple[LeftOut, ...]]:
    with writing(home, LATER) as database:
        (found,) = read_evidence(database.connection)
        return found.votes, found.left_out


def test_people_are_shown_what_can_be_picked_and_still_exists(evaluated: Path) -> None:
    items = offered(evaluated)
    assert {item.model for item in items} == {"large", "middle", "small"}
    assert len(items) == 3 * len(OF.prompts) * len(OF.seeds)
    texts = {prompt.id: prompt.text for prompt in OF.prompts}
    assert all(item.text == texts[item.prompt_id] and item.path.is_file() for item in items)
    items[0].path.unlink()
    assert offered(evaluated) == items[1:]


def test_a_refresh_reads_the_box_once(evaluated: Path) -> None:
    cast = voted(evaluated, "ann", "bob")
    refreshed(evaluated)
    found, _ = stored(evaluated)
    assert {one.id: (one.voter, one.prompt, one.outcome, one.at) for one in found} == {
        one.ballot.id: (one.voter, one.ballot.prompt_id, one.outcome, one.at) for one in cast
    }
    by_id = {one.ballot.id: one.ballot for one in cast}
    for one in found:
        ballot = by_id[one.id]
        assert (one.left, one.left_seed) == (ballot.left.model, ballot.left.seed)
        assert (one.right, one.right_seed) == (ballot.right.model, ballot.right.seed)
    assert [one.at for one in found] == sorted(one.at for one in found)
    with writing(evaluated, LATER) as database:
        assert ingest_votes(database.connection, evaluated) == 0


def test_a_vote_taken_out_of_the_box_counts_no_longer(evaluated: Path) -> None:
    voted(evaluated, "ann", "bob")
    refreshed(evaluated)
    before, _ = stored(evaluated)
    path = BallotBox(evaluated).path
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"bob"' not in line))
    refreshed(evaluated, 2)
    after, _ = stored(evaluated)
    assert after == tuple(one for one in before if one.voter == "ann")
    assert 0 < len(after) < len(before)


def test_a_database_made_again_has_the_votes_again(evaluated: Path) -> None:
    voted(evaluated, "ann")
    refreshed(evaluated)
    before = stored(evaluated)
    (evaluated / FILE).unlink()
    refreshed(evaluated, 2)
    assert stored(evaluated) == before
    assert len(before[0]) == 6


def test_only_votes_on_what_current_revisions_made_of_this_version_count(evaluated: Path) -> None:
    first, *others = voted(evaluated, "ann")
    ballot = first.ballot
    astray = (
        replace(ballot, id="old version", suite_version="v0"),
        replace(ballot, id="old left", left=replace(ballot.left, revision="r0")),
        replace(ballot, id="old right", right=replace(ballot.right, revision="r0")),
        replace(ballot, id="no such prompt", prompt_id="p99"),
        replace(ballot, id="no such left", left=replace(ballot.left, seed=99)),
        replace(ballot, id="no such right", right=replace(ballot.right, seed=99)),
    )
    BallotBox(evaluated).cast_all(replace(first, ballot=each) for each in astray)
    BallotBox(evaluated).cast(replace(first, ballot=replace(ballot, id="other", suite_id="other")))
    refreshed(evaluated)
    found, left_out = stored(evaluated)
    assert {one.id for one in found} == {one.ballot.id for one in (first, *others)}
    (note,) = (one for one in left_out if one.what == "people's votes")
    assert note.reason.startswith("6 on earlier revisions")


def test_a_damaged_box_stops_a_refresh_before_it_publishes(evaluated: Path) -> None:
    voted(evaluated, "ann", each=1)
    path = BallotBox(evaluated).path
    path.write_bytes(b"{}\n" + path.read_bytes())
    with pytest.raises(ChurnboardError, match=r"votes\.jsonl line 1"):
        refreshed(evaluated)
    with queries.open_edition(evaluated) as edition:
        assert edition.name.endswith(f"{LATER:%Y%m%dT%H%M%S%f}Z")
