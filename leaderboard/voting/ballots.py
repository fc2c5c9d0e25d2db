"""Which two generations a person is asked to compare next (pure).

Nothing is drawn at random: what is to look drawn is ordered by a hash of the voter and of what it
is about. So the ballot that a person has not answered yet is the same after a reload, and
answering it twice gives one id.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Literal

from evals.types import digest

Outcome = Literal["left", "right", "tie", "both_bad"]
OUTCOMES: tuple[Outcome, ...] = ("left", "right", "tie", "both_bad")

REPEAT_EVERY = 5
"""One ballot in so many shows what another person judged: how far people agree with each other is
what a metric can be asked for at most."""
_Pair = tuple[str, str]
"""Two models, sorted."""


@dataclass(frozen=True, order=True)
class Side:
    """The generation on one side of a ballot; its prompt and suite are the ballot's."""

    model: str
    revision: str
    seed: int


@dataclass(frozen=True)
class Ballot:
    """Two generations of one prompt, for one person to compare."""

    id: str
    """Of the voter and all the rest: a ballot answered twice is one vote."""
    suite_id: str
    suite_version: str
    prompt_id: str
    left: Side
    right: Side


@dataclass(frozen=True)
class CastVote:
    """A ballot and the answer to it."""

    ballot: Ballot
    outcome: Outcome
    voter: str
    """One browser's random token, or whatever an imported file names."""
    at: datetime
    """Timezone-aware UTC."""


@dataclass(frozen=True)
class Choice:
    """One generation that a ballot may show."""

    prompt_id: str
    model: str
    revision: str
    seed: int


def next_ballot(
    suite_id: str,
    suite_version: str,
    choices: Sequence[Choice],
    cast: Sequence[CastVote],
    voter: str,
) -> Ballot | None:
    """What to ask `voter` next, or `None` when there is nothing left to ask.

    A voter never meets two models on the same prompt twice. Of the pairs of models the one whose
    next vote says most comes first: few votes so far, and models that win about equally often. Of
    its prompts the one that was voted on least, with the same seed on both sides where both models
    have one. Every `REPEAT_EVERY`-th ballot shows two generations that another voter judged.

    Args:
        suite_id: of the suite.
        suite_version: of the suite.
        choices: the generations of models that can be picked, in any order.
        cast: every vote so far, of any suite, revision and voter, in any order; what is not of this
            version and of the revisions in `choices` counts for nothing.
        voter: who is asked.
    """
    current = {(choice.model, choice.revision) for choice in choices}
    known = [
        vote
        for vote in cast
        if (vote.ballot.suite_id, vote.ballot.suite_version) == (suite_id, suite_version)
        and all((s.model, s.revision) in current for s in (vote.ballot.left, vote.ballot.right))
    ]
    mine = [vote.ballot for vote in known if vote.voter == voter]
    judged = {(ballot.prompt_id, pair_of(ballot)) for ballot in mine}
    made: dict[tuple[str, str], set[Side]] = defaultdict(set)
    for choice in choices:
        side = Side(choice.model, choice.revision, choice.seed)
        made[choice.prompt_id, choice.model].add(side)

    def order(*about: object) -> str:
        return digest([suite_id, suite_version, voter, *map(str, about)])

    found: tuple[str, Side, Side] | None = None
    if (len(mine) + int(order("first repeat"), 16)) % REPEAT_EVERY == 0:
        found = _repeated(made, known, judged, voter, order)
    found = found or _fresh(made, known, judged, order)
    if found is None:
        return None
    prompt, *sides = found
    left, right = sorted(sides, key=lambda side: order("side", prompt, side))
    content = [voter, suite_id, suite_version, prompt]
    shown = [[side.model, side.revision, side.seed] for side in (left, right)]
    return Ballot(digest([*content, *shown])[:32], suite_id, suite_version, prompt, left, right)


