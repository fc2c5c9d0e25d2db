"""The composer: everything planned is done once, a failure is never a score, again is nothing."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from evals import backends, plan, record
from evals.backends import RawMedia, procedural
from evals.errors import BusyError, InputError, LoadError, NotFoundError, RecordError
from evals.media import decode
from evals.record_types import Scored
from evals.request import Request, prepare
from evals.run import Progress, evaluate
from evals.types import Model, Prompt
from tests.evals.worlds import NOON, Write, model_toml

RENDERER = Model("renderer", "Renderer", "text-to-image", "procedural", {"kind": "renderer"})
open_procedural = procedural.open_model
PLAIN = Request("small", metrics=())
TRUTH = Request("small", metrics=("caption_accuracy",))


@dataclass
class Faulty:
    """The renderer, but for one prompt."""

    fault: object
    device: str = "cpu"

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        if prompt.id != "p2":
            with open_procedural(RENDERER) as renderer:
                return renderer.generate(prompt, seed)
        if isinstance(self.fault, BaseException):
            raise self.fault
        return RawMedia(np.asarray(self.fault))


def install(monkeypatch: pytest.MonkeyPatch, fault: object, load: Exception | None = None) -> None:
    """Let every procedural model be faulty."""

    @contextmanager
    def open_model(model: Model, device: str | None = None) -> Generator[Faulty]:
        if load is not None:
            raise load
        yield Faulty(fault)

    monkeypatch.setattr(backends.get("procedural"), "open_model", open_model)


def test_everything_planned_is_recorded_once(data: Path, home: Path) -> None:
    steps: list[Progress] = []
    outcome = evaluate(home, PLAIN, data, steps.append)
    assert outcome.counts == {"ok": 16}
    (item,) = record.read_all(home)
    assert item.run.planned == len(item.results) == 16
    assert item.run.finished_at is not None
    planned = prepare(home, PLAIN, NOON, data)
    assert [result.trial for result in item.results] == list(planned.trials)
    assert planned.missing == ()
    for result in item.results:
        media = result.generation.media
        assert media is not None
        pixels = decode((home / "runs" / item.run.id / media.path).read_bytes())
        assert pixels.shape == (media.height, media.width, 3)
    costs = {r.trial.model_id: r.generation.cost_usd for r in item.results}
    assert costs["noise"] is None
    assert (costs["renderer"] or 0) > 0
    assert [step.event for step in steps].count("loaded") == 2
    assert steps[-1].done == steps[-1].planned == 16


def test_again_is_nothing(data: Path, home: Path) -> None:
    first = evaluate(home, PLAIN, data)
    before = sorted(home.rglob("*"))
    again = evaluate(home, PLAIN, data)
    assert (again.planned, again.already, again.run_folder) == (0, 16, first.run_folder)
    assert sorted(home.rglob("*")) == before


def test_a_larger_request_does_only_what_is_missing(data: Path, home: Path) -> None:
    evaluate(home, replace(PLAIN, prompts=2, seeds=(0,), models=("noise",)), data)
    assert evaluate(home, PLAIN, data).counts == {"ok": 14}
    results = record.results_of(record.read_all(home))
    assert len({result.trial.key for result in results}) == len(results) == 16


def test_a_new_epoch_measures_again_and_stays_current(data: Path, home: Path) -> None:
    assert evaluate(home, replace(PLAIN, new_epoch=True), data).epoch == 1
    second = evaluate(home, replace(PLAIN, new_epoch=True), data)
    assert (second.epoch, second.planned) == (2, 16)
    assert evaluate(home, PLAIN, data).epoch == 2
    assert evaluate(home, replace(PLAIN, epoch=1), data).planned == 0


def test_a_changed_model_is_measured_anew_alone(data: Path, home: Path, write: Write) -> None:
    evaluate(home, PLAIN, data)
    write("models/renderer.toml", model_toml('kind = "renderer"\nimperfection = 0.5'))
    assert evaluate(home, PLAIN, data).planned == 8


@pytest.mark.slow
def test_truth_is_scored_and_the_anchors_are_far_apart(data: Path, home: Path) -> None:
    evaluate(home, TRUTH, data)
    values: dict[str, list[float]] = {}
    (item,) = record.read_all(home)
    model_of = {result.trial.key: result.trial.model_id for result in item.results}
    for line in item.scored:
        if isinstance(line, Scored):
            (score,) = line.scores
            assert score.value is not None
            values.setdefault(model_of[line.trial_key], []).append(score.value)
    # Few words; the exact bounds are tested with readback.
    assert np.mean(values["renderer"]) >= 0.9
    assert np.mean(values["noise"]) <= 0.2


@pytest.mark.slow
@pytest.mark.parametrize("fault", [np.full((64, 64, 3), np.nan), np.zeros((64, 64, 3), np.uint8)])
def test_no_picture_fails_its_trial_and_is_never_scored(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch, fault: np.ndarray
) -> None:
    install(monkeypatch, fault)
    outcome = evaluate(home, replace(TRUTH, models=("renderer",)), data)
    assert outcome.counts == {"ok": 6, "failed": 2}
    (item,) = record.read_all(home)
    scores = {line.trial_key: line.scores for line in item.scored if isinstance(line, Scored)}
    for result in item.results:
        failure = result.generation.failure
        if result.trial.prompt_id == "p2":
            assert failure is not None
            assert (failure.kind, failure.blame) == ("invalid_media", "model")
            assert result.generation.media is None
            assert result.trial.key not in scores
        else:
            (score,) = scores[result.trial.key]
            assert score.value is not None
            assert score.value > 0.5
    assert evaluate(home, replace(TRUTH, models=("renderer",)), data).planned == 0


def test_an_infrastructure_failure_is_tried_by_the_next_run(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.generate.PAUSE_S", 0.0)
    with monkeypatch.context() as patch:
        install(patch, ConnectionError("gone"))
        assert evaluate(home, PLAIN, data).counts == {"ok": 12, "failed": 4}
    assert evaluate(home, PLAIN, data).counts == {"ok": 4}
    results = record.results_of(record.read_all(home))
    assert all(map(plan.is_done, plan.settled(results).values()))


@pytest.mark.parametrize(("kind", "status"), [(None, "failed"), ("gated", "skipped")])
def test_a_model_that_does_not_load_ends_every_trial(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch, kind: str | None, status: str
) -> None:
    with monkeypatch.context() as patch:
        install(patch, None, LoadError("no weights", kind=kind))
        assert evaluate(home, PLAIN, data).counts == {status: 16}
    assert evaluate(home, PLAIN, data).counts == {"ok": 16}


def test_a_stopped_run_is_continued(
    data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        install(patch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            evaluate(home, PLAIN, data)
    (stopped,) = record.read_all(home)
    assert stopped.run.finished_at is None
    assert len(stopped.results) == 2
    assert evaluate(home, PLAIN, data).planned == 14


def test_a_torn_line_is_cut_by_the_next_run_and_said(data: Path, home: Path) -> None:
    folder = evaluate(home, PLAIN, data).run_folder
    assert folder is not None
    path = folder / record.RESULTS
    path.write_bytes(path.read_bytes()[:-10])
    outcome = evaluate(home, PLAIN, data)
    assert outcome.planned == 1
    assert any("torn" in note for note in outcome.notes)
    assert len(record.results_of(record.read_all(home))) == 16


def test_a_damaged_record_stops_before_anything_runs(data: Path, home: Path) -> None:
    folder = evaluate(home, PLAIN, data).run_folder
    assert folder is not None
    path = folder / record.RESULTS
    path.write_bytes(b"garbage\n" + path.read_bytes())
    with pytest.raises(RecordError, match="line 1"):
        evaluate(home, replace(PLAIN, new_epoch=True), data)
    assert record.folders(home) == (folder,)


def test_a_second_runner_is_told_that_it_is_busy(data: Path, home: Path) -> None:
    with record.lock(home), pytest.raises(BusyError):
        evaluate(home, PLAIN, data)
    assert record.folders(home) == ()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"suite": "smal"}, NotFoundError, '"small"'),
        ({"models": ("nois",)}, NotFoundError, '"noise"'),
        ({"metrics": ("clip_scor",)}, NotFoundError, '"clip_score"'),
        ({"seeds": (1, 1)}, InputError, "each once"),
        ({"prompts": 0}, InputError, "at least 1"),
        ({"epoch": 0}, InputError, "count from 1"),
        ({"epoch": 1, "new_epoch": True}, InputError, "not both"),
    ],
)
def test_a_wrong_request_writes_nothing(
    data: Path, home: Path, change: dict[str, object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        evaluate(home, replace(PLAIN, **change), data)  # type: ignore[arg-type]
    assert not home.exists()


def test_the_clock_is_given_and_names_the_run(data: Path, home: Path) -> None:
    now = NOON
    moments = iter(now + timedelta(seconds=i) for i in range(99))
    folder = evaluate(home, PLAIN, data, clock=lambda: next(moments)).run_folder
    assert folder is not None
    assert folder.name.startswith("20260701T1200")
    (item,) = record.read_all(home)
    times = [result.generation.started_at for result in item.results]
    assert times == sorted(times)
    assert item.run.started_at < times[0]
    assert item.run.finished_at is not None
    assert times[-1] < item.run.finished_at


def test_the_header_tells_the_machine_and_no_name(data: Path, home: Path) -> None:
    import getpass
    import platform

    evaluate(home, PLAIN, data)
    (item,) = record.read_all(home)
    assert {"processor", "cores", "system"} <= set(item.run.machine)
    assert {"python", "torch", "numpy"} <= set(item.run.versions)
    assert {"torch", "threads"} <= set(item.run.fingerprint)
    told = " ".join([*item.run.machine.values(), *item.run.fingerprint.values()]).split()
    assert platform.node() not in told
    assert getpass.getuser() not in told
    assert sys.prefix not in (home / "runs" / item.run.id / record.HEADER).read_text()
