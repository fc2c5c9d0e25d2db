"""What goes wrong between a model's file and its media: whose fault it is, and what is left."""

from __future__ import annotations

import errno
import json
import shutil
import weakref
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from evals import backends, generate
from evals.backends import _diffusers_device as devices
from evals.backends._diffusers_device import Place
from evals.backends._diffusers_faults import call_error, load_error
from evals.errors import GenerationError, LoadError
from tests.evals.tiny_pipelines.cases import PROMPT, model, saved

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # Mochi asks for half precision while it denoises in full.
    pytest.mark.filterwarnings("ignore:In CPU autocast:UserWarning"),
]
TIMES = generate.Timing(lambda: datetime(2026, 1, 1, tzinfo=UTC), sleep=lambda seconds: None)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A copy of a pipeline that a test may damage."""
    return Path(shutil.copytree(saved(root, "stable_diffusion"), tmp_path / "copy"))


def opened(folder: Path, name: str = "stable_diffusion", **more: Any) -> Any:
    return backends.get("diffusers").open_model(model(name, folder, **more))


def refusal(folder: Path, **more: Any) -> str:
    with pytest.raises(LoadError) as caught, opened(folder, **more):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


# -- settings that the pipeline cannot keep -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("ltx", {"width": 40}, "divisible by 32"),
        ("z_image", {"width": 40, "height": 8}, "divisible by 16"),
        ("qwen_image", {"width": 40}, "makes width 32 where width = 40"),
        ("wan", {"frames": 8}, "makes frames 9 where frames = 8"),
        ("mochi", {"frames": 10}, "makes frames 7 where frames = 10"),
    ],
)
def test_a_size_that_cannot_be_made_is_not_the_models_defeat(
    root: Path, monkeypatch: pytest.MonkeyPatch, name: str, wrong: dict[str, int], words: str
) -> None:
    with opened(saved(root, name), name, **wrong) as generator:
        if name == "z_image":  # of this tiny one a patch is 4 pixels
            monkeypatch.setattr(generator.pipeline, "vae_scale_factor", 8)
        with pytest.raises(LoadError, match=words) as caught:
            generate.attempt(generator, PROMPT, 0, TIMES)
        assert (caught.value.kind, caught.value.blame) == ("settings", "infrastructure")
        if "makes" in words:
            # The next trial is told the same, and costs nothing.
            monkeypatch.setattr(type(generator.pipeline), "__call__", None)
            with pytest.raises(LoadError, match=words):
                generate.attempt(generator, PROMPT, 1, TIMES)


def test_half_precision_that_overflows_is_named(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    path = folder / "vae" / "diffusion_pytorch_model.safetensors"
    large = {key: torch.full_like(w, 6e4) for key, w in load_file(path).items()}
    save_file(large, path)
    with (
        opened(folder, dtype="float16") as generator,
        pytest.raises(GenerationError, match=r'dtypes = \{ vae = "float32" \}') as caught,
    ):
        generator.generate(PROMPT, 0)
    assert (caught.value.kind, caught.value.blame) == ("invalid_media", "model")


# -- whose fault a failed call is -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("MPS backend out of memory (MPS allocated: 17.9 GB)"), "out_of_memory"),
        (RuntimeError("Invalid buffer size: 14.00 GiB"), "out_of_memory"),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), "device"),
        (
            TypeError("Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't"),
            "device",
        ),
        (
            NotImplementedError("'aten::x' is not currently implemented for the MPS device"),
            "device",
        ),
    ],
)
def test_a_device_that_cannot_is_not_the_models_fault(error: Exception, kind: str) -> None:
    found = call_error(error)
    assert (found.kind, found.blame) == (kind, "infrastructure")


def test_only_the_trial_that_ran_out_of_memory_fails_and_its_memory_is_free(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    held: list[weakref.ref[Any]] = []

    def exhaust(*_: Any, **__: Any) -> None:
        large = torch.zeros(1000)
        held.append(weakref.ref(large))
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    with opened(saved(root, "stable_diffusion")) as generator:
        before = generate.attempt(generator, PROMPT, 0, TIMES).outcome
        with monkeypatch.context() as patch:
            patch.setattr(generator.pipeline.unet, "forward", exhaust)
            failed = generate.attempt(generator, PROMPT, 0, TIMES).outcome
        after = generate.attempt(generator, PROMPT, 0, TIMES).outcome
    assert (failed.kind, failed.blame) == ("out_of_memory", "infrastructure")
    assert [one() for one in held] == [None] * generate.ATTEMPTS
    assert np.array_equal(before.pixels, after.pixels)


def test_what_did_not_load_is_freed_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline that did not fit on the accelerator must not lie beside the next model."""
    held: list[weakref.ref[Any]] = []

    def full(pipeline: Any, place: Place, offload: str | None) -> None:
        held.append(weakref.ref(pipeline.unet))
        raise LoadError("OutOfMemoryError: CUDA out of memory")

    with monkeypatch.context() as patch:
        patch.setattr(devices, "put", full)
        assert "out of memory" in refusal(saved(root, "stable_diffusion"))
    with opened(saved(root, "stable_diffusion")):
        assert held[0]() is None


