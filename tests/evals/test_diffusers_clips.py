"""Real video and upscale pipelines: tiny random ones, from their files to recorded generations."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import backends, media, record
from evals.errors import GenerationError, LoadError
from evals.types import Model, Prompt, Task
from tests.evals import tiny_pipelines
from tests.evals.worlds import Write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

TEXT = "one red circle"
PICTURE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


@dataclass(frozen=True)
class Case:
    """One class of pipelines, as a model's file and as its own call name things."""

    task: Task
    settings: dict[str, Any]
    call: dict[str, Any]
    shape: tuple[int, ...]


CASES = {
    "animate_diff": Case(
        "text-to-video",
        {"width": 64, "height": 64, "frames": 16},
        {"width": 64, "height": 64, "num_frames": 16},
        (16, 64, 64, 3),
    ),
    "sparse_control": Case(
        "image-to-video",
        {"width": 64, "height": 64, "frames": 16},
        {"width": 64, "height": 64, "num_frames": 16, "controlnet_frame_indices": [0]},
        (16, 64, 64, 3),
    ),
    "wan": Case(
        "text-to-video",
        {"width": 16, "height": 16, "frames": 5},
        {"width": 16, "height": 16, "num_frames": 5},
        (5, 16, 16, 3),
    ),
    "wan_started": Case(
        "image-to-video",
        {"width": 64, "height": 64, "frames": 5},
        {"width": 64, "height": 64, "num_frames": 5},
        (5, 64, 64, 3),
    ),
    "ltx": Case(
        "text-to-video",
        {"width": 32, "height": 32, "frames": 9},
        {"width": 32, "height": 32, "num_frames": 9, "frame_rate": 8.0},
        (9, 32, 32, 3),
    ),
    "upscaler": Case(
        "upscale", {"arguments": {"noise_level": 0}}, {"noise_level": 0}, (128, 128, 3)
    ),
}
STARTED = [name for name, case in CASES.items() if case.task != "text-to-video"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every pipeline, saved as a model's folder is."""
    root = tmp_path_factory.mktemp("weights")
    return {name: getattr(tiny_pipelines, name)(root / name) for name in CASES}


def settings(name: str, folder: Path | str, **more: Any) -> dict[str, Any]:
    rate = {"fps": 8.0} if CASES[name].task.endswith("video") else {}
    common = {"source": str(folder), "steps": 2, "guidance": 1.0, "device": "cpu"}
    return {**common, **rate, **CASES[name].settings, **more}


def opened(name: str, folder: Path, task: Task | None = None, **more: Any) -> Any:
    asked = settings(name, folder, **more)
    model = Model("tiny", "Tiny", task or CASES[name].task, "diffusers", asked)
    return backends.get("diffusers").open_model(model)


def start_of(name: str) -> np.ndarray | None:
    return PICTURE if name in STARTED else None


@pytest.mark.parametrize("name", CASES)
def test_one_seed_gives_the_same_media_bit_for_bit(made: dict[str, Path], name: str) -> None:
    prompt, start = Prompt("p", TEXT), start_of(name)
    with opened(name, made[name]) as generator:
        first = generator.generate(prompt, 7, start)
        other = generator.generate(prompt, 8, start)
        again = generator.generate(prompt, 7, start)
    with opened(name, made[name]) as generator:
        reloaded = generator.generate(prompt, 7, start)
    assert first.pixels.shape == CASES[name].shape
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.pixels, reloaded.pixels)
    assert not np.array_equal(first.pixels, other.pixels)


