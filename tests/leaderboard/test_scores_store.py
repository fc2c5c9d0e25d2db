"""Scores of later runs: the newest counts, whatever the order; other environments stand apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored, ScoreLine
from evals.types import Result, Score
from leaderboard.evidence import SuiteEvidence
from leaderboard.store.evidence import read_evidence
from leaderboard.store.ingest import ingest_records
from leaderboard.store.migrations import migrate
from tests.leaderboard.factory import CLIP, START, WORLD, run_record, suite

SUITE = suite(2)
FIRST = run_record(WORLD[2:4], SUITE, "a")


def rescored(
    add: float,
    days: int = 1,
    *,
    fingerprint: str = "judge-b",
    environment: str = "",
    checks: tuple[float, ...] = (),
    more: tuple[ScoreLine, ...] = (),
) -> RunRecord:
    """Every media of the first run scored again, each score moved by as much."""

    def line(of: Result) -> Scored:
        media, value = of.generation.media, of.scores[0].value
        assert media is not None
        assert value is not None
        score = Score("clip_score", "1", value + add, None, fingerprint, environment)
        return Scored(of.trial.key, media.sha256, (score,))

    run = replace(
        FIRST.run,
        id=f"rescore-{days}",
        started_at=START + timedelta(days=days),
        kind="rescore",
        planned=0,
        checks={"clip_score": checks} if checks else {},
    )
    return RunRecord(run, (), (), (*map(line, FIRST.results), *more))


def evidence(*records: RunRecord, band: float | None = None) -> SuiteEvidence:
    """Read back, with the tie band that a judge states today, where it is given."""
    connection = duckdb.connect()
    migrate(connection, START)
    ingest_records(connection, records)
    if band is None:
        (found,) = read_evidence(connection)
    else:
        (found,) = read_evidence(connection, lambda spec: replace(spec, tie_band=band))
    return found


def clip(of: SuiteEvidence) -> list[float]:
    return [sample.marks["clip_score"].value for sample in of.samples]


def test_the_newest_score_of_each_generation_counts_and_the_others_stay() -> None:
    before, after = clip(evidence(FIRST)), clip(evidence(FIRST, rescored(1.5)))
    assert after == pytest.approx([value + 1.5 for value in before])
    found = evidence(FIRST, rescored(1.5))
    assert {s.marks["clip_score"].fingerprint for s in found.samples} == {"1:judge-b"}
    # What was not scored again is what it was.
    assert all("caption_accuracy" in sample.marks for sample in found.samples)


@settings(max_examples=6, deadline=None)
@given(st.permutations(range(3)))
def test_the_order_of_arrival_changes_nothing(order: list[int]) -> None:
    records = [FIRST, rescored(1.0, 1), rescored(2.0, 2)]
    connection = duckdb.connect()
    migrate(connection, START)
    for number in order:
        ingest_records(connection, [records[number]])
    (found,) = read_evidence(connection)
    assert found == evidence(*records)
    assert clip(found) == pytest.approx([value + 2 for value in clip(evidence(FIRST))])


def failed(add: float, days: int, fingerprint: str) -> RunRecord:
    """A later try that gave no score of any media."""
    tried = rescored(add, days, fingerprint=fingerprint)
    lines = tuple(
        replace(line, scores=tuple(replace(s, value=None, reason="raised") for s in line.scores))
        for line in tried.scored
        if isinstance(line, Scored)
    )
    return replace(tried, scored=lines)


@pytest.mark.parametrize("first", ["judge-a", "judge-b"])
def test_a_failed_try_hides_no_score_of_its_own_judge(first: str) -> None:
    good = rescored(1.5, 2)
    # Whatever an older judge said in between: the one tried last is today's.
    found = evidence(FIRST, good, rescored(9.0, 3, fingerprint=first), failed(0.0, 4, "judge-b"))
    expected = 1.5 if first == "judge-a" else 9.0
    assert clip(found) == pytest.approx([value + expected for value in clip(evidence(FIRST))])
    assert all("clip_score" not in sample.unscored for sample in found.samples)


def test_another_judge_that_failed_is_still_the_judge_of_today() -> None:
    found = evidence(FIRST, failed(0.0, 2, "judge-b"))
    assert all(sample.unscored == {"clip_score": "raised"} for sample in found.samples)
    assert all("clip_score" not in sample.marks for sample in found.samples)


@pytest.mark.parametrize(
    ("generations", "fingerprint", "kept"), [(4, "p", 1), (5, "p", 0), (4, "q", 0)]
)
def test_a_failed_try_hides_no_score_of_a_whole_model(
    generations: int, fingerprint: str, kept: int
) -> None:
    trial = FIRST.results[0].trial
    good = ModelScored(
        trial.model_id,
        trial.model_revision,
        SUITE.id,
        SUITE.version,
        1,
        4,
        (Score("fid", "1", 12.5, None, "p"),),
    )
    bad = replace(
        good,
        generations=generations,
        scores=(Score("fid", "1", None, "raised", fingerprint),),
    )
    found = evidence(FIRST, rescored(0.0, 1, more=(good,)), rescored(0.0, 2, more=(bad,)))
    assert len(found.model_marks) == kept


def test_a_score_of_other_media_is_not_a_score_of_this_trial() -> None:
    lines = tuple(
        replace(line, media_sha256="0" * 64)
        for line in rescored(9.0).scored
        if isinstance(line, Scored)
    )
    assert clip(evidence(FIRST, replace(rescored(9.0), scored=lines))) == clip(evidence(FIRST))


@pytest.mark.parametrize(("gap", "pooled"), [(CLIP.tie_band / 2, True), (CLIP.tie_band * 2, False)])
def test_environments_are_pooled_where_the_probes_agree(gap: float, pooled: bool) -> None:
    cpu = rescored(0.0, 1, environment="cpu", checks=(10.0, 20.0))
    cuda = rescored(0.0, 2, environment="cuda", checks=(10.0, 20.0 + gap))
    half = replace(cuda, scored=cuda.scored[: len(cuda.scored) // 2])
    found = evidence(FIRST, cpu, half)
    prints = {sample.marks["clip_score"].fingerprint for sample in found.samples}
    assert len(prints) == (1 if pooled else 2)
    told = [item for item in found.left_out if item.what == "clip_score"]
    assert bool(told) != pooled
    if told:
        assert f"{len(cpu.scored) - len(half.scored)} scores made with cpu" in told[0].reason
        assert "rescore" in told[0].reason


def test_environments_are_pooled_by_the_tie_band_of_today() -> None:
    cpu = rescored(0.0, 1, environment="cpu", checks=(10.0,))
    cuda = rescored(0.0, 2, environment="cuda", checks=(10.5,))
    half = replace(cuda, scored=cuda.scored[: len(cuda.scored) // 2])
    for band, pooled in ((0.4, False), (0.6, True)):
        found = evidence(FIRST, cpu, half, band=band)
        prints = {sample.marks["clip_score"].fingerprint for sample in found.samples}
        assert len(prints) == (1 if pooled else 2)


def test_scores_without_a_check_are_not_pooled_with_scores_that_have_one() -> None:
    checked = rescored(0.0, 2, fingerprint="judge-a", environment="cuda", checks=(10.0, 20.0))
    half = replace(checked, scored=checked.scored[: len(checked.scored) // 2])
    found = evidence(FIRST, half)
    assert len({sample.marks["clip_score"].fingerprint for sample in found.samples}) == 2
    (told,) = (item for item in found.left_out if item.what == "clip_score")
    assert "scored no probes" in told.reason
    # Truth needs no judge, and is the same everywhere.
    assert len({sample.marks["caption_accuracy"].fingerprint for sample in found.samples}) == 1


def test_scores_of_whole_models_and_canaries_reach_the_evidence() -> None:
    trial = FIRST.results[0].trial
    model = ModelScored(
        trial.model_id,
        trial.model_revision,
        SUITE.id,
        SUITE.version,
        1,
        4,
        (Score("fid", "1", 12.5, None, "print"), Score("kid", "1", None, "too few")),
    )
    old = replace(model, model_revision="r0")
    canary = CanaryResult("clip_score", "judge-b", SUITE.id, SUITE.version, "blur", 40, 30, 4, 0.7)
    other = replace(canary, suite_version="old")
    found = evidence(FIRST, rescored(0.0, more=(model, old, canary, other)))
    (mark,) = found.model_marks
    assert (mark.model, mark.metric, mark.mark.value, mark.generations) == (
        trial.model_id,
        "fid",
        12.5,
        4,
    )
    (met,) = found.canaries
    assert (met.metric, met.canary, met.pairs, met.wins, met.ties, met.low) == (
        "clip_score",
        "blur",
        40,
        30,
        4,
        0.7,
    )
    # A later run on the same canary takes its place.
    better = replace(canary, low=0.2)
    (met,) = evidence(
        FIRST, rescored(0.0, more=(canary,)), rescored(0.0, 2, more=(better,))
    ).canaries
    assert met.low == 0.2


def test_a_suites_weights_and_trust_come_with_its_newest_run() -> None:
    run = FIRST.run
    weighed = replace(run.suite, weights={"clip_score": 2.0}, keep_fooled=("clip_score",))
    found = evidence(FIRST, replace(rescored(0.0), run=replace(rescored(0.0).run, suite=weighed)))
    assert found.suite_version == run.suite.version
    assert (dict(found.weights), found.keep_fooled) == ({"clip_score": 2.0}, ("clip_score",))
