"""What clips are billed by, and pipelines of another task than their model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals import backends
from evals.errors import GenerationError, LoadError
from evals.types import Task
from tests.evals.tiny_pipelines.cases import PICTURE, PROMPT, model, saved

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def opened(root: Path, name: str, task: Task | None = None, **more: Any) -> Any:
    asked = model(name, saved(root, name), task, **more)
    return backends.get("diffusers").open_model(asked)


def test_a_clip_is_billed_by_its_length(root: Path) -> None:
    with opened(root, "wan", fps=2.5) as generator:
        raw = generator.generate(PROMPT, 0)
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
    root: Path, name: str, task: Task, words: str
) -> None:
    with pytest.raises(LoadError, match=f"model tiny: .*{words}"), opened(root, name, task):
        pass


def test_pictures_in_place_of_a_clip_are_nobodys_defeat(root: Path) -> None:
    """An upscaler that is registered as image-to-video runs, and makes the wrong thing."""
    with (
        opened(root, "upscaler", "image-to-video", fps=8.0) as generator,
        pytest.raises(GenerationError, match="without frames") as caught,
    ):
        generator.generate(PROMPT, 0, PICTURE)
    assert caught.value.blame == "infrastructure"


def test_a_clip_model_without_a_rate_is_not_opened(root: Path) -> None:
    with (
        pytest.raises(LoadError, match=r"settings\.fps is missing"),
        opened(root, "wan", fps=None),
    ):
        pass
