"""Kept media under new metrics and judges: nothing is generated, and nothing encoded twice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from evals import backlog, record, wire
from evals.judging import Bench
from evals.record_types import CanaryResult, ModelScored, RunRecord, Scored
from evals.request import Request, RescoreRequest
from evals.run import evaluate, rescore
from evals.score import Scorer
from evals.types import Score
from tests.evals.judging import register_judge, save_judge
from tests.evals.worlds import Write, model_toml

pytestmark = pytest.mark.slow

NONE = Request("small", metrics=())
CLIP = ("clip_score", "caption_accuracy")


@pytest.fixture(autouse=True)
def judge(data: Path) -> Path:
    return register_judge(data)


def scores_of(records: Sequence[RunRecord]) -> dict[tuple[str, str], dict[str, Score]]:
    return {key: dict(there) for key, there in backlog.newest_scores(records).items()}


def generated(home: Path) -> list[str]:
    return sorted(r.trial.key for r in record.results_of(record.read_all(home)))


def test_scores_that_a_crash_prevented_are_made_by_the_next_run(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Request("small", metrics=CLIP, models=("renderer",), batch=3)
    with monkeypatch.context() as patch:
        real, calls = Bench.generations, []

        def torn(self: Bench, work: Sequence[object], *arguments: object) -> object:
            calls.extend([1] if work else [])  # before a model loads, what waits may be nothing
            if len(calls) == 2:
                raise KeyboardInterrupt
            return real(self, work, *arguments)  # type: ignore[arg-type]

        patch.setattr(Bench, "generations", torn)
        with pytest.raises(KeyboardInterrupt):
            evaluate(home, whole, data)
    (stopped,) = record.read_all(home)
    assert (len(stopped.results), len(stopped.scored)) == (6, 3)
    outcome = evaluate(home, whole, data)
    assert (outcome.counts, outcome.caught_up) == ({"ok": 2}, 3)
    assert len(generated(home)) == len(set(generated(home))) == 8
    there = scores_of(record.read_all(home))
    assert len(there) == 8
    assert all(set(scores) == set(CLIP) for scores in there.values())
    before = sorted(home.rglob("*"))
    assert evaluate(home, whole, data).planned == 0
    assert sorted(home.rglob("*")) == before


def test_a_new_metric_on_old_media_costs_no_generation_and_no_encoding(
    data: Path, home: Path, write: Write, judge: Path
) -> None:
    evaluate(home, replace(NONE, metrics=("clip_score",)), data)
    made = generated(home)
    judge.write_text(judge.read_text().replace("metrics = [", 'metrics = ["clip_score_hessel", '))
    (done,) = rescore(home, RescoreRequest(metrics=("clip_score_hessel@reference",)), data)
    assert (done.scored, done.generations, done.unscored) == (16, 16, 0)
    assert done.encoded == 0
    assert generated(home) == made
    for scores in scores_of(record.read_all(home)).values():
        assert scores["clip_score_hessel@reference"].value is not None


def test_a_changed_judge_scores_everything_again_and_again_is_nothing(
    data: Path, home: Path, judge: Path
) -> None:
    evaluate(home, replace(NONE, metrics=("clip_score",)), data)
    first = scores_of(record.read_all(home))
    (idle,) = rescore(home, RescoreRequest(metrics=("clip_score",)), data)
    assert (idle.scored, idle.run_folder) == (0, None)

    old = judge.read_text().split('sha256 = "')[1].split('"')[0]
    new = save_judge(data / "reference" / "other", seed=5)
    judge.write_text(
        judge.read_text().replace(old, new).replace("reference/reference", "reference/other")
    )
    assert evaluate(home, replace(NONE, metrics=("clip_score",)), data).planned == 0
    (done,) = rescore(home, RescoreRequest(metrics=("clip_score",)), data)
    assert (done.scored, done.encoded) == (16, 16)
    second = scores_of(record.read_all(home))
    assert set(second) == set(first)
    for key, scores in second.items():
        assert scores["clip_score"].fingerprint != first[key]["clip_score"].fingerprint
    assert rescore(home, RescoreRequest(metrics=("clip_score",)), data)[0].run_folder is None


def test_another_environment_is_scored_again(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(home, replace(NONE, metrics=("clip_score",)), data)
    monkeypatch.setattr("evals.machine.judging", lambda device, threads: "torch 99, cuda")
    (done,) = rescore(home, RescoreRequest(), data)
    assert done.scored == 16
    (last,) = (item for item in record.read_all(home) if item.run.kind == "rescore")
    assert set(last.run.checks) >= {"clip_score"}
    assert {s.environment for line in scores_of([last]).values() for s in line.values()} >= {
        "torch 99, cuda"
    }


def test_what_a_kill_left_out_at_the_very_end_is_made_by_the_next_run(
    data: Path, home: Path, judge: Path, write: Write
) -> None:
    """Scores of whole models and canaries come last."""
    judge.write_text(judge.read_text().replace("metrics = [", 'metrics = ["vendi", "cmmd", '))
    write("models/second.toml", model_toml('kind = "renderer"\nimperfection = 0.5'))
    asked = replace(NONE, metrics=("vendi@reference", "cmmd@reference", "sharpness"))
    folder = evaluate(home, asked, data).run_folder
    assert folder is not None

    def last_lines() -> list[object]:
        lines = [line for item in record.read_all(home) for line in item.scored]
        return [line for line in lines if not isinstance(line, Scored)]

    whole = last_lines()
    assert {type(line) for line in whole} == {ModelScored, CanaryResult}
    assert evaluate(home, asked, data).planned == 0
    (item,) = record.read_all(home)
    kept = [line for line in item.scored if isinstance(line, Scored)]
    (folder / record.SCORES).write_bytes(b"".join(map(wire.score_to_line, kept)))
    header = json.loads((folder / record.HEADER).read_text())
    (folder / record.HEADER).write_text(json.dumps(header | {"finished_at": None}))
    evaluate(home, asked, data)
    assert last_lines() == whole
    assert len(record.read_all(home)) == 2
    evaluate(home, asked, data)
    assert len(record.read_all(home)) == 2


def test_whole_models_are_scored_anew_when_the_reference_grew(
    data: Path, home: Path, judge: Path, write: Write
) -> None:
    judge.write_text(judge.read_text().replace("metrics = [", 'metrics = ["cmmd", '))
    write("models/second.toml", model_toml('kind = "renderer"\nimperfection = 0.5'))
    asked = replace(NONE, metrics=("cmmd@reference",))
    evaluate(home, replace(asked, seeds=(0,), models=("renderer",)), data)
    evaluate(home, replace(asked, models=("second",)), data)

    def references() -> list[str]:
        return [
            line.reference
            for item in sorted(record.read_all(home), key=lambda item: item.run.started_at)
            for line in item.scored
            if isinstance(line, ModelScored) and line.model_id == "second"
        ]

    assert len(references()) == 1
    evaluate(home, replace(asked, models=("renderer",)), data)
    assert len(set(references())) == len(references()) == 2


def test_lost_media_is_a_reason_and_no_score(data: Path, home: Path) -> None:
    folder = evaluate(home, NONE, data).run_folder
    assert folder is not None
    lost = next(folder.glob("media/*/*.png"))
    lost.unlink()
    (done,) = rescore(home, RescoreRequest(metrics=("clip_score",)), data)
    assert done.unscored == 1
    values = [scores["clip_score"] for scores in scores_of(record.read_all(home)).values()]
    (gone,) = [score for score in values if score.value is None]
    assert "no longer in the run's folder" in (gone.reason or "")


def test_only_what_was_asked_for_is_scored(data: Path, home: Path) -> None:
    evaluate(home, replace(NONE, metrics=("caption_accuracy",)), data)
    calls: list[object] = []
    real = Scorer.score

    def counting(self: Scorer, shown: object, names: object = None) -> object:
        calls.append(names)
        return real(self, shown, names)  # type: ignore[arg-type]

    Scorer.score = counting  # type: ignore[method-assign, assignment]
    try:
        rescore(home, RescoreRequest(metrics=CLIP), data)
    finally:
        Scorer.score = real  # type: ignore[method-assign]
    assert frozenset({"clip_score"}) in calls
    assert frozenset(CLIP) not in calls
