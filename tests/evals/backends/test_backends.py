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
from evals.calibration import clip_readback, enlarging, motions, readback, scenes
from evals.errors import GenerationError, LoadError, NotFoundError
from evals.tomlfile import Strict
from evals.types import TASKS, Model, Prompt, Task
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


CLIP_TEXTS = (
    "one blue star in the centre on a sand background, sketch style, growing fast",
    "one green cross on the left on a white background, flat style, moving right slowly",
    "one red square at the top on a black background, shaded style, blinking fast",
)


def start_of(text: str) -> np.ndarray:
    """A picture that a suite could start from."""
    return motions.render_frames(motions.parse(text), motions.START_SEEDS[3], [0])[0]


def film(task: Task, text: str, seed: int, **options: object) -> backends.RawMedia:
    start = start_of(text) if task == "image-to-video" else None
    asked = Model("m", "M", task, "procedural", options)
    with procedural.open_model(asked) as generator:
        return generator.generate(Prompt("p", text), seed, start)


@pytest.mark.parametrize("task", ["text-to-video", "image-to-video"])
@pytest.mark.parametrize("kind", ["renderer", "noise", "still"])
def test_a_clip_says_how_long_it_is(task: Task, kind: str) -> None:
    made = film(task, CLIP_TEXTS[0], 0, kind=kind)
    assert made.pixels.shape == (motions.FRAMES, 64, 64, 3)
    assert made.pixels.dtype == np.uint8
    assert made.fps == motions.FPS
    assert made.quantities == {
        "clips": 1.0,
        "frames": 16.0,
        "pixels": 16.0 * 64 * 64,
        "clip_seconds": 2.0,
    }
    assert np.array_equal(made.pixels, film(task, CLIP_TEXTS[0], 0, kind=kind).pixels)