# -- accelerators, of which none is here ----------------------------------------------------------


@pytest.mark.parametrize(
    ("offload", "wanted"),
    [
        (None, ("to", "cuda")),
        ("model", ("enable_model_cpu_offload", "cuda")),
        ("sequential", ("enable_sequential_cpu_offload", "cuda")),
    ],
)
def test_offloading_reaches_the_pipeline(offload: str | None, wanted: tuple[str, str]) -> None:
    asked: list[tuple[str, str]] = []
    pipeline = SimpleNamespace(
        to=lambda kind: asked.append(("to", kind)),
        enable_model_cpu_offload=lambda device: asked.append(("enable_model_cpu_offload", device)),
        enable_sequential_cpu_offload=lambda device: asked.append(
            ("enable_sequential_cpu_offload", device)
        ),
    )
    devices.put(pipeline, Place("cuda", "cuda"), offload)
    assert asked == [wanted]


def test_blocks_that_torch_keeps_for_itself_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the second of two models is refused for the memory that the first one gave back."""
    import torch

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (10, 100))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 60)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda: 5)
    assert devices.free_bytes("cuda") == 65
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 100)
    monkeypatch.setattr(torch.mps, "driver_allocated_memory", lambda: 90)
    monkeypatch.setattr(torch.mps, "current_allocated_memory", lambda: 20)
    assert devices.free_bytes("mps") == 80


def test_memory_goes_back_to_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    given_back: list[str] = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: given_back.append("cuda"))
    monkeypatch.setattr(torch.mps, "empty_cache", lambda: given_back.append("mps"))
    for kind in ("cuda", "mps", "cpu"):
        devices.release(kind)
    assert given_back == ["cuda", "mps"]


@pytest.mark.parametrize(
    ("limit", "stat", "left"),
    [
        ("1000", "anon 300\nactive_file 150\ninactive_file 350\nfile_dirty 9\n", 700),
        ("1000", "inactive_file 1\ntotal_active_file 150\ntotal_inactive_file 350\n", 700),
        ("max", "active_file 1\n", None),
    ],
)
def test_files_that_a_container_has_read_take_no_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, stat: str, left: int | None
) -> None:
    """A container's use counts the weights that were just downloaded or hashed."""
    for name, text in (("memory.max", limit), ("memory.current", "800"), ("memory.stat", stat)):
        (tmp_path / name).write_text(text)
    unlimited = devices.free_bytes("cpu")
    monkeypatch.setattr(devices, "_CGROUPS", ((str(tmp_path), "memory.max", "memory.current"),))
    found = devices.free_bytes("cpu")
    assert found == left if left is not None else found > unlimited / 2


# -- folders and repositories that are not what they should be ------------------------------------


def test_weights_of_a_variant_alone_say_which(folder: Path) -> None:
    for path in list(folder.rglob("*.safetensors")):
        path.rename(path.with_suffix(".fp16.safetensors"))
    assert 'write variant = "fp16"' in refusal(folder)
    with opened(folder, variant="fp16") as generator:
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)


def test_a_single_file_is_told_from_a_folder(folder: Path) -> None:
    said = refusal(folder / "unet" / "diffusion_pytorch_model.safetensors")
    assert "is a single file" in said
    assert "save_pretrained" in said


def test_a_pipeline_of_a_newer_diffusers_says_so(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(index | {"_class_name": "Of2030Pipeline"}))
    assert "names Of2030Pipeline, which diffusers" in refusal(folder)


@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_a_damaged_shard_is_named(folder: Path, damage: str) -> None:
    from diffusers import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(folder / "unet")
    (folder / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    unet.save_pretrained(folder / "unet", max_shard_size="200KB")
    with opened(folder) as generator:
        assert generator.generate(PROMPT, 0).pixels.shape == (32, 32, 3)
    shard = sorted((folder / "unet").glob("*-of-*.safetensors"))[-1]
    whole = shard.read_bytes()
    shard.unlink()
    if damage == "truncated":
        shard.write_bytes(whole[: len(whole) // 2])
    assert shard.name in refusal(folder)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full", "HF_HOME"),
        (
            ValueError(
                "The repository for o/n contains custom code in own.py which must be executed.\n"
                "pass the argument `trust_remote_code=True`"
            ),
            "remote_code",
            "trust_remote_code = true",
        ),
        (
            OSError("Could not find the necessary `safetensors` weights in {'unet/x.bin'}"),
            "unsafe_weights",
            "safe_serialization",
        ),
    ],
)
def test_what_a_download_ends_with_says_what_to_do(error: Exception, kind: str, words: str) -> None:
    wrapped = RuntimeError("the download failed")
    wrapped.__cause__ = error
    found = load_error(wrapped if kind == "disk_full" else error, "o/n", "0" * 40)
    assert found.kind == kind
    assert words in str(found)
    assert "\n" not in str(found)
