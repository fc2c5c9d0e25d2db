"""Scores -> what every metric says of every pair of generations (pure).

Two generations of one prompt and one seed are compared by every metric that can vote: the better
score wins, a difference inside the tie band is a tie. A failure by the model's own fault loses; a
failure of the infrastructure is missing, that is, it is not here. People compare what they were
shown, whatever the seeds; however many vote on two generations, they share one vote. How much each
verdict weighs is `leaderboard.ratings.comparisons`' business.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from evals.types import MetricSpec
from leaderboard.ratings.weighting import can_vote

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Calls = NDArray[np.int8]

WON, TIED, LOST, SILENT = 1, 0, -1, -2
"""What is said of the first of two generations; `SILENT` = nothing: no comparison."""


_Pair = tuple[int, tuple[int, int], tuple[int, int]]
"""Numbers of the prompt, and of model and seed of two generations, sorted."""


@dataclass(frozen=True)
class Mark:
    """One score and the hash of all that it depends on beside the media."""

    value: float
    fingerprint: str
    """Equal where two scores may be compared: the strict part, and the environment where it
    matters."""
    strict: str = ""
    """The strict part alone (judge, preprocessing, metric version): what canaries are found by."""


@dataclass(frozen=True)
class Outcome:
    """A settled generation: what one model made of one prompt and seed."""

    model: str
    prompt: str
    seed: int
    failed: bool = False
    """True when the model failed by its own fault."""
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    """By metric; a metric without a score is absent."""


class Ballot(Protocol):
    """A person's comparison of two generations of one prompt."""

    @property
    def prompt(self) -> str:
        """Id of the prompt."""
        ...

    @property
    def left(self) -> str:
        """Model on the left."""
        ...

    @property
    def left_seed(self) -> int:
        """Seed of the generation on the left."""
        ...

    @property
    def right(self) -> str:
        """Model on the right."""
        ...

    @property
    def right_seed(self) -> int:
        """Seed of the generation on the right."""
        ...

    @property
    def outcome(self) -> str:
        """`left`, `right`, `tie` or `both_bad`; the last two are ties."""
        ...


@dataclass(frozen=True)
class Verdicts:
    """Who wins, by every metric. Axes: K metrics, M models, P prompts, S seeds, each sorted."""

    models: tuple[str, ...]
    prompts: tuple[str, ...]
    specs: tuple[MetricSpec, ...]
    """The K metrics that can vote, by name."""
    calls: Calls
    """(K, M, M, P, S): `WON`, `TIED`, `LOST` or `SILENT`, first model against second."""
    failures: Calls
    """(M, M, P, S): the same where one or both failed; `SILENT` where neither did."""
    mixed: tuple[int, ...]
    """(K,): pairs not compared because the strict fingerprints of their scores differ."""
    people_wins: Floats
    """(P, M, M): what people say for the first over the second. A pair of generations that anybody
    voted on counts 1, its votes sharing it, as a metric's verdict on it would."""
    people_ties: Floats
    """(P, M, M), symmetric: the same for neither."""
    people_same: Bools
    """(M, M, P, S), symmetric: pairs of one seed that somebody voted on."""
    people_other: Ints
    """(P, M, M), symmetric: pairs of two seeds that somebody voted on."""

    def only(self, models: Iterable[str]) -> Verdicts:
        """The same verdicts among some of the models."""
        kept = tuple(sorted(set(models)))
        index = np.array([self.models.index(model) for model in kept], dtype=np.int64)
        pairs = np.ix_(index, index)
        return Verdicts(
            kept,
            self.prompts,
            self.specs,
            self.calls[:, *pairs],
            self.failures[pairs],
            self.mixed,
            self.people_wins[:, *pairs],
            self.people_ties[:, *pairs],
            self.people_same[pairs],
            self.people_other[:, *pairs],
        )


def judge(
    outcomes: Sequence[Outcome], specs: Iterable[MetricSpec], ballots: Sequence[Ballot] = ()
) -> Verdicts:
    """Let every metric compare every pair of models within every prompt and seed that both have.

    Args:
        outcomes: at most one per model, prompt and seed, in any order.
        specs: one per metric name; those that cannot vote are passed over.
        ballots: people's votes, in any order; those on one pair of generations share one vote.

    Scores whose fingerprints differ are never compared. Raises `ValueError` when two outcomes share
    model, prompt and seed.
    """
    voters = tuple(sorted(filter(can_vote, specs), key=lambda spec: spec.name))
    sides = [(b.left, b.left_seed) for b in ballots] + [(b.right, b.right_seed) for b in ballots]
    models = tuple(sorted({one.model for one in outcomes} | {model for model, _ in sides}))
    prompts = tuple(sorted({one.prompt for one in (*outcomes, *ballots)}))
    seeds = tuple(sorted({one.seed for one in outcomes} | {seed for _, seed in sides}))
    grid = _Grid(models, prompts, seeds, outcomes)
    both = grid.ok[:, None] & grid.ok[None, :] & grid.apart
    calls = np.full((len(voters), *both.shape), SILENT, dtype=np.int8)
    mixed = [_call(grid, spec, both, calls[number]) for number, spec in enumerate(voters)]
    return Verdicts(
        models, prompts, voters, calls, _failures(grid), tuple(mixed), *_people(grid, ballots)
    )


