"""Evidence -> a rated board (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from evals.types import MetricSpec
from leaderboard.answers import ALL_DOMAINS, EVALS, Board, LeftOut
from leaderboard.boards.fooled import fooled_by
from leaderboard.boards.rows import board_rows, missing, newest_marks, whole_scores
from leaderboard.evidence import Sample, SuiteEvidence
from leaderboard.ratings.comparisons import Comparisons, connected, weigh
from leaderboard.ratings.disagreement import GUESS, LEAST_SHARE
from leaderboard.ratings.people import people
from leaderboard.ratings.rate import DRAWS, SCALE, Ratings, rate
from leaderboard.ratings.sensitivity import sensitivity
from leaderboard.ratings.verdicts import Outcome, Verdicts, judge
from leaderboard.ratings.weighting import as_mapping, can_vote, weights
from leaderboard.trust import PEOPLE, Fit, People


@dataclass(frozen=True)
class Rated:
    """A board, the joint draws behind it, and the verdicts behind those."""

    board: Board
    ratings: Ratings
    verdicts: Verdicts


def domains_of(evidence: SuiteEvidence) -> tuple[str, ...]:
    """`all`, then the tags of the suite's prompts by name."""
    tags = {tag for tags in evidence.domains.values() for tag in tags}
    return (ALL_DOMAINS, *sorted(tags - {ALL_DOMAINS}))


def people_of(evidence: SuiteEvidence, seed: int = 0) -> People | None:
    """What the votes on one suite say of its judges; `None` without votes."""
    if not evidence.votes:
        return None
    fooled = _fooled(evidence)
    trusted = [
        spec
        for spec in _scored(evidence.specs, evidence.samples)
        if spec.name not in fooled or spec.name in evidence.keep_fooled
    ]
    return people(
        evidence.suite_id,
        evidence.suite_version,
        evidence.votes,
        _outcomes(evidence.samples),
        evidence.specs,
        trusted,
        seed,
    )


def family_voters(evidence: SuiteEvidence) -> tuple[MetricSpec, ...]:
    """The metric that weighs most in each family of judges that may vote (ties: first by name)."""
    scored = _scored(evidence.specs, evidence.samples)
    fooled = _fooled(evidence)
    weighed = weights(scored, evidence.weights, None, fooled, evidence.keep_fooled, 0)
    best: dict[str, str] = {}
    for one in sorted(weighed, key=lambda one: (-one.weight, one.metric)):
        if one.weight > 0:
            best.setdefault(one.family, one.metric)
    return tuple(spec for spec in scored if spec.name in best.values())


def rated_board(
    evidence: SuiteEvidence,
    domain: str,
    draws: int = DRAWS,
    seed: int = 0,
    fit: Fit | None = None,
) -> Rated | str:
    """The board of one suite and domain, or one line that says why there is none.

    Args:
        evidence: of the suite.
        domain: `all`, or a tag of prompts.
        draws: of the ratings.
        seed: of the draws.
        fit: weights fitted to people's votes on the suite, where there are enough.
    """
    samples = _of_domain(evidence, domain)
    ballots = [vote for vote in evidence.votes if _within(evidence, domain, vote.prompt)]
    scored = _scored(evidence.specs, samples)
    votes = weights(
        (*scored, *(spec for spec in evidence.specs if not can_vote(spec))),
        evidence.weights,
        fit,
        _fooled(evidence),
        evidence.keep_fooled,
        len(ballots),
    )
    if not scored and not as_mapping(votes):
        return (
            f"{evidence.suite_id}/{domain}: no board, no metric that votes has scored anything;"
            " `churnboard metrics` says which judges are missing"
        )
    if not as_mapping(votes):
        names = {spec.name for spec in scored}
        why = "; ".join(f"{one.metric}: {one.why}" for one in votes if one.metric in names)
        return f"{evidence.suite_id}/{domain}: no board, nothing may vote: {why}"
    verdicts = judge(_outcomes(samples), scored, ballots)
    comparisons = weigh(verdicts, as_mapping(votes))
    anchors = {model.id for model in evidence.models if model.anchor is not None}
    kept = _joined(comparisons, anchors)
    if len(kept) < 2:
        return f"{evidence.suite_id}/{domain}: no board, no two models could be compared"
    left_out = [*evidence.left_out, *_not_joined(samples, kept), *comparisons.left_out]
    reference = evidence.reference
    if reference is not None and reference not in kept:
        left_out.append(
            LeftOut(f"reference {reference}", "no results here; the mean of the models is 1000")
        )
        reference = None
    comparisons = comparisons.only(kept)
    ratings = rate(comparisons, anchors & set(kept), reference, draws, seed)
    left_out += [
        *missing(samples),
        *_without_band(evidence, as_mapping(votes)),
        *_unknown_bias(ratings, comparisons),
    ]
    whole, odd = whole_scores(evidence.model_marks if domain == ALL_DOMAINS else ())
    facts = {model.id: model for model in evidence.models}
    rows = board_rows(ratings, comparisons, facts, samples, whole)
    board = Board(
        source=EVALS,
        task=evidence.task,
        domain=domain,
        at=max([sample.at for sample in samples] + [ballot.at for ballot in ballots]),
        suite_id=evidence.suite_id,
        suite_version=evidence.suite_version,
        simulated=any(row.simulated for row in rows if row.anchor is None),
        reference=reference,
        metrics=tuple(one.metric for one in votes if one.weight > 0 and one.metric != PEOPLE),
        rows=rows,
        left_out=(*left_out, *odd),
        weights=votes,
    )
    return Rated(board, ratings, verdicts)


