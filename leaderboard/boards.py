"""Evidence -> a rated board (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaderboard.answers import ALL_DOMAINS, EVALS, Board, BoardRow, LeftOut
from leaderboard.comparisons import Comparisons, compare, connected
from leaderboard.evidence import ModelFacts, Sample, SuiteEvidence
from leaderboard.ratings import DRAWS, Ratings, intervals, p_top, rank_sets, rate
from leaderboard.verdicts import Outcome

TOP = 5


@dataclass(frozen=True)
class Rated:
    """A board and the joint draws behind it."""

    board: Board
    ratings: Ratings


def domains_of(evidence: SuiteEvidence) -> tuple[str, ...]:
    """`all`, then the tags of the suite's prompts by name."""
    tags = {tag for tags in evidence.domains.values() for tag in tags}
    return (ALL_DOMAINS, *sorted(tags - {ALL_DOMAINS}))


def rated_board(
    evidence: SuiteEvidence, domain: str, draws: int = DRAWS, seed: int = 0
) -> Rated | str:
    """The board of one suite and domain, or one line that says why there is none."""
    # In an order of their own: a sum of floats depends on the order of its terms.
    samples = sorted(
        (
            sample
            for sample in evidence.samples
            if domain == ALL_DOMAINS or domain in evidence.domains.get(sample.prompt, ())
        ),
        key=lambda sample: (sample.model, sample.prompt, sample.seed),
    )
    outcomes = [
        Outcome(s.model, s.prompt, s.seed, s.state == "failed", s.marks)
        for s in samples
        if s.state != "missing"
    ]
    comparisons = compare(outcomes, evidence.specs)
    facts = {model.id: model for model in evidence.models}
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
    prints = _current_fingerprints(samples)
    left_out += _missing(samples, prints)
    rows = _rows(ratings, comparisons, facts, samples, prints)
    board = Board(
        source=EVALS,
        task=evidence.task,
        domain=domain,
        at=max(sample.at for sample in samples),
        suite_id=evidence.suite_id,
        suite_version=evidence.suite_version,
        simulated=any(row.simulated for row in rows if row.anchor is None),
        reference=reference,
        metrics=tuple(sorted(spec.name for spec in evidence.specs if spec.in_rating)),
        rows=rows,
        left_out=tuple(left_out),
    )
    return Rated(board, ratings)


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


def _current_fingerprints(samples: Sequence[Sample]) -> dict[str, str]:
    """Metric -> fingerprint of its newest score: what a mean may be taken over."""
    newest: dict[str, str] = {}
    for sample in sorted(samples, key=lambda sample: sample.at):
        for metric, mark in sample.marks.items():
            newest[metric] = mark.fingerprint
    return newest


def _missing(samples: Sequence[Sample], prints: dict[str, str]) -> list[LeftOut]:
    """What a model's row could have counted and did not."""
    tries: dict[str, list[str]] = defaultdict(list)
    unscored: dict[tuple[str, str], list[str]] = defaultdict(list)
    outdated: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        if sample.state == "missing":
            tries[sample.model].append(sample.problem or "unknown")
        for metric, reason in sample.unscored.items():
            unscored[metric, sample.model].append(reason)
        for metric, mark in sample.marks.items():
            outdated[metric, sample.model] += mark.fingerprint != prints[metric]
    return [
        *(
            LeftOut(model, f"{len(kinds)} generations missing: {_commonest(kinds)}")
            for model, kinds in sorted(tries.items())
        ),
        *(
            LeftOut(f"{metric} of {model}", f"{len(why)} not scored: {_commonest(why)}")
            for (metric, model), why in sorted(unscored.items())
        ),
        *(
            LeftOut(f"{metric} of {model}", f"{count} scores of another judge or metric version")
            for (metric, model), count in sorted(outdated.items())
            if count
        ),
    ]


def _commonest(reasons: Sequence[str]) -> str:
    ((reason, count),) = Counter(sorted(reasons)).most_common(1)
    return reason if count == len(reasons) else f"mostly {reason}"


def _rows(
    ratings: Ratings,
    comparisons: Comparisons,
    facts: dict[str, ModelFacts],
    samples: Sequence[Sample],
    prints: dict[str, str],
) -> tuple[BoardRow, ...]:
    by_model: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_model[sample.model].append(sample)
    spans, sets = intervals(ratings), rank_sets(ratings)
    best, top = p_top(ratings, 1), p_top(ratings, TOP)
    opponents = [comparisons.models.index(model) for model in ratings.candidates]
    rows: list[BoardRow] = []
    for column, model in enumerate(ratings.models):
        made = comparisons.made[:, column][:, opponents]
        row = BoardRow(
            model=model,
            name=facts[model].name,
            vendor=facts[model].vendor,
            anchor=facts[model].anchor,
            simulated=facts[model].simulated,
            rank=None,
            rank_low=sets[model].low if model in sets else None,
            rank_high=sets[model].high if model in sets else None,
            rating=float(ratings.point[column]),
            rating_low=float(spans[column, 0]),
            rating_high=float(spans[column, 1]),
            p_best=best.get(model),
            p_top5=top.get(model),
            comparisons=float(made.sum()),
            prompts=int((made.sum(axis=1) > 0).sum()),
            failure_rate=None,
            latency_p50_s=None,
            latency_p95_s=None,
            cost_usd=None,
            cost_basis=None,
            scores=_means(by_model[model], prints),
        )
        rows.append(_with_measurements(row, by_model[model]))
    rows.sort(key=lambda row: (-row.rating, row.model))
    ranks = {
        row.model: number
        for number, row in enumerate((r for r in rows if r.anchor is None), start=1)
    }
    return tuple(replace(row, rank=ranks.get(row.model)) for row in rows)


def _means(samples: Sequence[Sample], prints: dict[str, str]) -> dict[str, float]:
    """Mean of each metric, over scores of one fingerprint only."""
    values: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for metric, mark in sample.marks.items():
            if mark.fingerprint == prints[metric]:
                values[metric].append(mark.value)
    return {metric: float(np.mean(found)) for metric, found in sorted(values.items())}


def _with_measurements(row: BoardRow, samples: Sequence[Sample]) -> BoardRow:
    made = [sample for sample in samples if sample.state == "ok"]
    failed = sum(sample.state == "failed" for sample in samples)
    latencies = [sample.latency_s for sample in made if sample.latency_s is not None]
    p50, p95 = np.quantile(latencies, [0.5, 0.95]) if latencies else (None, None)
    cost, basis = _cost(made)
    return replace(
        row,
        failure_rate=failed / (failed + len(made)) if samples else None,
        latency_p50_s=None if p50 is None else float(p50),
        latency_p95_s=None if p95 is None else float(p95),
        cost_usd=cost,
        cost_basis=basis,
    )


def _cost(made: Sequence[Sample]) -> tuple[float | None, str | None]:
    """Mean cost of a generation; unknown as soon as one of them is, with that one's reason."""
    if not made:
        return None, "no generation succeeded"
    unknown = [sample for sample in made if sample.cost_usd is None]
    if unknown:
        return None, unknown[0].cost_basis
    costs = [sample.cost_usd for sample in made if sample.cost_usd is not None]
    middle = sorted(made, key=lambda sample: sample.cost_usd or 0.0)[len(made) // 2]
    basis = f"mean of {len(costs)} generations"
    return float(np.mean(costs)), f"{basis}, such as: {middle.cost_basis}"
