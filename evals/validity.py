"""How far each metric can be trusted, where the truth is known exactly (pure).

The truth is `metrics.TRUTH`: how much of its caption a picture or clip honours, read back
from the pixels. Only suites of the calibration world have it, and how a metric fares there says
just that.
Anchors are left out: telling a render from noise is no feat.

Three questions are asked of every metric, each in the metric's own direction (above 0, or 0.5 for
the AUC, it agrees with the truth, whether higher or lower is better):

- AUC: does it prefer the truer of two generations of one prompt?
- within prompts: does it put all generations of a prompt in the true order?
- across models: does it put the models in the true order? The only question for a metric of level
  `model`, which has one score for all that a model made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals import backlog, metrics
from evals.backlog import Kept
from evals.errors import InputError
from evals.rank_agreement import Estimate, Group, auc, over_models, within_prompts
from evals.record_types import CanaryResult, RunRecord
from evals.types import MetricSpec, Score, Suite


@dataclass(frozen=True)
class Judged:
    """One generation whose truth is known, and what metrics say of it."""

    model: str
    prompt: str
    seed: int
    truth: float
    scores: Mapping[str, float]


@dataclass(frozen=True)
class Validity:
    """How far one metric agrees with the truth."""

    spec: MetricSpec
    generations: int
    """That have both a truth and a score, or are part of a model that has one."""
    models: int
    auc: Estimate | None
    """P(the truer of two generations of a prompt scores better), ties half; interval over prompts.
    None for a metric of level `model`."""
    within_prompts: Estimate | None
    """Mean over prompts of Spearman's correlation of score and truth; interval over prompts. None
    for a metric of level `model`."""
    across_models: Estimate
    """Spearman's correlation of the models' means of score and truth; interval over models."""


@dataclass(frozen=True)
class Report:
    """All metrics of a suite held against its truth."""

    suite: Suite
    generations: int
    """Whose truth is known; those of anchors are not counted."""
    models: int
    metrics: tuple[Validity, ...]
    """By name."""


def of_suite(records: Iterable[RunRecord], suite: Suite, seed: int = 0) -> Report:
    """Every metric that scored the current version of a suite, held against the truth.

    Args:
        records: of a home.
        suite: one of the calibration world.
        seed: of the resampled prompts.

    The newest epoch of each model counts, and of each metric the scores with its newest
    fingerprint: those of other judges are not comparable.

    Raises:
        InputError: nothing of this version was generated, or nothing has a truth.
    """
    own = [record for record in records if record.run.suite.version == suite.version]
    own.sort(key=lambda record: (record.run.started_at, record.run.id))
    made = backlog.newest_epochs(backlog.kept(own, suite.id, suite.version))
    if not made:
        raise InputError(
            f"no generations of suite {suite.id} version {suite.version} are recorded;"
            f" churnboard eval --suite {suite.id}"
        )
    anchors = {model.id for record in own for model in record.run.models if model.anchor}
    candidates = {model: group for model, group in made.items() if model not in anchors}
    newest = _newest_fingerprints(own)
    truth = metrics.truth(suite.task)
    rows = _judged(own, candidates, newest, truth)
    if not rows:
        raise InputError(
            f"suite {suite.id} has no truth to hold metrics against: no generation of a model that"
            f" is no anchor has a score of {truth}"
        )
    specs = {spec.name: spec for record in own for spec in record.run.metrics}
    whole = _model_scores(own, suite, candidates, newest)
    names = ({name for row in rows for name in row.scores} | set(whole)) & set(specs)
    found = tuple(
        of_model_metric(specs[name], whole.get(name, {}), rows)
        if specs[name].level == "model"
        else of_metric(specs[name], rows, seed)
        for name in sorted(names)
    )
    return Report(suite, len(rows), len({row.model for row in rows}), found)


def of_metric(spec: MetricSpec, rows: Sequence[Judged], seed: int = 0) -> Validity:
    """A metric of level `generation` held against the truth of the generations that it scored."""
    scored = [row for row in rows if spec.name in row.scores]
    sign = 1.0 if spec.higher_is_better else -1.0
    groups = _by_prompt(scored, spec.name, sign)
    means = _means(scored, lambda row: sign * row.scores[spec.name])
    truths = _means(scored, lambda row: row.truth)
    return Validity(
        spec=spec,
        generations=len(scored),
        models=len({row.model for row in scored}),
        auc=auc(groups, seed),
        within_prompts=within_prompts(groups, seed),
        across_models=_ordered(means, truths),
    )


def of_model_metric(
    spec: MetricSpec, scores: Mapping[str, float], rows: Sequence[Judged]
) -> Validity:
    """A metric of level `model` held against the models' mean truth.

    Args:
        spec: of the metric.
        scores: model -> its one score.
        rows: generations whose truth is known.
    """
    sign = 1.0 if spec.higher_is_better else -1.0
    known = [row for row in rows if row.model in scores]
    truths = _means(known, lambda row: row.truth)
    return Validity(
        spec=spec,
        generations=len(known),
        models=len({row.model for row in known}),
        auc=None,
        within_prompts=None,
        across_models=_ordered({model: sign * scores[model] for model in truths}, truths),
    )


def _by_prompt(rows: Sequence[Judged], metric: str, sign: float) -> list[Group]:
    prompts: dict[str, list[Judged]] = {}
    for row in rows:
        prompts.setdefault(row.prompt, []).append(row)
    return [
        (
            np.array([sign * row.scores[metric] for row in group]),
            np.array([row.truth for row in group]),
        )
        for _, group in sorted(prompts.items())
    ]


def _means(rows: Sequence[Judged], value: Callable[[Judged], float]) -> dict[str, float]:
    """Model -> mean over the prompts and seeds that every model has.

    So no model is flattered by having failed at the hard ones. Empty if there are none.
    """
    cells: dict[str, dict[tuple[str, int], float]] = {}
    for row in rows:
        cells.setdefault(row.model, {})[row.prompt, row.seed] = value(row)
    every = {cell for own in cells.values() for cell in own}
    shared = sorted(cell for cell in every if all(cell in own for own in cells.values()))
    if not shared:
        return {}
    return {
        model: float(np.mean([own[cell] for cell in shared]))
        for model, own in sorted(cells.items())
    }


def _ordered(scores: Mapping[str, float], truths: Mapping[str, float]) -> Estimate:
    if not truths:
        return Estimate(None, reason="the models have no prompt and seed in common")
    return over_models(
        np.array([scores[model] for model in truths]), np.array(list(truths.values()))
    )


def _judged(
    records: Sequence[RunRecord],
    made: Mapping[str, Sequence[Kept]],
    newest: Mapping[str, str],
    truth: str,
) -> list[Judged]:
    """The generations that have a truth, with their scores of the newest fingerprints."""
    scores = backlog.newest_scores(records)
    rows: list[Judged] = []
    for kept in (item for group in made.values() for item in group):
        there = scores.get((kept.trial.key, kept.media.sha256), {})
        values = {
            name: score.value
            for name, score in there.items()
            if score.value is not None and score.fingerprint == newest[name]
        }
        known = values.pop(truth, None)
        if known is not None:
            trial = kept.trial
            rows.append(Judged(trial.model_id, trial.prompt_id, trial.seed, known, values))
    return rows


def _model_scores(
    records: Sequence[RunRecord],
    suite: Suite,
    made: Mapping[str, Sequence[Kept]],
    newest: Mapping[str, str],
) -> dict[str, dict[str, float]]:
    """Metric of level `model` -> model -> its score of what the model made in its newest epoch."""
    found: dict[str, dict[str, float]] = {}
    there = backlog.model_scores(records, suite)
    for model, group in made.items():
        trial = group[0].trial
        own = there.get((model, trial.model_revision, trial.epoch), {})
        for name, (_, score) in own.items():
            if score.value is not None and score.fingerprint == newest[name]:
                found.setdefault(name, {})[model] = score.value
    return found


def _newest_fingerprints(records: Sequence[RunRecord]) -> dict[str, str]:
    """Metric -> the fingerprint of its last score; records in the order of time."""
    found: dict[str, str] = {}
    for record in records:
        lines: list[Collection[Score]] = [result.scores for result in record.results]
        lines += [line.scores for line in record.scored if not isinstance(line, CanaryResult)]
        found |= {score.metric: score.fingerprint for scores in lines for score in scores}
    return found
