"""Real pipelines through diffusers: a tiny random one, saved and loaded as SDXL would be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals import backends, media, registry, revision
from evals.errors import GenerationError, LoadError
from evals.types import Model, Prompt
from tests.evals import tiny_pipelines
from tests.evals.worlds import Write, model_toml

pytestmark = [
    pytest.mark.slow,
    # Notices of the libraries about each other, raised while a pipeline is built or loaded.
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

PROMPT = Prompt("p1", "a red circle")
SETTINGS = {"steps": 2, "guidance": 2.0, "width": 32, "height": 32, "device": "cpu"}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_pipelines.stable_diffusion(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    import shutil

    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def model(folder: Path, **more: object) -> Model:
    settings = {**SETTINGS, "source": str(folder), **more}
    return Model("tiny", "Tiny", "text-to-image", "diffusers", settings)


def opened(folder: Path, **more: object):
    return backends.get("diffusers").open_model(model(folder, **more))


def test_one_seed_gives_one_picture(tiny: Path) -> None:
    with opened(tiny) as generator:
        assert generator.device == "cpu"
        first = generator.generate(PROMPT, 7)
        second = generator.generate(PROMPT, 8)
        again = generator.generate(PROMPT, 7)
    assert first.pixels.shape == (32, 32, 3)
    assert first.quantities == {"images": 1.0, "pixels": 1024.0, "steps": 2.0}
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, second.pixels)
    assert media.to_picture(first.pixels).dtype == np.uint8


def test_it_is_what_diffusers_itself_makes(tiny: Path) -> None:
    import torch
    from diffusers import DiffusionPipeline

    pipeline = DiffusionPipeline.from_pretrained(tiny, local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    wanted = pipeline(
        PROMPT.text,
        num_inference_steps=2,
        guidance_scale=2.0,
        width=32,
        height=32,
        generator=torch.Generator("cpu").manual_seed(7),
        output_type="np",
    ).images[0]
    with opened(tiny) as generator:
        np.testing.assert_allclose(generator.generate(PROMPT, 7).pixels, wanted, atol=1e-5)


def test_nan_weights_give_no_picture(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(path)
    save_file({name: torch.full_like(w, torch.nan) for name, w in weights.items()}, path)
    with opened(folder) as generator:
        raw = generator.generate(PROMPT, 0)
    with pytest.raises(media.MediaError, match="NaN"):
        media.to_picture(raw.pixels)


def test_only_safetensors_are_opened(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file

    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(path), path.with_suffix(".bin"))
    path.unlink()
    with pytest.raises(LoadError, match="safetensors"), opened(folder):
        pass


def test_truncated_weights_are_a_load_failure(folder: Path) -> None:
    path = folder / "unet" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(LoadError) as caught, opened(folder):
        pass
    assert (caught.value.kind, caught.value.blame) == ("load_failed", "infrastructure")
    assert "\n" not in str(caught.value)


def test_weights_that_do_not_fit_are_a_load_failure(folder: Path) -> None:
    path = folder / "unet" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"block_out_channels": [8, 32]}))
    with pytest.raises(LoadError), opened(folder):
        pass


def test_a_folder_of_another_layout_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"model_index\.json is missing"), opened(tmp_path):
        pass


def test_a_misspelt_argument_is_told_at_once(tiny: Path) -> None:
    with (
        pytest.raises(LoadError, match='did you mean "negative_prompt"'),
        opened(tiny, arguments={"negativ_prompt": "blurry"}),
    ):
        pass


def test_an_absent_device_is_told(tiny: Path) -> None:
    import torch

    absent = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(LoadError, match="not available here"), opened(tiny, device=absent):
        pass


@pytest.mark.parametrize(
    ("error", "kind", "blame"),
    [
        (RuntimeError("shapes differ"), "raised", "model"),
        (MemoryError(), "out_of_memory", "infrastructure"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "out_of_memory",
            "infrastructure",
        ),
        (RuntimeError("CUDA error: unspecified launch failure"), "device", "infrastructure"),
    ],
)
def test_failures_are_put_where_they_belong(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str, blame: str
) -> None:
    def fail(self: object, **_: object) -> None:
        raise error

    with opened(tiny) as generator:
        monkeypatch.setattr(type(generator.pipeline.unet), "forward", fail)  # type: ignore[attr-defined]
        monkeypatch.setattr(
            type(generator.pipeline.unet), "__call__", lambda self, *a, **k: fail(self)
        )
        with pytest.raises(GenerationError) as caught:
            generator.generate(PROMPT, 0)
    assert (caught.value.kind, caught.value.blame) == (kind, blame)


def test_a_refusal_is_no_picture(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tiny) as generator:
        checker = type(generator.pipeline)  # type: ignore[attr-defined]
        monkeypatch.setattr(
            checker, "run_safety_checker", lambda self, image, *_: (image * 0, [True])
        )
        with pytest.raises(GenerationError) as caught:
            generator.generate(PROMPT, 0)
    assert (caught.value.kind, caught.value.blame) == ("refused", "model")


def test_a_registered_folder_is_run(data: Path, home: Path, write: Write, tiny: Path) -> None:
    from evals.request import Request
    from evals.run import evaluate

    settings = "\n".join(f"{key} = {json.dumps(value)}" for key, value in SETTINGS.items())
    write("models/tiny.toml", model_toml(f'source = "w"\n{settings}', backend="diffusers"))
    (data / "w").symlink_to(tiny)
    known = registry.load(home, data)
    assert revision.pinned(known, known.model("tiny")).revision
    request = Request("small", models=("tiny",), prompts=1, metrics=())
    assert evaluate(home, request, data).counts == {"ok": 2}


def test_weights_are_freed_at_close_even_if_the_generator_is_kept(folder: Path) -> None:
    """The next model must find the memory of the last one free."""
    import gc
    import weakref

    with opened(folder) as generator:
        weights = weakref.ref(generator.pipeline.unet)
        assert weights() is not None
        frozen = gc.get_freeze_count()
    assert weights() is None
    assert gc.get_freeze_count() < frozen


def test_a_model_that_does_not_load_leaves_the_collector_as_it_was(folder: Path) -> None:
    import gc

    (folder / "model_index.json").write_text("{}")
    before = gc.get_freeze_count()
    with pytest.raises(LoadError), opened(folder):
        pass
    assert gc.get_freeze_count() <= before
