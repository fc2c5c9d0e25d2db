"""What may become of a call, over every backend that is found: each outcome has a name.

Taken from the call to what would be recorded. A backend that cannot have an outcome says why, in
the table at the end: a new backend is under test before it has tests of its own, and fails here
until it says how it behaves.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from evals import backends, generate
from evals.endpoints import timing
from evals.errors import GenerationError
from evals.types import Failure, Generation, Model, Prompt
from tests.evals import tiny_pipelines
from tests.evals.loopback import bench, dialects, faults
from tests.evals.loopback.bench import Clock, Leave
from tests.evals.loopback.server import Fault, Handler, Seen, Server
from tests.evals.worlds import CAPTIONS

pytestmark = [
    # Notices of the libraries about each other, raised while a pipeline is built or loaded.
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

Outcome = Literal[
    "ok", "timeout", "cancelled", "invalid media", "wrong size", "refused", "same for all seeds"
]
OUTCOMES: tuple[Outcome, ...] = (
    "ok",
    "timeout",
    "cancelled",
    "invalid media",
    "wrong size",
    "refused",
    "same for all seeds",
)
PROMPT = Prompt("p", CAPTIONS[0])
TIMES = generate.Timing(lambda: datetime(2026, 1, 1, tzinfo=UTC), sleep=lambda seconds: None)


@dataclass(frozen=True)
class Bench:
    """Where a test may put things."""

    folder: Path
    patch: pytest.MonkeyPatch


def recorded(generator: Any, seed: int, paid: bool, bench: Bench) -> Generation:
    """What the record would say of one call."""
    ticket = Leave(f"trial-{seed}") if paid else None
    tried = generate.attempt(generator, PROMPT, seed, TIMES, ticket=ticket)
    studio = generate.Studio(bench.folder, "text-to-image")
    return generate.keep(tried, None, studio).generation


# -- endpoints ------------------------------------------------------------------------------------


REFUSAL: Mapping[str, Fault] = {
    "openai": faults.says({"error": {"code": "moderation_blocked"}}, 400),
    "fal": faults.says({"detail": [{"type": "content_policy_violation"}]}, 422),
    "replicate": faults.says({"detail": "The prompt was flagged as sensitive content"}, 422),
    "huggingface": faults.says({"error": "NSFW content detected"}, 400),
}


@contextmanager
def endpoint(
    name: str, outcome: Outcome, held: Bench
) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """A backend that calls an endpoint, before a server at which that happens."""
    held.patch.setattr(timing, "REAL", Clock().timing())
    more: dict[str, Any] = {}
    if outcome == "timeout":
        more["deadline_s"] = 0.2
    if outcome == "wrong size":
        more |= {"width": 512, "height": 512}
    same = outcome == "same for all seeds"
    with (
        bench.serving(name, same_for_all=same) as server,
        bench.opened(name, server, **more) as opened,
    ):
        _trouble(name, outcome, server)

        def cancel(running: Any) -> None:
            assert server.reached.wait(10)
            running.cancel()

        yield opened, cancel


def _trouble(name: str, outcome: Outcome, server: Server) -> None:
    at = "work" if name in ("openai", "huggingface") else "content"
    match outcome:
        case "timeout":
            server.put("work", faults.hang)
        case "cancelled":
            server.put("work", _hang_and_tell)
        case "refused":
            server.put("work", REFUSAL[name])
        case "invalid media":
            garbage = b"\x89PNG\r\n\x1a\n and no more"
            told = {"created": 1, "data": [{"b64_json": "iVBORw0KGgo="}]}
            server.put(
                at, faults.says(told) if name == "openai" else faults.raw(garbage, "image/png")
            )
        case _:
            pass


def _hang_and_tell(handler: Handler, seen: Seen) -> None:
    handler.owner.reached.set()
    faults.hang(handler, seen)


# -- programs and pipelines -----------------------------------------------------------------------


@contextmanager
def program(
    name: str, outcome: Outcome, held: Bench
) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    options = {"kind": "renderer"}
    if outcome == "same for all seeds":
        options |= {"variation": 0.0}
    asked = Model("m", "M", "text-to-image", name, options)
    with backends.get(name).open_model(asked) as opened:
        yield opened, lambda running: None


@contextmanager
def pipeline(
    name: str, outcome: Outcome, held: Bench
) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """A tiny random pipeline of a real class."""
    folder = tiny_pipelines.stable_diffusion(held.folder / "weights")
    options: dict[str, Any] = {
        "source": str(folder), "steps": 2, "width": 32, "height": 32, "device": "cpu",
    }  # fmt: skip
    if outcome == "timeout":
        options["deadline_s"] = 1e-6
    if outcome == "invalid media":
        _poison(folder / "unet" / "diffusion_pytorch_model.safetensors")
    asked = Model("m", "M", "text-to-image", name, options)
    with backends.get(name).open_model(asked) as opened:
        loaded: Any = opened
        kind = type(loaded.pipeline)
        reached = threading.Event()
        if outcome == "refused":
            held.patch.setattr(
                kind, "run_safety_checker", lambda self, image, *_: (image * 0, [True])
            )
        if outcome == "cancelled":
            before = kind.encode_prompt

            def encode(self: Any, *given: Any, **more: Any) -> Any:
                reached.set()
                assert go_on.wait(10)
                return before(self, *given, **more)

            held.patch.setattr(kind, "encode_prompt", encode)
        go_on = threading.Event()

        def cancel(running: Any) -> None:
            assert reached.wait(30)
            running.cancel()
            go_on.set()

        yield loaded, cancel


def _poison(path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    save_file({key: torch.full_like(w, torch.nan) for key, w in load_file(path).items()}, path)


# -- the table ------------------------------------------------------------------------------------

ARRANGE: Mapping[str, Any] = {
    "openai": endpoint,
    "fal": endpoint,
    "replicate": endpoint,
    "huggingface": endpoint,
    "procedural": program,
    "diffusers": pipeline,
}
CANNOT: Mapping[tuple[str, Outcome], str] = {
    ("procedural", "timeout"): "it waits for nothing: a picture is drawn in milliseconds",
    ("procedural", "cancelled"): "there is nothing to call off in so short a time",
    ("procedural", "invalid media"): "it hands over the array that it drew; no bytes are decoded",
    ("procedural", "wrong size"): "no size can be asked of it",
    ("procedural", "refused"): "it has no policy; what it cannot draw it fails at, as a model does",
    ("diffusers", "wrong size"): "its file is at fault: a LoadError (test_diffusers_faults)",
    ("diffusers", "same for all seeds"): "every seed starts from other noise",
}
"""What a backend cannot have, and why."""
KINDS: Mapping[Outcome, tuple[str, str]] = {
    "timeout": ("timeout", "infrastructure"),
    "cancelled": ("cancelled", "infrastructure"),
    "invalid media": ("invalid_media", "model"),
    "wrong size": ("invalid_media", "model"),
    "refused": ("refused", "model"),
}
SLOW = {"diffusers"}
CASES = [
    pytest.param(name, outcome, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in sorted(backends.discover())
    for outcome in OUTCOMES
    if (name, outcome) not in CANNOT
]


def test_every_backend_says_how_it_behaves() -> None:
    assert set(ARRANGE) == set(backends.discover())
    assert {name for name, _ in CANNOT} <= set(ARRANGE)
    assert all(reason for reason in CANNOT.values())
    assert {name for name in ARRANGE if ARRANGE[name] is endpoint} == set(dialects.MODELS) - {
        "routed"
    }
    assert {name for name in ARRANGE if backends.is_paid(name)} == {
        name for name in ARRANGE if ARRANGE[name] is endpoint
    }


@pytest.mark.parametrize(("name", "outcome"), CASES)
def test_an_outcome_has_a_name(
    name: str, outcome: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Bench(tmp_path, monkeypatch)
    paid = backends.is_paid(name)
    with ARRANGE[name](name, outcome, held) as (generator, cancel):
        if outcome == "cancelled":
            with ThreadPoolExecutor(1) as pool:
                given = {"ticket": Leave()} if paid else {}
                call = pool.submit(generator.generate, PROMPT, 0, **given)
                cancel(generator)
                error = call.exception(60)
            assert isinstance(error, GenerationError)
            assert (error.kind, error.blame) == KINDS[outcome]
            return
        made = recorded(generator, 0, paid, held)
        if outcome in ("ok", "same for all seeds"):
            other = recorded(generator, 1, paid, held)
            assert made.status == other.status == "ok"
            assert made.media is not None
            assert other.media is not None
            assert (made.media.sha256 == other.media.sha256) == (outcome != "ok")
            return
    assert made.status == "failed"
    assert isinstance(made.failure, Failure)
    assert (made.failure.kind, made.failure.blame) == KINDS[outcome]
    assert made.failure.message
    assert made.media is None