def pair_of(ballot: Ballot) -> tuple[str, str]:
    """The two models of a ballot, sorted."""
    one, other = sorted((ballot.left.model, ballot.right.model))
    return one, other


def _repeated(
    made: Mapping[tuple[str, str], set[Side]],
    known: Iterable[CastVote],
    judged: set[tuple[str, _Pair]],
    voter: str,
    order: Callable[..., str],
) -> tuple[str, Side, Side] | None:
    """Two generations that another voter judged and this one may: those with fewest voters."""
    voters: dict[tuple[str, Side, Side], set[str]] = defaultdict(set)
    for vote in known:
        ballot = vote.ballot
        one, other = sorted((ballot.left, ballot.right))
        there = all(side in made.get((ballot.prompt_id, side.model), ()) for side in (one, other))
        if there and vote.voter != voter and (ballot.prompt_id, pair_of(ballot)) not in judged:
            voters[ballot.prompt_id, one, other].add(vote.voter)
    return min(
        voters, key=lambda shown: (len(voters[shown]), order("repeat", *shown)), default=None
    )


def _fresh(
    made: Mapping[tuple[str, str], set[Side]],
    known: Sequence[CastVote],
    judged: set[tuple[str, _Pair]],
    order: Callable[..., str],
) -> tuple[str, Side, Side] | None:
    """Two generations of the pair of models and the prompt that a vote says most about."""
    by_pair = Counter(pair_of(vote.ballot) for vote in known)
    by_prompt = Counter(vote.ballot.prompt_id for vote in known)
    by_both = Counter((vote.ballot.prompt_id, pair_of(vote.ballot)) for vote in known)
    shares = _win_shares(known)
    prompts: dict[str, set[str]] = defaultdict(set)
    for prompt, model in made:
        prompts[model].add(prompt)

    def worth(pair: _Pair) -> tuple[float, str]:
        # The variance of one more vote, as a part of all the votes that the pair then has.
        win = _win_odds(shares.get(pair[0], 0.5), shares.get(pair[1], 0.5))
        return -win * (1 - win) / (by_pair[pair] + 1), order("pair", *pair)

    for pair in sorted(combinations(sorted(prompts), 2), key=worth):
        open_prompts = [
            prompt for prompt in prompts[pair[0]] & prompts[pair[1]] if (prompt, pair) not in judged
        ]
        if open_prompts:
            prompt = min(
                open_prompts,
                key=lambda each: (
                    by_both[each, pair],
                    by_prompt[each],
                    order("prompt", *pair, each),
                ),
            )
            return prompt, *_sides(made[prompt, pair[0]], made[prompt, pair[1]], prompt, order)
    return None


def _sides(
    one: set[Side], other: set[Side], prompt: str, order: Callable[..., str]
) -> tuple[Side, Side]:
    """A generation of each, of the same seed where both have one."""

    def pairs() -> Iterator[tuple[Side, Side]]:
        for left in one:
            for right in other:
                yield left, right

    return min(pairs(), key=lambda two: (two[0].seed != two[1].seed, order("seed", prompt, *two)))


def _win_shares(known: Iterable[CastVote]) -> dict[str, float]:
    """Model -> share of its votes that it won, ties half, after one made-up win and one loss."""
    wins: dict[str, float] = defaultdict(float)
    votes: Counter[str] = Counter()
    for vote in known:
        won = {"left": 1.0, "right": 0.0}.get(vote.outcome, 0.5)
        wins[vote.ballot.left.model] += won
        wins[vote.ballot.right.model] += 1 - won
        votes.update((vote.ballot.left.model, vote.ballot.right.model))
    return {model: (wins[model] + 1) / (votes[model] + 2) for model in votes}


def _win_odds(one: float, other: float) -> float:
    """Chance that a model with the first share of wins beats one with the second: the ratio of
    their odds, as if both had met the same opponents.
    """
    odds = one * (1 - other)
    return odds / (odds + other * (1 - one))
