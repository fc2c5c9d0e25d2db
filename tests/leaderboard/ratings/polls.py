"""Made-up voting: generations to choose from, people who answer ballots, and arbitrary votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from leaderboard import queries
from leaderboard.refresh import refresh
from leaderboard.run_answers import VotableItem
from leaderboard.voting.ballots import (
    OUTCOMES,
    Ballot,
    CastVote,
    Choice,
    Outcome,
    Side,
    next_ballot,
)
from leaderboard.voting.box import BallotBox
from tests.leaderboard.factory import START, run_record, suite, write

SUITE, VERSION = "calibration", "v1"
OF = suite(prompts=8)
LATER = START + timedelta(days=1)
Answer = Callable[[Ballot], Outcome]


def choices(
    models: Sequence[str], prompts: int, seeds: Mapping[str, Sequence[int]] | None = None
) -> list[Choice]:
    """Every model on every prompt, with seeds 0 and 1 unless a model has others."""
    return [
        Choice(f"p{prompt:02}", model, "r1", seed)
        for prompt in range(prompts)
        for model in models
        for seed in (seeds or {}).get(model, (0, 1))
    ]


def always_tie(ballot: Ballot) -> Outcome:
    return "tie"


def poll(
    offered: Sequence[Choice],
    voter: str,
    count: int,
    before: Sequence[CastVote] = (),
    answer: Answer = always_tie,
) -> list[CastVote]:
    """The votes of one person who answers `count` ballots, or all there are."""
    cast = list(before)
    while len(cast) < len(before) + count:
        ballot = next_ballot(SUITE, VERSION, offered, cast, voter)
        if ballot is None:
            break
        at = START + timedelta(minutes=len(cast))
        cast.append(CastVote(ballot, answer(ballot), voter, at))
    return cast[len(before) :]


def vote(
    id: str = "b1", outcome: Outcome = "left", voter: str = "ann", minute: int = 0
) -> CastVote:
    """One plain vote."""
    ballot = Ballot(id, SUITE, VERSION, "p00", Side("large", "r1", 0), Side("small", "r1", 0))
    return CastVote(ballot, outcome, voter, START + timedelta(minutes=minute))


def evaluate(home: Path) -> Path:
    """Fill a home with a run on `OF`, its media and an edition."""
    made = run_record(of=OF)
    folder = write(home, made)
    for one in made.results:
        if one.generation.media is not None:
            path = folder / one.generation.media.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"picture")
    refresh(home, LATER, draws=20)
    return home


def offered(home: Path) -> tuple[VotableItem, ...]:
    """What the current edition of an evaluated home lets people judge."""
    with queries.open_edition(home) as edition:
        return queries.votable(edition, OF.id)


def voted(home: Path, *voters: str, each: int = 6) -> tuple[CastVote, ...]:
    """Let people vote in an evaluated home, every time for the left; all votes in its box."""
    items = [Choice(i.prompt_id, i.model, i.revision, i.seed) for i in offered(home)]
    box = BallotBox(home)
    for voter in voters:
        for minute in range(each):
            ballot = next_ballot(OF.id, OF.version, items, box.votes(), voter)
            assert ballot is not None
            box.cast(CastVote(ballot, "left", voter, START + timedelta(minutes=minute)))
    return box.votes()


_printable = st.characters(exclude_categories=("C", "Z"))
_words = st.text(_printable, min_size=1, max_size=12)
_risky = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'", "'=", "''@"]), _words)
_cells = _words | _risky | st.builds("{} {}".format, _words, _words)
_sides = st.builds(Side, _cells, _cells, st.integers(0, 2**63 - 1))


def _differ(ballot: Ballot) -> bool:
    return ballot.left.model != ballot.right.model


ballots = st.builds(Ballot, _cells, _cells, _cells, _cells, _sides, _sides).filter(_differ)
votes = st.builds(
    CastVote,
    ballots,
    st.sampled_from(OUTCOMES),
    _cells,
    st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda age: START - age),
)
"""Any vote that may be kept."""
polls = st.lists(votes, max_size=8, unique_by=lambda vote: vote.ballot.id)
"""Any votes with ids of their own."""
