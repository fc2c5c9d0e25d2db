"""A trial becomes a generation: timed, stored, priced; a failure is classified, never stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from evals.backends import RawMedia
from evals.errors import GenerationError, LoadError
from evals.generate import ATTEMPTS, Made, Studio, Timing, attempt, keep, not_loaded
from evals.prices.types import Entry, Price
from evals.types import Prompt
from tests.evals.worlds import NOON

PROMPT = Prompt("p", "a picture")
BOX = Entry("box", "Box", (Price("gpu_hour", 3600.0, NOON.date(), "made up"),), device="cpu")
PICTURE = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)


class Scripted:
    """A generator that returns or raises what it is given, in turn."""

    device = "cpu"

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.calls = 0

    def generate(self, prompt: Prompt, seed: int) -> RawMedia:
        self.calls += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return RawMedia(np.asarray(answer), {"images": 1.0})


def ticks(*times: float) -> Callable[[], float]:
    moments: Iterator[float] = iter(times)
    return lambda: next(moments)


def make(generator: Scripted, folder: Path, *times: float) -> tuple[Made, list[float]]:
    slept: list[float] = []
    clock = ticks(*(times or range(20)))
    tried = attempt(generator, PROMPT, 0, Timing(lambda: NOON, clock, slept.append))
    return keep(tried, BOX, Studio(folder, "text-to-image")), slept


def test_the_latency_is_the_calls_alone(tmp_path: Path) -> None:
    made, _ = make(Scripted(PICTURE), tmp_path, 10.0, 12.5)
    generation = made.generation
    assert (generation.status, generation.latency_s) == ("ok", 2.5)
    assert generation.quantities == {"images": 1.0, "seconds": 2.5}
    assert generation.cost_usd == pytest.approx(2.5)
    assert generation.media is not None
    assert (tmp_path / generation.media.path).is_file()
    assert made.picture is not None


def test_a_backend_that_returns_something_else_costs_its_trial_alone(tmp_path: Path) -> None:
    class Wrong(Scripted):
        def generate(self, prompt: Prompt, seed: int) -> RawMedia:
            return self.answers[0]  # type: ignore[return-value]

    made, _ = make(Wrong(PICTURE), tmp_path)
    failure = made.generation.failure
    assert failure is not None
    assert (failure.kind, failure.blame) == ("raised", "infrastructure")
    assert "ndarray, not RawMedia" in failure.message
    for amount in (float("nan"), None):
        made, _ = make(Wrong(RawMedia(PICTURE, {"steps": amount})), tmp_path)
        assert made.generation.failure is not None
        assert "the backend bills" in made.generation.failure.message
    made, _ = make(Wrong(RawMedia(PICTURE, {"steps": np.float32(3)})), tmp_path)
    assert type(made.generation.quantities["steps"]) is float
    listed, _ = make(Wrong(RawMedia(PICTURE.tolist())), tmp_path)
    assert listed.generation.failure is not None
    assert "a list, not an array" in listed.generation.failure.message


@pytest.mark.parametrize(
    "pixels", [np.full((8, 8, 3), np.nan), np.zeros((8, 8, 3)), np.full((8, 8, 3), 7, np.uint8)]
)
def test_no_picture_is_the_models_failure(tmp_path: Path, pixels: np.ndarray) -> None:
    generator = Scripted(pixels)
    made, slept = make(generator, tmp_path)
    failure = made.generation.failure
    assert failure is not None
    assert (made.generation.status, failure.kind, failure.blame) == (
        "failed",
        "invalid_media",
        "model",
    )
    assert made.generation.media is None
    assert made.picture is None
    assert (generator.calls, slept) == (1, [])
    assert not list(tmp_path.iterdir())


def test_a_model_is_never_asked_twice(tmp_path: Path) -> None:
    generator = Scripted(GenerationError("no", blame="model", kind="refused"), PICTURE)
    made, _ = make(generator, tmp_path)
    assert made.generation.failure is not None
    assert made.generation.failure.kind == "refused"
    assert generator.calls == 1


def test_infrastructure_is_tried_again_and_only_the_good_call_is_timed(tmp_path: Path) -> None:
    generator = Scripted(GenerationError("x", kind="out_of_memory"), PICTURE)
    made, slept = make(generator, tmp_path, 0.0, 100.0, 200.0, 201.0)
    assert (made.generation.status, made.generation.latency_s) == ("ok", 1.0)
    assert len(slept) == 1


@pytest.mark.parametrize("kind", ["cancelled", "timeout"])
def test_what_was_cancelled_or_late_is_not_called_again(tmp_path: Path, kind: str) -> None:
    generator = Scripted(GenerationError("x", kind=kind), PICTURE)
    made, slept = make(generator, tmp_path)
    assert made.generation.failure is not None
    assert (made.generation.failure.kind, generator.calls, slept) == (kind, 1, [])


def test_infrastructure_that_stays_broken_is_missing_data(tmp_path: Path) -> None:
    generator = Scripted(*[GenerationError("x", kind="device")] * 9)
    made, _ = make(generator, tmp_path)
    failure = made.generation.failure
    assert failure is not None
    assert (failure.kind, failure.blame, generator.calls) == ("device", "infrastructure", ATTEMPTS)
    assert made.generation.cost_usd is None


def test_an_unexpected_error_is_not_held_against_the_model(tmp_path: Path) -> None:
    made, _ = make(Scripted(KeyError("a"), KeyError("b")), tmp_path)
    failure = made.generation.failure
    assert failure is not None
    assert failure.blame == "infrastructure"
    assert "KeyError" in failure.message


def test_seconds_on_another_device_are_not_billed(tmp_path: Path) -> None:
    generator = Scripted(PICTURE)
    generator.device = "cuda"
    made, _ = make(generator, tmp_path)
    assert made.generation.cost_usd is None
    assert "ran on cuda" in (made.generation.cost_basis or "")


@pytest.mark.parametrize(("kind", "status"), [(None, "failed"), ("gated", "skipped")])
def test_a_model_that_does_not_load(kind: str | None, status: str) -> None:
    generation = not_loaded(NOON, LoadError("no weights", kind=kind))
    assert generation.status == status
    assert generation.failure is not None
    assert generation.failure.kind == (kind or "load_failed")
    assert dataclasses.replace(generation, failure=None).latency_s is None