class _Grid:
    """Outcomes on a dense grid: (M, P, S) arrays of presence, failure and per-metric marks."""

    def __init__(
        self,
        models: tuple[str, ...],
        prompts: tuple[str, ...],
        seeds: tuple[int, ...],
        outcomes: Sequence[Outcome],
    ) -> None:
        self.at_model = {model: number for number, model in enumerate(models)}
        self.at_prompt = {prompt: number for number, prompt in enumerate(prompts)}
        self.at_seed = {seed: number for number, seed in enumerate(seeds)}
        self.shape = (len(models), len(prompts), len(seeds))
        self.apart: Bools = ~np.eye(len(models), dtype=np.bool_)[:, :, None, None]
        """(M, M, 1, 1): no model is compared with itself."""
        self.ok: Bools = np.zeros(self.shape, dtype=np.bool_)
        self.failed: Bools = np.zeros(self.shape, dtype=np.bool_)
        self.places: list[tuple[tuple[int, int, int], Outcome]] = []
        for one in outcomes:
            place = (self.at_model[one.model], self.at_prompt[one.prompt], self.at_seed[one.seed])
            if self.ok[place] or self.failed[place]:
                raise ValueError(f"two outcomes of {one.model} for {one.prompt}, seed {one.seed}")
            (self.failed if one.failed else self.ok)[place] = True
            self.places.append((place, one))

    def marks(self, metric: str) -> tuple[Floats, Ints]:
        """Values and fingerprint numbers of one metric; number -1 where there is no score."""
        values = np.zeros(self.shape)
        prints = np.full(self.shape, -1, dtype=np.int64)
        numbers: dict[str, int] = {}
        for place, outcome in self.places:
            mark = outcome.marks.get(metric)
            if mark is not None:
                values[place] = mark.value
                prints[place] = numbers.setdefault(mark.fingerprint, len(numbers))
        return values, prints


def _call(grid: _Grid, spec: MetricSpec, allowed: Bools, calls: Calls) -> int:
    """Write one metric's verdicts into `calls` (M, M, P, S); how many pairs it may not compare."""
    values, prints = grid.marks(spec.name)
    scored = allowed & (prints[:, None] >= 0) & (prints[None, :] >= 0)
    valid = scored & (prints[:, None] == prints[None, :])
    lead = values[:, None] - values[None, :]
    if not spec.higher_is_better:
        lead = -lead
    calls[valid] = TIED
    calls[valid & (lead > spec.tie_band)] = WON
    calls[valid & (lead < -spec.tie_band)] = LOST
    return int((scored & ~valid).sum()) // 2


def _failures(grid: _Grid) -> Calls:
    """Who failed: it loses to whoever did not, whatever the metrics would have said."""
    calls = np.full((grid.shape[0], *grid.shape), SILENT, dtype=np.int8)
    calls[grid.failed[:, None] & grid.failed[None, :] & grid.apart] = TIED
    calls[grid.ok[:, None] & grid.failed[None, :]] = WON
    calls[grid.failed[:, None] & grid.ok[None, :]] = LOST
    return calls


def _people(grid: _Grid, ballots: Sequence[Ballot]) -> tuple[Floats, Floats, Bools, Ints]:
    """What people said: wins, ties, and the pairs of generations of one and of two seeds."""
    m, p, s = grid.shape
    wins, ties = np.zeros((p, m, m)), np.zeros((p, m, m))
    same = np.zeros((m, m, p, s), dtype=np.bool_)
    other = np.zeros((p, m, m), dtype=np.int64)
    for (prompt, (left, one), (right, two)), said in _by_pair(grid, ballots).items():
        votes = said.total()
        wins[prompt, left, right] += said[WON] / votes
        wins[prompt, right, left] += said[LOST] / votes
        ties[prompt, [left, right], [right, left]] += said[TIED] / votes
        if one == two:
            same[[left, right], [right, left], prompt, one] = True
        else:
            other[prompt, [left, right], [right, left]] += 1
    return wins, ties, same, other


def _by_pair(grid: _Grid, ballots: Sequence[Ballot]) -> dict[_Pair, Counter[int]]:
    """How often each pair of generations was called won, tied and lost for its first."""
    found: defaultdict[_Pair, Counter[int]] = defaultdict(Counter)
    for ballot in ballots:
        left = grid.at_model[ballot.left], grid.at_seed[ballot.left_seed]
        right = grid.at_model[ballot.right], grid.at_seed[ballot.right_seed]
        call = {"left": WON, "right": LOST}.get(ballot.outcome, TIED)
        pair = grid.at_prompt[ballot.prompt], min(left, right), max(left, right)
        found[pair][call if left < right else -call] += 1
    # In one order: a sum of floats depends on that of its terms.
    return dict(sorted(found.items()))
