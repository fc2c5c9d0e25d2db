"""Every class of pipelines that real models are made of, from its files to a scored generation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import backends, media, record
from tests.evals.tiny_pipelines.cases import (
    CASES,
    PICTURE,
    PROMPT,
    STEPS,
    model,
    saved,
    start_of,
    toml,
)
from tests.evals.worlds import Write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # Mochi asks for half precision while it denoises in full.
    pytest.mark.filterwarnings("ignore:In CPU autocast:UserWarning"),
]

STARTED = [name for name, case in CASES.items() if case.started]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def opened(root: Path, name: str, **more: Any) -> Any:
    return backends.get("diffusers").open_model(model(name, saved(root, name), **more))


@pytest.mark.parametrize("name", CASES)
def test_one_seed_gives_the_same_media_bit_for_bit(root: Path, name: str) -> None:
    start = start_of(name)
    with opened(root, name) as generator:
        assert type(generator.pipeline).__name__ == CASES[name].kind
        first = generator.generate(PROMPT, 7, start)
        other = generator.generate(PROMPT, 8, start)
        again = generator.generate(PROMPT, 7, start)
    with opened(root, name) as generator:
        reloaded = generator.generate(PROMPT, 7, start)
    assert first.pixels.shape == (*CASES[name].shape, 3)
    assert np.isfinite(first.pixels).all()
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.pixels, reloaded.pixels)
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("name", CASES)
def test_it_is_what_diffusers_itself_makes(root: Path, name: str) -> None:
    import diffusers
    import torch

    case = CASES[name]
    pipeline = getattr(diffusers, case.kind).from_pretrained(
        saved(root, name), local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    given: dict[str, Any] = dict(case.call)
    if case.started:
        image = _lanczos(case.size)
        key = "conditioning_frames" if name == "sparse_control" else "image"
        given[key] = image if key == "image" else [image]
    if name != "stable_video":
        given["prompt"] = PROMPT.text
    if case.guidance is not None:
        given["guidance_scale"] = case.guidance
    if len(case.shape) == 3:
        given["num_frames"] = case.shape[0]
    output = pipeline(
        num_inference_steps=STEPS,
        generator=torch.Generator("cpu").manual_seed(7),
        output_type="np",
        **case.size,
        **given,
    )
    wanted = output.frames[0] if len(case.shape) == 3 else output.images[0]
    with opened(root, name) as generator:
        found = generator.generate(PROMPT, 7, start_of(name)).pixels
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def _lanczos(size: dict[str, int]) -> Any:
    from PIL import Image

    image = Image.fromarray(PICTURE)
    if not size:
        return image
    return image.resize((size["width"], size["height"]), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("name", STARTED)
def test_what_is_made_follows_from_the_picture_it_begins_with(root: Path, name: str) -> None:
    from evals.errors import GenerationError

    # At full strength a repainted picture keeps nothing but its noise.
    more = {"arguments": {"strength": 0.5}, "steps": 4} if name == "img2img" else {}
    with opened(root, name, **more) as generator:
        first = generator.generate(PROMPT, 7, PICTURE).pixels
        other = generator.generate(PROMPT, 7, 255 - PICTURE).pixels
        with pytest.raises(GenerationError, match="came without one") as caught:
            generator.generate(PROMPT, 7)
    assert np.abs(first - other).max() > 1e-4
    assert caught.value.blame == "infrastructure"


@pytest.mark.parametrize("name", CASES)
def test_a_registered_folder_is_run_recorded_and_scored(
    data: Path, home: Path, write: Write, root: Path, name: str
) -> None:
    from evals.request import Request
    from evals.run import evaluate

    case = CASES[name]
    frame = 'start_frame = "begin/p1.png"\n' if case.started else ""
    write(
        "suites/begin.toml",
        f'title = "T"\ntask = "{case.task}"\nseeds = [0]\n[[prompts]]\nid = "p1"\n'
        f'text = "{PROMPT.text}"\n{frame}',
    )
    (data / "suites" / "begin").mkdir()
    (data / "suites" / "begin" / "p1.png").write_bytes(media.encode_png(PICTURE))
    write("models/tiny.toml", toml(name, "w", "begin"))
    (data / "w").symlink_to(saved(root, name))
    clip = len(case.shape) == 3
    metric = "temporal_flickering" if clip else "sharpness"
    outcome = evaluate(home, Request("begin", models=("tiny",), metrics=(metric,)), data)
    assert (outcome.counts, outcome.unscored) == ({"ok": 1}, 0)
    [kept] = record.read_all(home)
    [result] = kept.results
    stored = result.generation.media
    assert stored is not None
    assert (stored.height, stored.width) == case.shape[-2:]
    assert (stored.frames, stored.fps) == ((case.shape[0], 8.0) if clip else (1, None))
    [line] = [line for line in kept.scored if line.kind == "generation"]
    [score] = line.scores
    assert score.metric == metric
    assert score.value is not None
