"""Is a model still what it was? Two epochs of one revision, set side by side (pure).

A name at an endpoint is a promise that nothing checks. Between neighbouring epochs three things
can say that what answers under it was changed: the endpoint itself (`served_by`), the bytes of an
endpoint that used to answer alike, and the scores. Of scores one metric speaks for each family of
judges; what it says of a prompt in the later epoch less what it said in the earlier one, over the
seeds of both, is as likely above zero as below where nothing changed (`sign_flips`).

An endpoint that answers every seed with the same picture is found on the way.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from evals.types import MetricSpec
from leaderboard.answers import LeftOut, SilentChange
from leaderboard.changes.sign_flips import holm, mean_interval, p_value
from leaderboard.ratings.rank_sets import stream
from leaderboard.ratings.verdicts import Mark

LEVEL = 0.01
"""Largest probability that the scores of an unchanged model call it changed, all its epochs and
families together. A board has many models and many weeks, hence not 0.05."""
LEAST_PROMPTS = 12
"""Fewer prompts cannot show it: the smallest p-value of n differences is 2^(1 - n)."""
LEAST_PICTURES = 6
"""Pictures that must have been the same bytes before an endpoint is called deterministic."""
ALIKE, APART = 0.95, 0.5
"""A deterministic endpoint repeats at least the first share of its bytes; one that was changed
repeats less than the second. Between them lies an endpoint that is only nearly deterministic."""
LEAST_CALLS = 3
"""Calls of an epoch that tell words for a version from words for a call."""
SAME_PROMPTS = 3
"""Prompts with several seeds that must all show one picture."""
_LONGEST = 60


@dataclass(frozen=True)
class Answer:
    """One generation of one epoch, as far as it says what made it."""

    model: str
    prompt: str
    seed: int
    epoch: int
    media: str
    """sha256 of its bytes."""
    served_by: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict[str, Mark])
    judged_in: Mapping[str, str] = field(default_factory=dict[str, str])
    """Metric -> environment in which it was scored."""
    made_in: str = "{}"
    """The environment of the run that made it, as a JSON object of words."""


@dataclass(frozen=True)
class Watch:
    """What the epochs of a suite say of its models."""

    changes: tuple[SilentChange, ...]
    """By model and epoch."""
    untold: tuple[LeftOut, ...]
    """Models whose newest epoch cannot be told from the one before, and what is missing."""


_Key = tuple[str, int]
"""Prompt and seed."""
_Epoch = Mapping[_Key, Answer]


@dataclass(frozen=True)
class _Moved:
    """Paired differences of one metric between two epochs."""

    spec: MetricSpec
    before: int
    epoch: int
    differences: tuple[float, ...]
    """One per prompt, by prompt."""
    pooled: bool
    """Scored in two environments, which agree within the tie band only."""


def watch(
    answers: Iterable[Answer],
    voters: Sequence[MetricSpec],
    ignoring: Collection[str] = (),
    seed: int = 0,
) -> Watch:
    """Every sign of a change under a name, and every name that cannot be told.

    Args:
        answers: of one version of a suite, of one revision of each model, at most one for each
            prompt, seed and epoch.
        voters: one metric of each family of judges, with its tie band.
        ignoring: models that are programs of our own (anchors).
        seed: of the permutations.
    """
    by_model: defaultdict[str, defaultdict[int, dict[_Key, Answer]]] = defaultdict(
        lambda: defaultdict(dict)
    )
    for one in answers:
        if one.model not in ignoring:
            by_model[one.model][one.epoch][one.prompt, one.seed] = one
    changes: list[SilentChange] = []
    untold: list[LeftOut] = []
    for model, found in sorted(by_model.items()):
        epochs = dict(sorted(found.items()))
        tests = [test for pair in pairwise(epochs) for test in _tests(epochs, *pair, voters)]
        told = [
            *_said(model, epochs),
            *_bytes(model, epochs),
            *_scores(model, epochs, tests, seed),
            *_same_picture(model, epochs),
        ]
        changes += sorted(told, key=lambda change: change.epoch)
        untold += _untold(model, epochs, tests, told)
    return Watch(tuple(changes), tuple(untold))


def _said(model: str, epochs: Mapping[int, _Epoch]) -> list[SilentChange]:
    """Words that the endpoint had not used in the epoch before.

    Words that hardly repeat within an epoch name calls, not versions, and say nothing.
    """
    found: list[SilentChange] = []
    for before, epoch in pairwise(epochs):
        old, new = (
            Counter(one.served_by for one in epochs[e].values() if one.served_by is not None)
            for e in (before, epoch)
        )
        fresh = {word: count for word, count in new.items() if word not in old}
        if not fresh or any(
            words.total() < LEAST_CALLS or 2 * len(words) > words.total() for words in (old, new)
        ):
            continue
        calls = f"{sum(fresh.values())} of {new.total()} calls"
        evidence = f"the endpoint says that it ran {_words(fresh)} ({calls}), before {_words(old)}"
        found.append(SilentChange(model, "served_by", epoch, before, evidence))
    return found


def _words(said: Mapping[str, int]) -> str:
    quoted = [
        f'"{word[:_LONGEST]}…"' if len(word) > _LONGEST else f'"{word}"' for word in sorted(said)
    ]
    more = f" and {len(quoted) - 3} more" if len(quoted) > 3 else ""
    return ", ".join(quoted[:3]) + more


def _bytes(model: str, epochs: Mapping[int, _Epoch]) -> list[SilentChange]:
    """Two epochs that repeat each other's bytes, and a third that does not."""
    order = list(epochs)
    found: list[SilentChange] = []
    for first, before, epoch in zip(order, order[1:], order[2:], strict=False):
        kept = {
            key
            for key, one in epochs[first].items()
            if key in epochs[before] and epochs[before][key].media == one.media
        }
        shared = len(epochs[first].keys() & epochs[before].keys())
        now = [key for key in sorted(kept) if key in epochs[epoch]]
        if len(now) < LEAST_PICTURES or len(kept) < ALIKE * shared:
            continue
        other = sum(epochs[epoch][key].media != epochs[before][key].media for key in now)
        if len(now) - other >= APART * len(now):
            continue
        evidence = (
            f"{other} of {len(now)} answers that were the same bytes in epochs {first} and {before}"
            f" are others in epoch {epoch}{_environments(epochs[before], epochs[epoch])}"
        )
        found.append(SilentChange(model, "bytes", epoch, before, evidence))
    return found


