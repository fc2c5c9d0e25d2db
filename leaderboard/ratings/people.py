"""People's votes as the measure of the judges: agreement and its ceiling (pure).

**Agreement** of a metric: of the votes that name a winner, the share that the metric's verdict on
the same two generations agrees with, its ties being half. **Ceiling**: the same share with another
person in the place of the metric; no metric can be asked for more. Both intervals resample
prompts, as votes on one prompt share it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np

from evals.types import MetricSpec
from leaderboard.evidence import PersonVote
from leaderboard.ratings.fitted_weights import fit
from leaderboard.ratings.judged_votes import judged_votes
from leaderboard.ratings.rank_sets import stream
from leaderboard.ratings.verdicts import SILENT, TIED, WON, Floats, Ints, Outcome
from leaderboard.trust import MetricAgreement, People, Share

BOOTSTRAPS = 2000
_Pair = tuple[str, tuple[str, int], tuple[str, int]]
"""Prompt, and the two generations by model and seed, sorted."""


def people(
    suite_id: str,
    suite_version: str,
    votes: Sequence[PersonVote],
    outcomes: Iterable[Outcome],
    specs: Iterable[MetricSpec],
    trusted: Iterable[MetricSpec],
    seed: int = 0,
) -> People:
    """All that the votes on one suite say.

    Args:
        suite_id: of the suite.
        suite_version: of the suite.
        votes: at least one.
        outcomes: the generations with their scores.
        specs: metrics whose agreement is wanted; those of whole models have none.
        trusted: metrics that may get a weight.
        seed: of resampling and folds.
    """
    made = {(one.model, one.prompt, one.seed): one for one in outcomes}
    scored = sorted((s for s in specs if s.level == "generation"), key=lambda spec: spec.name)
    fitted, fit_reason = fit(votes, made.values(), trusted, seed)
    top, top_reason = ceiling(votes, seed)
    return People(
        suite_id=suite_id,
        suite_version=suite_version,
        votes=len(votes),
        decisive=sum(vote.outcome in ("left", "right") for vote in votes),
        voters=len({vote.voter for vote in votes}),
        prompts=len({vote.prompt for vote in votes}),
        agreement=agreement(votes, made.values(), scored, seed),
        ceiling=top,
        ceiling_reason=top_reason,
        fit=fitted,
        fit_reason=fit_reason,
    )


def agreement(
    votes: Sequence[PersonVote],
    outcomes: Iterable[Outcome],
    specs: Sequence[MetricSpec],
    seed: int = 0,
) -> tuple[MetricAgreement, ...]:
    """Of people's decisive votes, the share that each metric agrees with, in the order of `specs`.

    A vote on a pair that the metric did not score counts for nothing.
    """
    seen = judged_votes(votes, outcomes, specs)
    found: list[MetricAgreement] = []
    for number, spec in enumerate(specs):
        said = seen.decisive & (seen.calls[:, number] != SILENT)
        calls, target = seen.calls[said, number], seen.target[said]
        right = np.where(calls == TIED, 0.5, (calls == WON) == (target == 1.0))
        share = _share(right, seen.prompt[said], seed) if said.any() else None
        found.append(MetricAgreement(spec.name, share))
    return tuple(found)


def ceiling(votes: Sequence[PersonVote], seed: int = 0) -> tuple[Share | None, str | None]:
    """How often another person's vote agrees with a decisive one on the same two generations.

    The other's tie is half, as a metric's is. Of each voter the last vote on a pair counts. Returns
    the share, or `None` and why.
    """
    by_pair: dict[_Pair, dict[str, float]] = defaultdict(dict)
    for vote in sorted(votes, key=lambda vote: (vote.at, vote.id)):
        left, right = (vote.left, vote.left_seed), (vote.right, vote.right_seed)
        value = {"left": 1.0, "right": 0.0}.get(vote.outcome, 0.5)
        pair = vote.prompt, min(left, right), max(left, right)
        by_pair[pair][vote.voter] = value if left < right else 1 - value
    right_of: dict[str, list[float]] = defaultdict(list)
    for (prompt, *_), said in sorted(by_pair.items()):
        for one, other in combinations(said.values(), 2):
            # Each of the two who chose is held against the other in turn.
            right_of[prompt] += [1 - abs(one - other)] * ((one != 0.5) + (other != 0.5))
    counts = [len(found) for found in right_of.values()]
    if not sum(counts):
        return None, "no two people have voted on the same two generations, one of them for a side"
    right = np.array([each for found in right_of.values() for each in found])
    return _share(right, np.repeat(np.arange(len(counts)), counts), seed), None


def _share(right: Floats, prompt: Ints, seed: int) -> Share:
    """Mean of `right` (N,) with a percentile interval over resampled prompts.

    Where all prompts agree and resampling shows no width, Wilson's interval over prompts.
    """
    _, codes = np.unique(prompt, return_inverse=True)
    sums = np.stack([np.bincount(codes, right), np.bincount(codes)], axis=1)
    count, value = len(sums), float(right.mean())
    if count < 2:
        return Share(value, None, None, len(right))
    random = np.random.default_rng(stream(seed, "people", "bootstrap"))
    drawn = random.multinomial(count, np.full(count, 1 / count), size=BOOTSTRAPS) @ sums
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    if low == high:
        z = 1.96
        middle = (value + z**2 / (2 * count)) / (1 + z**2 / count)
        half = z / (1 + z**2 / count) * np.sqrt(value * (1 - value) / count + z**2 / (4 * count**2))
        low, high = middle - half, middle + half
    return Share(value, max(float(low), 0.0), min(float(high), 1.0), len(right))
