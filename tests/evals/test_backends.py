"""The contract of a backend, over every one that is found; and the procedural one itself."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import backends
from evals.backends import procedural
from evals.calibration import readback, scenes
from evals.errors import GenerationError, NotFoundError
from evals.tomlfile import Strict
from evals.types import TASKS, Model, Prompt
from tests.evals.worlds import CAPTIONS

KNOWN = sorted(backends.discover())


@pytest.mark.parametrize("name", KNOWN)
def test_a_backend_keeps_the_contract(name: str) -> None:
    backend = backends.get(name)
    assert name == backend.NAME
    assert backend.TASKS
    assert set(backend.TASKS) <= set(TASKS)
    assert issubclass(backend.Settings, backends.BackendSettings)
    assert issubclass(backend.Settings, Strict)
    assert backend.Settings.model_config.get("extra") == "forbid"
    assert set(backend.Settings.model_fields) >= backend.Settings.RUNTIME_ONLY
    assert list(inspect.signature(backend.open_model).parameters) == ["model", "device"]
    assert (inspect.getmodule(backend.open_model) or backend).__doc__


def test_both_ways_to_call_a_model_are_found() -> None:
    assert {"diffusers", "procedural"} <= set(KNOWN)
    with pytest.raises(NotFoundError, match='did you mean "diffusers"'):
        backends.get("difusers")


def test_nothing_heavy_is_imported_to_know_them() -> None:
    code = (
        "import sys; from evals import backends, metrics, request, registry, run;"
        "backends.discover(); metrics.discover();"
        "print([m for m in ('torch', 'diffusers', 'open_clip', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def model(**options: object) -> Model:
    return Model("m", "M", "text-to-image", "procedural", options)


def draw(text: str, seed: int, **options: object) -> np.ndarray:
    with procedural.open_model(model(**options)) as generator:
        raw = generator.generate(Prompt("p", text), seed)
    assert raw.quantities == {"images": 1.0, "pixels": float(scenes.SIZE**2)}
    return raw.pixels


@pytest.mark.parametrize("kind", ["renderer", "noise"])
def test_a_prompt_and_seed_give_one_picture(kind: str) -> None:
    first = draw(CAPTIONS[0], 0, kind=kind)
    assert np.array_equal(first, draw(CAPTIONS[0], 0, kind=kind))
    assert not np.array_equal(first, draw(CAPTIONS[0], 1, kind=kind))
    assert not np.array_equal(first, draw(CAPTIONS[1], 0, kind=kind))


def wrong(imperfection: float, text: str, seed: int) -> int:
    seen = readback.read(draw(text, seed, kind="renderer", imperfection=imperfection))
    return sum(seen[name] != word for name, word in scenes.parse(text).words.items())


def test_imperfection_is_the_share_of_wrong_words() -> None:
    trials = [(text, seed) for text in CAPTIONS for seed in range(25)]
    words = len(trials) * len(scenes.VOCABULARY)
    shares = [
        sum(wrong(chance, text, seed) for text, seed in trials) / words for chance in (0, 0.3, 1)
    ]
    assert shares == pytest.approx([0, 0.3, 1], abs=0.06)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CAPTIONS), st.integers(0, 999), st.floats(0, 1), st.floats(0, 1))
def test_a_worse_renderer_errs_where_a_better_one_does(
    text: str, seed: int, one: float, other: float
) -> None:
    rng = [procedural._rng(text, seed) for _ in range(2)]  # pyright: ignore[reportPrivateUsage]
    asked = scenes.parse(text)
    better, worse = (
        scenes.perturb(asked, rng[i], chance).words for i, chance in enumerate(sorted([one, other]))
    )
    for name, word in asked.words.items():
        assert better[name] == word or better[name] == worse[name]


def test_the_renderer_refuses_other_captions_as_the_models_failure() -> None:
    with pytest.raises(GenerationError, match="calibration") as caught:
        draw("a cat", 0, kind="renderer")
    assert caught.value.blame == "model"