@pytest.mark.parametrize("task", ["text-to-video", "image-to-video"])
@pytest.mark.parametrize("kind", ["renderer", "noise"])
def test_another_seed_gives_another_clip(task: Task, kind: str) -> None:
    one, other = (film(task, CLIP_TEXTS[0], seed, kind=kind).pixels for seed in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("text", CLIP_TEXTS)
@pytest.mark.parametrize("task", ["text-to-video", "image-to-video"])
def test_the_upper_anchor_honours_every_word(task: Task, text: str) -> None:
    frames = film(task, text, 1, kind="renderer", variation=0.2).pixels
    words = motions.parse(text).words
    assert clip_readback.read(frames) == dict.fromkeys(clip_readback.ATTRIBUTES) | words


@pytest.mark.parametrize("text", CLIP_TEXTS)
@pytest.mark.parametrize("imperfection", [0.0, 1.0])
def test_an_animated_picture_begins_with_it_to_the_pixel(text: str, imperfection: float) -> None:
    frames = film("image-to-video", text, 1, kind="renderer", imperfection=imperfection).pixels
    assert np.array_equal(frames[0], start_of(text))


def test_an_imperfect_renderer_of_clips_errs() -> None:
    right = 0
    for seed in range(20):
        frames = film("text-to-video", CLIP_TEXTS[1], seed, kind="renderer", imperfection=1.0)
        right += clip_readback.read(frames.pixels)["motion"] == "moving right"
    assert right <= 2


@pytest.mark.parametrize("task", ["text-to-video", "image-to-video"])
def test_a_still_clip_repeats_its_first_frame(task: Task) -> None:
    frames = film(task, CLIP_TEXTS[0], 0, kind="still").pixels
    assert (frames == frames[0]).all()
    if task == "image-to-video":
        assert np.array_equal(frames[0], start_of(CLIP_TEXTS[0]))
    assert clip_readback.read(frames)["motion"] == "standing still"


def test_a_start_frame_that_is_none_of_ours_is_the_renderers_failure() -> None:
    asked = Model("m", "M", "image-to-video", "procedural", {"kind": "renderer"})
    foreign = start_of(CLIP_TEXTS[0])
    foreign[0, 0, 0] ^= 1
    with (
        procedural.open_model(asked) as generator,
        pytest.raises(GenerationError, match="none of them") as caught,
    ):
        generator.generate(Prompt("p", CLIP_TEXTS[0]), 0, foreign)
    assert caught.value.blame == "model"


def test_no_start_frame_is_not_the_models_failure() -> None:
    asked = Model("m", "M", "image-to-video", "procedural", {"kind": "noise"})
    with (
        procedural.open_model(asked) as generator,
        pytest.raises(GenerationError, match="start frame") as caught,
    ):
        generator.generate(Prompt("p", CLIP_TEXTS[0]), 0)
    assert caught.value.blame == "infrastructure"


def test_pictures_are_still_anyway() -> None:
    with pytest.raises(LoadError, match="still"), procedural.open_model(model(kind="still")):
        pass


def test_a_changed_renderer_of_clips_is_no_new_renderer_of_pictures() -> None:
    renderer = procedural.Settings(kind="renderer")
    of_pictures, of_clips = (renderer.code(task) for task in ("text-to-image", "text-to-video"))
    assert of_clips.items() > of_pictures.items()
    assert "motions" not in of_pictures
    assert procedural.Settings(kind="noise").code("text-to-video") == {}


SMALL = enlarging.small(scenes.parse(CAPTIONS[0]), enlarging.START_SEEDS[3])


def enlarge(seed: int, picture: np.ndarray | None = SMALL, **options: object) -> np.ndarray:
    asked = Model("m", "M", "upscale", "procedural", options)
    with procedural.open_model(asked) as generator:
        raw = generator.generate(Prompt("p", CAPTIONS[0]), seed, picture)
    assert raw.fps is None
    height, width = raw.pixels.shape[:2]
    assert raw.quantities == {"images": 1.0, "pixels": float(width * height)}
    return raw.pixels


@pytest.mark.parametrize("kind", ["renderer", "noise", "bicubic", "lanczos"])
@pytest.mark.parametrize(("factor", "side"), [(None, 128), (3, 192)])
def test_enlarging_multiplies_both_sides(kind: str, factor: int | None, side: int) -> None:
    assert enlarge(0, kind=kind, factor=factor).shape == (side, side, 3)


def test_the_upper_anchor_draws_the_same_drawing_larger() -> None:
    wanted = enlarging.large(scenes.parse(CAPTIONS[0]), enlarging.START_SEEDS[3])
    for seed in (0, 1):
        assert np.array_equal(enlarge(seed, kind="renderer"), wanted)
    assert not np.array_equal(enlarge(0, kind="renderer", imperfection=1.0), wanted)


@pytest.mark.parametrize("kind", ["bicubic", "lanczos"])
def test_plain_enlargement_takes_any_picture_and_leaves_what_is_flat(kind: str) -> None:
    flat = np.full((6, 10, 3), (10, 200, 90), np.uint8)
    made = enlarge(0, flat, kind=kind)
    assert made.shape == (12, 20, 3)
    assert (made == (10, 200, 90)).all()


def test_a_picture_that_is_no_drawing_of_ours_cannot_be_drawn_larger() -> None:
    foreign = SMALL.copy()
    foreign[0, 0, 0] ^= 1
    with pytest.raises(GenerationError, match="none of them") as caught:
        enlarge(0, foreign, kind="renderer")
    assert caught.value.blame == "model"
    with pytest.raises(GenerationError, match="start frame") as missing:
        enlarge(0, None, kind="lanczos")
    assert missing.value.blame == "infrastructure"


@pytest.mark.parametrize(
    ("task", "options", "key"),
    [
        ("text-to-image", {"kind": "bicubic"}, "kind"),
        ("image-to-video", {"kind": "lanczos"}, "kind"),
        ("upscale", {"kind": "still"}, "kind"),
        ("text-to-image", {"kind": "noise", "factor": 2}, "factor"),
        ("upscale", {"kind": "lanczos", "factor": 4}, None),
    ],
)
def test_what_is_for_another_task_is_refused(task: Task, options: dict, key: str | None) -> None:
    fault = procedural.Settings(**options).fault(task)
    assert (fault and fault[0]) == key
    if key is not None:
        with (
            pytest.raises(LoadError, match=f"settings.{key}"),
            procedural.open_model(Model("m", "M", task, "procedural", options)),
        ):
            pass
