"""Which share of a model's generations reaches the floor (pure).

A generation is accepted when it passes every check that is recorded of it:

- it did not fail by the model's own fault;
- it holds its own against what the domain's hero made of the same prompt in another try: the judges
  that vote on the board, weighed as there and a tie being half, give it at least the share that the
  policy asks of a workhorse (`win_rate_floor`, or the win-rate that `max_rating_gap` stands for);
- every fact of its prompt is in it, where exact truth is known and was read back;
- not more than half of the people who voted on it found both sides bad.

The hero is held against its own other tries, so a model that is as good as the hero is accepted as
often. Without facts and votes the floor is relative: whether a buyer takes the hero's own work
nobody has measured.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.special import stdtrit

from evals.types import MetricSpec
from leaderboard.advantage.answers import Acceptance
from leaderboard.evidence import PersonVote, Sample
from leaderboard.picks.policy import Workhorse
from leaderboard.ratings.rate import SCALE
from leaderboard.ratings.weighting import family_of
from leaderboard.snapshots import NORMAL_95
from leaderboard.usage.rates import wilson

FEWEST_PROMPTS = 5
_LEVEL = 0.975
_ALL = 1 - 1e-9


@dataclass(frozen=True)
class Floor:
    """What generations of one domain are held against."""

    hero: str
    share: float
    """Of the judges' weight that a generation must take from one of the hero's."""
    specs: tuple[MetricSpec, ...]
    weights: Mapping[str, float]
    """Metric -> weight on the board."""
    votes: tuple[PersonVote, ...] = ()
    """Of the domain's prompts."""

    @property
    def facts(self) -> tuple[str, ...]:
        """The metrics that read a prompt's facts back exactly."""
        return tuple(
            spec.name
            for spec in self.specs
            if "facts" in spec.needs and spec.judge is None and spec.level == "generation"
        )


def floor_share(rules: Workhorse) -> float:
    """The win-rate against the hero that the policy asks of a workhorse.

    >>> floor_share(Workhorse()), floor_share(Workhorse(max_rating_gap=0))
    (0.35, 0.5)
    """
    if rules.max_rating_gap is None:
        return rules.win_rate_floor
    return 1 / (1 + exp(rules.max_rating_gap / SCALE))


def acceptances(samples: Sequence[Sample], floor: Floor) -> dict[str, Acceptance | str]:
    """Model -> the share of its generations that were accepted, or why it is not known.

    Args:
        samples: settled generations of one domain; missing ones say nothing.
        floor: what they are held against.
    """
    passed = accepted(samples, floor)
    found: dict[str, Acceptance | str] = {}
    for model in sorted({sample.model for sample in samples}):
        by_prompt = passed.get(model, {})
        if len(by_prompt) < FEWEST_PROMPTS:
            told = f"{len(by_prompt)} prompts on which it can be held against {floor.hero}"
            found[model] = f"{told}; an acceptance needs {FEWEST_PROMPTS}"
            continue
        tries = sum(len(own) for own in by_prompt.values())
        shares = [float(np.mean(own)) for _, own in sorted(by_prompt.items())]
        found[model] = interval(shares, tries)
    return found


def accepted(samples: Sequence[Sample], floor: Floor) -> dict[str, dict[str, list[float]]]:
    """Model -> prompt -> for each try the share of the hero's other tries that it stands up to.

    A try that can be held against none of them is left out, unless it is refused whatever they are.
    """
    specs = {spec.name: spec for spec in floor.specs}
    weights = {name: w for name, w in floor.weights.items() if w > 0 and name in specs}
    bad = _found_bad(floor.votes)
    settled = [sample for sample in samples if sample.state != "missing"]
    heroes: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in settled:
        if sample.model == floor.hero:
            heroes[sample.prompt].append(sample)
    found: defaultdict[str, dict[str, list[float]]] = defaultdict(dict)
    for sample in settled:
        if _refused(sample, floor.facts, bad):
            held = [0.0]
        else:
            others = [one for one in heroes[sample.prompt] if one is not sample]
            shares = (_share(sample, other, specs, weights) for other in others)
            held = [float(one >= floor.share - 1e-9) for one in shares if one is not None]
        if held:
            found[sample.model].setdefault(sample.prompt, []).append(float(np.mean(held)))
    return dict(found)


def interval(by_prompt: Sequence[float], tries: int) -> Acceptance:
    """The mean over prompts, with a 95 % interval in which prompts, not tries, are independent.

    Wilson's interval (Wilson 1927) at the number of independent tries that would scatter as the
    prompts do, made wider for few prompts by Student's quantile in the place of the normal one
    (Korn & Graubard 1998).

    Args:
        by_prompt: share accepted of each prompt, at least two.
        tries: generations behind them.

    >>> found = interval([1.0] * 10, 20)
    >>> round(found.low, 2), found.high
    (0.66, 1.0)
    """
    count = len(by_prompt)
    mean = min(max(float(np.mean(by_prompt)), 0.0), 1.0)
    scatter = float(np.var(by_prompt, ddof=1)) / count
    if mean in (0.0, 1.0):
        size = float(count)
    else:
        size = min(float(tries), mean * (1 - mean) / scatter) if scatter > 0 else float(tries)
    size *= (NORMAL_95 / float(stdtrit(count - 1, _LEVEL))) ** 2
    low, high = wilson(mean * size, size)
    return Acceptance(mean, low, high, count, tries)


def _share(
    one: Sample,
    other: Sample,
    specs: Mapping[str, MetricSpec],
    weights: Mapping[str, float],
) -> float | None:
    """Part of the judges' weight that `one` takes from `other`; `None` where none compares them.

    As in `comparisons`: within a family a metric without a score hands its share to the others.
    """
    if other.state == "failed":
        return 1.0
    totals: defaultdict[str, float] = defaultdict(float)
    took: defaultdict[str, float] = defaultdict(float)
    scored: defaultdict[str, float] = defaultdict(float)
    for name, weight in weights.items():
        family = family_of(specs[name])
        totals[family] += weight
        mine, theirs = one.marks.get(name), other.marks.get(name)
        if mine is not None and theirs is not None and mine.fingerprint == theirs.fingerprint:
            scored[family] += weight
            took[family] += weight * _won(specs[name], mine.value - theirs.value)
    whole = sum(totals[family] for family in scored)
    if not whole:
        return None
    return sum(totals[family] * took[family] / scored[family] for family in scored) / whole


def _won(spec: MetricSpec, lead: float) -> float:
    if abs(lead) <= spec.tie_band:
        return 0.5
    return float((lead > 0) == spec.higher_is_better)


def _refused(sample: Sample, facts: Iterable[str], bad: Collection[tuple[str, str, int]]) -> bool:
    """Whether a try is not accepted whatever the hero made."""
    if sample.state == "failed" or (sample.model, sample.prompt, sample.seed) in bad:
        return True
    read = [sample.marks[name].value for name in facts if name in sample.marks]
    return any(value < _ALL for value in read)


def _found_bad(votes: Iterable[PersonVote]) -> frozenset[tuple[str, str, int]]:
    """The tries of which more than half of the votes say that both sides are bad."""
    seen: Counter[tuple[str, str, int]] = Counter()
    bad: Counter[tuple[str, str, int]] = Counter()
    for vote in votes:
        for model, seed in {(vote.left, vote.left_seed), (vote.right, vote.right_seed)}:
            seen[model, vote.prompt, seed] += 1
            bad[model, vote.prompt, seed] += vote.outcome == "both_bad"
    return frozenset(one for one, count in seen.items() if 2 * bad[one] > count)
