"""People's votes beside what every metric says of the same two generations (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evals.types import MetricSpec
from leaderboard.evidence import PersonVote
from leaderboard.ratings.verdicts import (
    LOST,
    SILENT,
    TIED,
    WON,
    Bools,
    Calls,
    Floats,
    Ints,
    Outcome,
)


@dataclass(frozen=True)
class JudgedVotes:
    """N votes and what K metrics say of the same pairs, the left generation against the right."""

    target: Floats
    """(N,): 1 = left won, 0 = right won, 0.5 = neither."""
    calls: Calls
    """(N, K): verdicts; `SILENT` without two comparable scores."""
    leads: Floats
    """(N, K): difference of the scores, better minus worse above 0; 0 where silent."""
    prompt: Ints
    """(N,): number of the prompt, in `prompts`."""
    prompts: tuple[str, ...]

    @property
    def decisive(self) -> Bools:
        """(N,): votes that name a winner."""
        return self.target != 0.5


def judged_votes(
    votes: Sequence[PersonVote], outcomes: Iterable[Outcome], specs: Sequence[MetricSpec]
) -> JudgedVotes:
    """Look up the scores of every pair that was voted on.

    Args:
        votes: N, in any order; the answer keeps it.
        outcomes: the generations; what is not among them has no scores.
        specs: K metrics, in any order; the answer keeps it.

    Scores whose fingerprints differ are not comparable.
    """
    made = {(one.model, one.prompt, one.seed): one.marks for one in outcomes}
    calls = np.full((len(votes), len(specs)), SILENT, dtype=np.int8)
    leads = np.zeros(calls.shape)
    for row, vote in enumerate(votes):
        left = made.get((vote.left, vote.prompt, vote.left_seed), {})
        right = made.get((vote.right, vote.prompt, vote.right_seed), {})
        for column, spec in enumerate(specs):
            one, other = left.get(spec.name), right.get(spec.name)
            if one is None or other is None or one.fingerprint != other.fingerprint:
                continue
            lead = one.value - other.value if spec.higher_is_better else other.value - one.value
            leads[row, column] = lead
            calls[row, column] = TIED if abs(lead) <= spec.tie_band else WON if lead > 0 else LOST
    target = np.array([{"left": 1.0, "right": 0.0}.get(vote.outcome, 0.5) for vote in votes])
    names, codes = np.unique([vote.prompt for vote in votes], return_inverse=True)
    return JudgedVotes(target, calls, leads, codes.astype(np.int64), tuple(map(str, names)))