def with_sensitivity(rated: Rated, draws: int = DRAWS, seed: int = 0) -> Board:
    """The board with what becomes of it under other weights; that costs as much as rating it."""
    told = sensitivity(
        rated.verdicts,
        as_mapping(rated.board.weights),
        rated.ratings.candidates,
        draws,
        seed,
    )
    return replace(rated.board, sensitivity=replace(told, disagreement=rated.ratings.disagreement))


def _within(evidence: SuiteEvidence, domain: str, prompt: str) -> bool:
    return domain == ALL_DOMAINS or domain in evidence.domains.get(prompt, ())


def _of_domain(evidence: SuiteEvidence, domain: str) -> list[Sample]:
    """In an order of their own: a sum of floats depends on the order of its terms."""
    return sorted(
        (sample for sample in evidence.samples if _within(evidence, domain, sample.prompt)),
        key=lambda sample: (sample.model, sample.prompt, sample.seed),
    )


def _outcomes(samples: Iterable[Sample]) -> list[Outcome]:
    return [
        Outcome(s.model, s.prompt, s.seed, s.state == "failed", s.marks)
        for s in samples
        if s.state != "missing"
    ]


def _scored(specs: Iterable[MetricSpec], samples: Iterable[Sample]) -> list[MetricSpec]:
    """The metrics that can vote here: a judge that scored nothing has no share to keep."""
    names = {metric for sample in samples for metric in sample.marks}
    return [spec for spec in specs if can_vote(spec) and spec.name in names]


def _fooled(evidence: SuiteEvidence) -> dict[str, tuple[str, ...]]:
    newest = {metric: mark.strict for metric, mark in newest_marks(evidence.samples).items()}
    whole = {one.metric: one.mark.strict for one in evidence.model_marks}
    return fooled_by(evidence.canaries, whole | newest)


def _joined(comparisons: Comparisons, anchors: Collection[str]) -> tuple[str, ...]:
    """The largest group of models that comparisons join, and the anchors compared with it."""
    free = [model for model in comparisons.models if model not in anchors]
    if len(free) < 2:
        return next(iter(connected(comparisons)), ())
    group = connected(comparisons.only(free))[0]
    columns = [comparisons.models.index(model) for model in group]
    made = comparisons.made.sum(axis=0)
    near = [
        anchor
        for anchor in comparisons.models
        if anchor in anchors and made[comparisons.models.index(anchor), columns].any()
    ]
    return (*group, *near)


def _not_joined(samples: Iterable[Sample], kept: Sequence[str]) -> list[LeftOut]:
    others = sorted({sample.model for sample in samples} - set(kept))
    return [LeftOut(model, "no comparison joins it to the models on the board") for model in others]


def _without_band(evidence: SuiteEvidence, votes: Collection[str]) -> list[LeftOut]:
    """The judged metrics that vote on differences of any size: 0 is no band that was measured."""
    command = f"python -m evals.tie_band {evidence.suite_id} --metric"
    return [
        LeftOut(
            f"tie band of {spec.name}",
            f"none was measured, so every difference counts; `{command} {spec.name}` measures it",
        )
        for spec in evidence.specs
        if spec.name in votes and spec.judge is not None and spec.tie_band == 0
    ]


def _unknown_bias(ratings: Ratings, comparisons: Comparisons) -> list[LeftOut]:
    """What the intervals and odds do not hold, or as a guess, where no two families show it."""
    if ratings.disagreement is not None:
        return []
    families = ", ".join(comparisons.families)
    if ratings.guessed:
        reason = (
            f"in the intervals and odds as a guess of {SCALE * GUESS:.0f} points: no two of"
            f" {families} compare all the models and hold {LEAST_SHARE:.0%} of the votes each"
        )
    elif len(comparisons.families) == 1:
        reason = (
            f"not in the intervals and odds: it shows between families, and here {families} votes"
        )
    else:
        reason = f"not in the intervals and odds: of {families} only one compares these models"
    return [LeftOut("bias of the judges", reason)]