@pytest.mark.parametrize("name", CASES)
def test_it_is_what_diffusers_itself_makes(made: dict[str, Path], name: str) -> None:
    import torch
    from diffusers import DiffusionPipeline
    from PIL import Image

    pipeline = DiffusionPipeline.from_pretrained(made[name], local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    image = Image.fromarray(PICTURE)
    start = {} if name not in STARTED else {"image": image}
    if name == "sparse_control":
        start = {"conditioning_frames": [image]}
    output = pipeline(
        prompt=TEXT,
        num_inference_steps=2,
        guidance_scale=1.0,
        generator=torch.Generator("cpu").manual_seed(7),
        output_type="np",
        **CASES[name].call,
        **start,
    )
    wanted = output.images[0] if name == "upscaler" else output.frames[0]
    with opened(name, made[name]) as generator:
        found = generator.generate(Prompt("p", TEXT), 7, start_of(name)).pixels
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize("name", STARTED)
def test_what_is_made_follows_from_the_picture_it_begins_with(
    made: dict[str, Path], name: str
) -> None:
    prompt = Prompt("p", TEXT)
    with opened(name, made[name]) as generator:
        first = generator.generate(prompt, 7, PICTURE).pixels
        other = generator.generate(prompt, 7, 255 - PICTURE).pixels
        with pytest.raises(GenerationError, match="came without one") as caught:
            generator.generate(prompt, 7)
    assert np.abs(first - other).max() > 1e-4
    assert caught.value.blame == "infrastructure"


def test_a_clip_is_billed_by_its_length(made: dict[str, Path]) -> None:
    with opened("wan", made["wan"], fps=2.5) as generator:
        raw = generator.generate(Prompt("p", TEXT), 0)
    assert raw.fps == 2.5
    assert raw.quantities == {
        "clips": 1.0,
        "frames": 5.0,
        "pixels": 5.0 * 16 * 16,
        "clip_seconds": 2.0,
        "steps": 2.0,
    }


@pytest.mark.parametrize(
    ("name", "task", "words"),
    [
        ("wan", "image-to-video", "takes no start picture"),
        ("wan_started", "text-to-video", "begins with a picture"),
    ],
)
def test_a_task_that_the_pipeline_cannot_do_is_a_load_failure(
    made: dict[str, Path], name: str, task: Task, words: str
) -> None:
    with pytest.raises(LoadError, match=f"model tiny: .*{words}"), opened(name, made[name], task):
        pass


def test_pictures_in_place_of_a_clip_are_nobodys_defeat(made: dict[str, Path]) -> None:
    """An upscaler that is registered as image-to-video runs, and makes the wrong thing."""
    with (
        opened("upscaler", made["upscaler"], "image-to-video", fps=8.0) as generator,
        pytest.raises(GenerationError, match="without frames") as caught,
    ):
        generator.generate(Prompt("p", TEXT), 0, PICTURE)
    assert caught.value.blame == "infrastructure"


def test_a_clip_model_without_a_rate_is_not_opened(made: dict[str, Path]) -> None:
    with (
        pytest.raises(LoadError, match=r"settings\.fps is missing"),
        opened("wan", made["wan"], fps=None),
    ):
        pass


@pytest.mark.parametrize("name", ["animate_diff", "sparse_control", "upscaler"])
def test_a_registered_folder_is_run_and_recorded(
    data: Path, home: Path, write: Write, made: dict[str, Path], name: str
) -> None:
    from evals.request import Request
    from evals.run import evaluate

    case = CASES[name]
    frame = 'start_frame = "begin/p1.png"\n' if name in STARTED else ""
    write(
        "suites/begin.toml",
        f'title = "T"\ntask = "{case.task}"\nseeds = [0, 1]\n[[prompts]]\nid = "p1"\n'
        f'text = "{TEXT}"\n{frame}',
    )
    (data / "suites" / "begin").mkdir()
    (data / "suites" / "begin" / "p1.png").write_bytes(media.encode_png(PICTURE))
    lines = settings(name, "w")
    arguments = lines.pop("arguments", {})
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in lines.items())
    text += "\n[settings.arguments]\n"
    text += "\n".join(f"{key} = {json.dumps(value)}" for key, value in arguments.items())
    head = f'name = "Tiny"\ntask = "{case.task}"\nbackend = "diffusers"\nsuites = ["begin"]\n'
    write("models/tiny.toml", f"{head}[settings]\n{text}\n")
    (data / "w").symlink_to(made[name])
    request = Request("begin", models=("tiny",), metrics=())
    assert evaluate(home, request, data).counts == {"ok": 2}
    [kept] = record.read_all(home)
    for result in kept.results:
        stored = result.generation.media
        assert stored is not None
        assert (stored.height, stored.width) == case.shape[-3:-1]
        if case.task == "upscale":
            assert stored.fps is None
        else:
            assert (stored.frames, stored.fps) == (case.shape[0], 8.0)
            assert result.generation.quantities["clip_seconds"] == case.shape[0] / 8
