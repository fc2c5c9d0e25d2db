"""Weights that could run code are refused, before anything of them is opened."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from evals import backends
from evals.errors import LoadError
from tests.evals import tiny_pipelines
from tests.evals.tiny_pipelines.cases import PROMPT, model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

CODE = """
import pathlib
pathlib.Path(__file__).with_name("ran").touch()
from diffusers import StableDiffusionPipeline
class OwnPipeline(StableDiffusionPipeline):
    pass
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipelines.stable_diffusion(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def opened(folder: Path, **more: Any) -> Any:
    return backends.get("diffusers").open_model(model("stable_diffusion", folder, **more))


def refusal(folder: Path, **more: Any) -> LoadError:
    with pytest.raises(LoadError) as caught, opened(folder, **more):
        pass
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("component", "file", "pickle"),
    [
        ("unet", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
        ("text_encoder", "model.safetensors", "pytorch_model.bin"),
        ("vae", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.ckpt"),
    ],
)
def test_pickles_are_named(folder: Path, component: str, file: str, pickle: str) -> None:
    (folder / component / file).rename(folder / component / pickle)
    error = refusal(folder)
    assert error.kind == "unsafe_weights"
    assert f"{component}/{pickle} is a pickle" in str(error)
    assert "safe_serialization" in str(error)


def test_a_pickle_beside_safetensors_is_not_opened(folder: Path) -> None:
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(b"not even a pickle")
    with opened(folder) as generator:
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)


def with_code(folder: Path) -> Path:
    """Have the folder name a pipeline class in a file beside its index."""
    (folder / "own.py").write_text(CODE)
    index = json.loads((folder / "model_index.json").read_text())
    index["_class_name"] = ["own", "OwnPipeline"]
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def test_code_that_comes_with_weights_is_not_run(folder: Path) -> None:
    error = refusal(with_code(folder))
    assert error.kind == "remote_code"
    assert "own.py is code" in str(error)
    assert "trust_remote_code = true" in str(error)
    assert not list(folder.rglob("ran"))


def test_code_of_a_component_is_not_run(folder: Path) -> None:
    (folder / "unet" / "own.py").write_text(CODE)
    index = json.loads((folder / "model_index.json").read_text())
    index["unet"] = ["own", "OwnUNet"]
    (folder / "model_index.json").write_text(json.dumps(index))
    assert "unet/own.py is code" in str(refusal(folder))


def test_code_that_somebody_trusts_is_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where diffusers copies such code to before it imports it.
    monkeypatch.setattr("diffusers.utils.dynamic_modules_utils.HF_MODULES_CACHE", str(tmp_path))
    with opened(with_code(folder), trust_remote_code=True) as generator:
        assert type(generator.pipeline).__name__ == "OwnPipeline"
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)


def test_a_plain_file_named_pipeline_is_nobodys_business(folder: Path) -> None:
    (folder / "pipeline.py").write_text(CODE)
    with opened(folder) as generator:
        assert type(generator.pipeline).__name__ == "StableDiffusionPipeline"
    assert not list(folder.rglob("ran"))


@pytest.mark.parametrize("text", ["", "[]", "{}", "{"])
def test_an_index_that_is_none_is_one_line(folder: Path, text: str) -> None:
    (folder / "model_index.json").write_text(text)
    assert "model_index.json" in str(refusal(folder))
