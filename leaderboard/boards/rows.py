"""What a board says of each of its models, and what it could have counted and did not (pure)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from leaderboard.answers import BoardRow, LeftOut
from leaderboard.boards.billed import billed_of
from leaderboard.boards.clip_costs import clip_costs
from leaderboard.evidence import ModelFacts, ModelMark, Sample
from leaderboard.ratings.comparisons import Comparisons
from leaderboard.ratings.rate import Ratings, intervals, p_top, rank_sets
from leaderboard.ratings.verdicts import Mark

TOP = 5
RESCORE = "`churnboard rescore` scores such media again"
ABOUT = 0.05
"""Share by which numbers of generations may differ, for a few failures' sake."""


def newest_marks(samples: Sequence[Sample]) -> dict[str, Mark]:
    """Metric -> its newest score, whose fingerprint a mean may be taken over."""
    newest: dict[str, Mark] = {}
    for sample in sorted(samples, key=lambda sample: sample.at):
        newest |= sample.marks
    return newest


def missing(samples: Sequence[Sample]) -> list[LeftOut]:
    """What a model's row could have counted and did not."""
    newest = newest_marks(samples)
    tries: dict[str, list[str]] = defaultdict(list)
    unscored: dict[tuple[str, str], list[str]] = defaultdict(list)
    outdated: Counter[tuple[str, str]] = Counter()
    for sample in samples:
        if sample.state == "missing":
            tries[sample.model].append(sample.problem or "unknown")
        for metric, reason in sample.unscored.items():
            unscored[metric, sample.model].append(reason)
        for metric, mark in sample.marks.items():
            outdated[metric, sample.model] += mark.fingerprint != newest[metric].fingerprint
    return [
        *(
            LeftOut(model, f"{len(kinds)} generations missing: {_commonest(kinds)}")
            for model, kinds in sorted(tries.items())
        ),
        *_unscored(unscored),
        *(
            LeftOut(
                f"{metric} of {model}",
                f"{count} scores of another judge or metric version; {RESCORE}",
            )
            for (metric, model), count in sorted(outdated.items())
            if count
        ),
    ]


def _unscored(found: Mapping[tuple[str, str], Sequence[str]]) -> list[LeftOut]:
    """One line per metric and reason, however many models it is about."""
    alike: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (metric, model), why in sorted(found.items()):
        alike[metric, _commonest(why)][model] = len(why)
    return [
        LeftOut(
            f"{metric} of {next(iter(models)) if len(models) == 1 else f'{len(models)} models'}",
            f"{sum(models.values())} not scored: {reason}",
        )
        for (metric, reason), models in alike.items()
    ]


def whole_scores(
    marks: Iterable[ModelMark],
) -> tuple[dict[str, dict[str, float]], list[LeftOut]]:
    """Model -> metric -> score of all that it made; and scores that stand beside no other.

    Only scores of one fingerprint are columns, and of about as many generations: those of the most
    models (ties: the first fingerprint by name, the larger number). FID falls and Vendi rises
    with the number of pictures alone.
    """
    by_metric: dict[str, list[ModelMark]] = defaultdict(list)
    for one in marks:
        by_metric[one.metric].append(one)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    left_out: list[LeftOut] = []
    for metric, scored in sorted(by_metric.items()):
        counts = Counter(sorted(one.mark.fingerprint for one in scored))
        ((common, _),) = counts.most_common(1)
        usual = _usual([one.generations for one in scored if one.mark.fingerprint == common])
        for one in sorted(scored, key=lambda one: one.model):
            what = f"{metric} of {one.model}"
            if one.mark.fingerprint != common:
                left_out.append(
                    LeftOut(what, f"a score of another judge or metric version; {RESCORE}")
                )
            elif not _about(one.generations, usual):
                reason = f"of {one.generations} generations, where others are of {usual}"
                left_out.append(LeftOut(what, f"{reason}: their number alone moves it"))
            else:
                found[one.model][metric] = one.mark.value
    return found, left_out


def _usual(sizes: Sequence[int]) -> int:
    """The number that most of them are about; of several the largest."""
    return max(sizes, key=lambda size: (sum(_about(other, size) for other in sizes), size))


def _about(one: int, other: int) -> bool:
    return abs(one - other) <= ABOUT * max(one, other)


def _commonest(reasons: Sequence[str]) -> str:
    ((reason, count),) = Counter(sorted(reasons)).most_common(1)
    return reason if count == len(reasons) else f"mostly {reason}"


def board_rows(
    ratings: Ratings,
    comparisons: Comparisons,
    facts: Mapping[str, ModelFacts],
    samples: Sequence[Sample],
    whole: Mapping[str, Mapping[str, float]],
) -> tuple[BoardRow, ...]:
    """One row per rated model, by falling rating.

    Args:
        ratings: of the models.
        comparisons: that they were rated from.
        facts: by model.
        samples: of the prompts of this board.
        whole: model -> scores of all that it made, by metric.
    """
    newest = newest_marks(samples)
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
            scores=_means(by_model[model], newest) | dict(whole.get(model, {})),
        )
        rows.append(_with_measurements(row, by_model[model]))
    rows.sort(key=lambda row: (-row.rating, row.model))
    ranks = {
        row.model: number
        for number, row in enumerate((r for r in rows if r.anchor is None), start=1)
    }
    return tuple(replace(row, rank=ranks.get(row.model)) for row in rows)


def _means(samples: Sequence[Sample], newest: Mapping[str, Mark]) -> dict[str, float]:
    """Mean of each metric, over scores of one fingerprint only."""
    values: dict[str, list[float]] = defaultdict(list)
    for sample in samples:
        for metric, mark in sample.marks.items():
            if mark.fingerprint == newest[metric].fingerprint:
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
        **clip_costs(made),
        billed=billed_of(made),
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