def _tests(
    epochs: Mapping[int, _Epoch], before: int, epoch: int, voters: Sequence[MetricSpec]
) -> list[_Moved]:
    """What can be tested between two epochs: one entry for each metric with enough prompts."""
    old, new = epochs[before], epochs[epoch]
    found: list[_Moved] = []
    for spec in voters:
        by_prompt: defaultdict[str, list[float]] = defaultdict(list)
        pooled = False
        for prompt, seed in sorted(old.keys() & new.keys()):
            one, other = old[prompt, seed], new[prompt, seed]
            was, became = one.marks.get(spec.name), other.marks.get(spec.name)
            if was is None or became is None:
                continue
            if one.media == other.media:
                # The same picture: whatever its two scores differ in is the judge's.
                by_prompt[prompt].append(0.0)
            elif was.fingerprint == became.fingerprint:
                by_prompt[prompt].append(became.value - was.value)
                pooled |= one.judged_in.get(spec.name) != other.judged_in.get(spec.name)
        if len(by_prompt) >= LEAST_PROMPTS:
            means = tuple(float(np.mean(by_prompt[prompt])) for prompt in sorted(by_prompt))
            found.append(_Moved(spec, before, epoch, means, pooled))
    return found


def _scores(
    model: str, epochs: Mapping[int, _Epoch], tests: Sequence[_Moved], seed: int
) -> list[SilentChange]:
    """Metrics whose means moved by more than chance: Holm over all tests of the model."""
    raw = [
        p_value(one.differences, stream(seed, "epochs", f"{model}\0{one.spec.name}\0{one.epoch}"))
        for one in tests
    ]
    found: list[SilentChange] = []
    for one, p in zip(tests, holm(raw), strict=True):
        effect = float(np.mean(one.differences))
        # Two environments may differ by as much on one picture, and in one direction.
        if p > LEVEL or (one.pooled and abs(effect) <= one.spec.tie_band):
            continue
        low, high = mean_interval(one.differences)
        better = (effect > 0) == one.spec.higher_is_better
        evidence = (
            f"{one.spec.name} {effect:+.3g} [{low:+.3g}, {high:+.3g}]"
            f" ({'better' if better else 'worse'}) over {len(one.differences)} prompts,"
            f" by chance in {_chance(p)}{_environments(epochs[one.before], epochs[one.epoch])}"
        )
        found.append(
            SilentChange(
                *(model, "scores", one.epoch, one.before, evidence, one.spec.name),
                *(effect, low, high, p),
            )
        )
    return found


def _chance(p: float) -> str:
    return "under 0.1 %" if p < 0.001 else f"{100 * p:.1g} %"


def _environments(old: _Epoch, new: _Epoch) -> str:
    """What else differs between the runs of two epochs, in words; empty where nothing does."""
    before, after = (
        [dict[str, object](json.loads(text)) for text in {one.made_in for one in epoch.values()}]
        for epoch in (old, new)
    )
    names = sorted({name for one in (*before, *after) for name in one})
    differing = [
        name
        for name in names
        if {str(one.get(name)) for one in before} != {str(one.get(name)) for one in after}
    ]
    return f"; the runs differ in {', '.join(differing)} too" if differing else ""


def _same_picture(model: str, epochs: Mapping[int, _Epoch]) -> list[SilentChange]:
    """Whether the newest epoch shows one picture for all seeds of every prompt."""
    epoch = max(epochs)
    media: defaultdict[str, list[str]] = defaultdict(list)
    for (prompt, _), one in epochs[epoch].items():
        media[prompt].append(one.media)
    several = [set(found) for found in media.values() if len(found) > 1]
    if len(several) < SAME_PROMPTS or any(len(found) > 1 for found in several):
        return []
    evidence = (
        f"answers every seed with the same picture ({len(several)} of {len(several)} prompts):"
        " cached, or the seed is ignored"
    )
    return [SilentChange(model, "same_picture", epoch, None, evidence)]


def _untold(
    model: str,
    epochs: Mapping[int, _Epoch],
    tests: Sequence[_Moved],
    told: Sequence[SilentChange],
) -> list[LeftOut]:
    """Why the newest epoch cannot be told from the one before, where that is so."""
    if len(epochs) < 2:
        return []
    before, epoch = list(epochs)[-2:]
    shared = epochs[before].keys() & epochs[epoch].keys()
    alike = sum(epochs[before][key].media == epochs[epoch][key].media for key in shared)
    tested = any(one.epoch == epoch for one in tests)
    changed = any(one.epoch == epoch and one.before is not None for one in told)
    if tested or changed or (shared and alike >= ALIKE * len(shared)):
        return []
    reason = (
        f"whether epoch {epoch} is the model of epoch {before} cannot be told:"
        f" {len(shared) - alike} of {len(shared)} answers are other bytes, which proves nothing"
        f" where seeds are ignored; scores of one judge on {LEAST_PROMPTS} prompts of both epochs"
        " would, or an endpoint that says what it runs"
    )
    return [LeftOut(f"silent change of {model}", reason)]
