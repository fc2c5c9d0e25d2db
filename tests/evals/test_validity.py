"""Metrics held against the truth that a made-up record states exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evals.errors import InputError
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.types import Anchor, Failure, Generation, Score
from evals.validity import Report, Validity, of_suite
from tests.evals.truths import NOON, RULES, SKILLS, SUITE, TRUTH, record, spec, truth_of


def found(report: Report, name: str) -> Validity:
    (one,) = (item for item in report.metrics if item.spec.name == name)
    return one


def test_each_metric_gets_what_it_deserves() -> None:
    report = of_suite([record(RULES)], SUITE)
    assert [item.spec.name for item in report.metrics] == sorted(RULES)
    assert (report.generations, report.models) == (5 * 12 * 2, 5)
    exact, inverse, silent = (found(report, name) for name in ("exact", "inverse", "silent"))
    for one, sign in ((exact, 1), (inverse, -1)):
        assert one.auc is not None
        assert one.within_prompts is not None
        assert one.auc.value == (sign + 1) / 2
        assert one.within_prompts.value == pytest.approx(sign)
        assert one.across_models.value == sign
    assert silent.auc is not None
    assert silent.within_prompts is not None
    assert (silent.auc.value, silent.within_prompts.value) == (0.5, 0.0)
    assert silent.across_models.reason == "all models are equal"
    noisy, blind = (found(report, name).auc for name in ("noisy", "blind"))
    assert noisy is not None
    assert noisy.low is not None
    assert blind is not None
    assert noisy.low > 0.5
    assert blind.low is not None
    assert blind.high is not None
    assert blind.low < 0.5 < blind.high


def test_a_metric_of_which_less_is_better_is_turned() -> None:
    report = of_suite([record({"inverse": RULES["inverse"]}, lower=("inverse",))], SUITE)
    one = found(report, "inverse")
    assert one.auc is not None
    assert one.auc.value == 1
    assert one.across_models.value == 1


def test_the_numbers_are_those_of_plain_loops() -> None:
    made = record(RULES)
    one = found(of_suite([made], SUITE), "noisy")
    truths: dict[str, float] = {}
    scores: dict[str, float] = {}
    for line in made.scored:
        assert isinstance(line, Scored)
        for score in line.scores:
            assert score.value is not None
            if score.metric == TRUTH:
                truths[line.trial_key] = score.value
            elif score.metric == "noisy":
                scores[line.trial_key] = score.value
    trials = {result.trial.key: result.trial for result in made.results}
    points: list[float] = []
    rhos: list[float] = []
    for prompt in SUITE.prompts:
        keys = [key for key, trial in trials.items() if trial.prompt_id == prompt.id]
        points += [
            float(scores[a] > scores[b]) + 0.5 * (scores[a] == scores[b])
            for a in keys
            for b in keys
            if truths[a] > truths[b]
        ]
        rho = stats.spearmanr([scores[k] for k in keys], [truths[k] for k in keys])
        rhos.append(rho.statistic)
    assert one.auc is not None
    assert one.within_prompts is not None
    assert one.auc.value == pytest.approx(np.mean(points))
    assert one.auc.count == len(points)
    assert one.within_prompts.value == pytest.approx(np.mean(rhos))
    means = [
        (
            np.mean([scores[k] for k, t in trials.items() if t.model_id == model]),
            np.mean([truths[k] for k, t in trials.items() if t.model_id == model]),
        )
        for model in SKILLS
    ]
    expected = stats.spearmanr(*zip(*means, strict=True)).statistic
    assert one.across_models.value == pytest.approx(expected)
    assert one.across_models.count == 5


def test_anchors_flatter_nobody() -> None:
    plain = of_suite([record(RULES)], SUITE)
    ends: Mapping[str, Anchor] = {"renderer": "upper", "noise": "lower"}
    skills = {**SKILLS, "renderer": 1.0, "noise": 0.0}
    with_anchors = of_suite([record(RULES, skills=skills, anchors=ends)], SUITE)
    assert with_anchors.models == 5
    assert found(with_anchors, "exact") == found(plain, "exact")
    counted = of_suite([record(RULES, skills=skills)], SUITE)
    assert counted.models == 7


def test_the_newest_epoch_and_the_newest_judge_count() -> None:
    old = record({"m": RULES["inverse"]}, fingerprint="old judge")
    new = record({"m": RULES["exact"]}, day=1, epoch=2, fingerprint="new judge")
    one = found(of_suite([new, old], SUITE), "m")
    assert one.generations == 120
    assert one.auc is not None
    assert one.auc.value == 1
    # A later run scores half of the models with another judge: the rest has no comparable score.
    half = {name: SKILLS[name] for name in ("a", "b")}
    part = record({"m": RULES["exact"]}, skills=half, day=2, epoch=3, fingerprint="newest")
    assert found(of_suite([old, new, part], SUITE), "m").models == 2


def test_a_suite_of_the_same_name_with_other_prompts_is_another() -> None:
    other = replace(SUITE, prompts=SUITE.prompts[:5])
    report = of_suite([record(RULES), record(RULES, suite=other, day=1)], SUITE)
    assert report == of_suite([record(RULES)], SUITE)
    with pytest.raises(InputError, match="churnboard eval --suite made-up"):
        of_suite([record(RULES, suite=other)], SUITE)


def test_what_has_no_score_counts_for_no_metric_and_for_no_model() -> None:
    calls = iter(range(10_000))

    def sometimes(truth: float, random: np.random.Generator) -> float | None:
        return None if next(calls) % 24 == 0 else truth  # one of each model, at the first prompt

    report = of_suite([record({"some": sometimes, "exact": RULES["exact"]})], SUITE)
    one = found(report, "some")
    assert (one.generations, one.models, report.generations) == (115, 5, 120)
    assert one.auc is not None
    assert one.auc.value == 1


def test_models_are_compared_on_what_all_of_them_made() -> None:
    # The worst model failed at all but one prompt, and shone there by luck.
    made = record({"exact": RULES["exact"]})
    kept = [r for r in made.results if r.trial.model_id != "a" or r.trial.prompt_id == "p3"]
    failed = Failure("invalid_media", "all black", "model")
    lost = [
        replace(r, generation=Generation("failed", NOON, failure=failed))
        for r in made.results
        if r not in kept
    ]
    one = found(of_suite([replace(made, results=(*kept, *lost))], SUITE), "exact")
    assert one.generations == 4 * 24 + 2
    truths = {
        model: np.mean([truth_of(r.trial, SKILLS[model]) for r in kept
                        if r.trial.model_id == model and r.trial.prompt_id == "p3"])
        for model in SKILLS
    }  # fmt: skip
    assert len(set(truths.values())) > 1
    assert one.across_models.value == 1
    apart = [r for r in kept if (r.trial.seed == 0) == (r.trial.model_id == "a")]
    nothing = found(of_suite([replace(made, results=tuple(apart))], SUITE), "exact")
    assert nothing.across_models.value is None
    assert nothing.across_models.reason == "the models have no prompt and seed in common"


def test_a_metric_of_models_has_its_one_question() -> None:
    made = record({"exact": RULES["exact"]})
    fids = {"a": 90.0, "b": 70.0, "c": 72.0, "d": 40.0, "e": 10.0}
    lines = tuple(
        ModelScored(name, "r1", SUITE.id, SUITE.version, 1, 24, (Score("fid", "1", value),))
        for name, value in fids.items()
    )
    canary = CanaryResult("exact", "today", SUITE.id, SUITE.version, "blur", 10, 1, 0, 0.1)
    run = replace(made.run, metrics=(*made.run.metrics, spec("fid", better=False, level="model")))
    whole = RunRecord(run, made.results, scored=(*made.scored, *lines, canary))
    one = found(of_suite([whole], SUITE), "fid")
    assert (one.auc, one.within_prompts, one.models) == (None, None, 5)
    assert one.across_models.value == pytest.approx(0.9)
    assert one.across_models.low is not None
    # Without the scores of one model, the order is that of the others.
    rest = RunRecord(run, made.results, scored=(*made.scored, *lines[:4]))
    assert found(of_suite([rest], SUITE), "fid").across_models.count == 4


def test_without_truth_there_is_nothing_to_hold_against() -> None:
    made = record(RULES)
    bare = tuple(
        replace(line, scores=line.scores[1:]) for line in made.scored if isinstance(line, Scored)
    )
    with pytest.raises(InputError, match="no truth"):
        of_suite([replace(made, scored=bare)], SUITE)
    with pytest.raises(InputError, match="no generations"):
        of_suite([], SUITE)
