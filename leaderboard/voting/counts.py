"""How many votes there are, and of what use (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from leaderboard.ratings.weighting import LEAST_VOTES
from leaderboard.voting.ballots import CastVote, pair_of


@dataclass(frozen=True)
class VoteCounts:
    """The votes on one version of a suite, whatever the revisions of the models."""

    suite: str
    suite_version: str
    votes: int
    voters: int
    prompts: int
    pairs: int
    """Pairs of models."""
    repeated: int
    """Pairs of generations that two people or more have judged: what agreement among people is
    seen on."""
    missing: int
    """Votes until the metrics' weights can be fitted; 0 when there are enough."""


def vote_counts(cast: Iterable[CastVote]) -> tuple[VoteCounts, ...]:
    """The counts by suite, its versions in the order of their first vote."""
    groups: dict[tuple[str, str], list[CastVote]] = defaultdict(list)
    for vote in sorted(cast, key=lambda vote: vote.at):
        groups[vote.ballot.suite_id, vote.ballot.suite_version].append(vote)
    in_order = sorted(groups.items(), key=lambda group: group[0][0])
    return tuple(_counts(suite, version, votes) for (suite, version), votes in in_order)


def _counts(suite: str, version: str, votes: list[CastVote]) -> VoteCounts:
    judges: dict[tuple[object, ...], set[str]] = defaultdict(set)
    for vote in votes:
        shown = sorted((vote.ballot.left, vote.ballot.right))
        judges[vote.ballot.prompt_id, *shown].add(vote.voter)
    return VoteCounts(
        suite=suite,
        suite_version=version,
        votes=len(votes),
        voters=len({vote.voter for vote in votes}),
        prompts=len({vote.ballot.prompt_id for vote in votes}),
        pairs=len({pair_of(vote.ballot) for vote in votes}),
        repeated=sum(len(who) > 1 for who in judges.values()),
        missing=max(0, LEAST_VOTES - len(votes)),
    )
