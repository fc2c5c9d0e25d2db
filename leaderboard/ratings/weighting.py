"""How much every metric weighs in a rating (pure).

Metrics of one origin are a family and share one vote. A suite may state weights; else people's
votes say, where there are enough; else families share alike. What a canary fools has no vote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from evals.types import MetricSpec
from leaderboard.trust import PEOPLE, Fit, MetricWeight

LEAST_VOTES = 200
"""Fewer votes of people than this do not set weights."""


def family_of(spec: MetricSpec) -> str:
    """Who shares a vote with this metric: its family, else its judge, else nobody."""
    return spec.family or spec.judge or spec.name


def can_vote(spec: MetricSpec) -> bool:
    """Whether the metric says which of two generations is better, and may say so in a rating."""
    return spec.in_rating and spec.level == "generation"


def equal_weights(specs: Iterable[MetricSpec], people: bool = False) -> dict[str, float]:
    """Metric -> weight: families share alike, and split their share evenly among their metrics.

    Only metrics that can vote are in it. With `people` their votes are one more family.
    """
    voting = sorted(filter(can_vote, specs), key=lambda spec: spec.name)
    families = [family_of(spec) for spec in voting]
    count = len(set(families)) + people
    found = {spec.name: 1 / (count * families.count(family_of(spec))) for spec in voting}
    return found | ({PEOPLE: 1 / count} if people else {})


def weights(
    specs: Iterable[MetricSpec],
    stated: Mapping[str, float],
    fit: Fit | None,
    fooled: Mapping[str, tuple[str, ...]],
    keep_fooled: Collection[str],
    votes: int,
) -> tuple[MetricWeight, ...]:
    """What everything weighs, by metric name, people's votes last.

    Args:
        specs: one per metric; those that can never vote are in the answer with weight 0.
        stated: the suite's own weights, of any sum; empty where it states none.
        fit: weights fitted to people's votes, where there are enough; used where it beat families
            that share alike.
        fooled: metric -> canaries that fool it. Its weight falls to 0 and the others' rise in
            proportion, or within the family where families share alike.
        keep_fooled: metrics that the suite trusts all the same.
        votes: how many of people's votes there are; none: they have no weight.

    People's votes weigh as much as one family of metrics unless `stated` says otherwise. When
    nothing is left to vote every weight is 0, and `why` says why.
    """
    every = sorted(specs, key=lambda spec: spec.name)
    voting = [spec for spec in every if can_vote(spec)]
    trusted = [s for s in voting if s.name not in fooled or s.name in keep_fooled]
    if stated:
        raw = {spec.name: stated.get(spec.name, 0.0) for spec in trusted}
        source = "the suite's own weight"
    elif fit is not None and fit.ridge is not None:
        raw = {spec.name: fit.weights.get(spec.name, 0.0) for spec in trusted}
        source = "fitted to people's votes"
    else:
        raw = equal_weights(trusted)
        source = "families share alike"
        source += "" if fit is None else ", which people's votes do not clearly beat"
    people = _people_share(trusted, raw, stated) if votes else 0.0
    total = sum(raw.values())
    scale = (1 - people) / total if total > 0 else 0.0
    found = [
        MetricWeight(
            spec.name,
            family_of(spec),
            scale * raw.get(spec.name, 0.0),
            fooled.get(spec.name, ()),
            _why(spec, source, raw, fooled, keep_fooled),
        )
        for spec in every
    ]
    if votes:
        why = source if PEOPLE in stated else "as much as one family of metrics where they voted"
        found.append(MetricWeight(PEOPLE, PEOPLE, people, (), f"{votes} votes: {why}"))
    return tuple(found)


def as_mapping(found: Iterable[MetricWeight]) -> dict[str, float]:
    """Metric -> weight, of those that weigh anything."""
    return {one.metric: one.weight for one in found if one.weight > 0}


def _people_share(
    trusted: Sequence[MetricSpec], raw: Mapping[str, float], stated: Mapping[str, float]
) -> float:
    """Share of people's votes beside metrics of the given relative weights."""
    total = sum(raw.values())
    if total <= 0:
        return 0.0 if stated.get(PEOPLE) == 0 else 1.0
    if PEOPLE in stated:
        return stated[PEOPLE] / (total + stated[PEOPLE])
    families = {family_of(spec) for spec in trusted if raw[spec.name] > 0}
    return 1 / (len(families) + 1)


def _why(
    spec: MetricSpec,
    source: str,
    raw: Mapping[str, float],
    fooled: Mapping[str, tuple[str, ...]],
    keep_fooled: Collection[str],
) -> str:
    if spec.level == "model":
        return "of all that a model made: a column, never a vote"
    if not spec.in_rating:
        return "audits ratings and never votes"
    if spec.name in fooled:
        by = f"prefers degraded copies ({', '.join(fooled[spec.name])})"
        if spec.name not in keep_fooled:
            return f"{by}: no vote"
        source = f"{by}, and the suite keeps it; {source}"
    if raw[spec.name] > 0:
        return source
    return f"{source}: none"
