"""What a model's file may change of a pipeline: scheduler, adapters, parts, types, memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import backends
from evals.backends import _diffusers_device as devices
from evals.backends import _diffusers_extras as extras
from evals.backends._diffusers_device import Place
from evals.errors import LoadError
from tests.evals import tiny_pipelines
from tests.evals.tiny_pipelines.cases import PROMPT, model, saved

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def opened(root: Path, name: str = "stable_diffusion", **more: Any) -> Any:
    return backends.get("diffusers").open_model(model(name, saved(root, name), **more))


def made(root: Path, name: str = "stable_diffusion", **more: Any) -> np.ndarray:
    with opened(root, name, **more) as generator:
        return generator.generate(PROMPT, 7).pixels


def refusal(root: Path, name: str = "stable_diffusion", **more: Any) -> LoadError:
    with pytest.raises(LoadError) as caught, opened(root, name, **more):
        pass
    assert "\n" not in str(caught.value)
    return caught.value


def test_another_scheduler_keeps_the_pipelines_configuration(root: Path) -> None:
    with opened(root, scheduler="EulerDiscreteScheduler") as generator:
        scheduler = generator.pipeline.scheduler
        assert type(scheduler).__name__ == "EulerDiscreteScheduler"
        with opened(root) as plain:
            assert scheduler.config.beta_end == plain.pipeline.scheduler.config.beta_end
    assert not np.array_equal(
        made(root, scheduler="EulerDiscreteScheduler", steps=4), made(root, steps=4)
    )


def test_an_argument_of_the_scheduler_alone_keeps_its_class(root: Path) -> None:
    with opened(root, "stable_diffusion_3", scheduler_arguments={"shift": 6.0}) as generator:
        scheduler = generator.pipeline.scheduler
        assert type(scheduler).__name__ == "FlowMatchEulerDiscreteScheduler"
        assert scheduler.config.shift == 6.0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scheduler": "EulerDiscretScheduler"}, 'did you mean "EulerDiscreteScheduler"'),
        ({"scheduler_arguments": {"beta_strat": 0.1}}, 'did you mean "beta_start"'),
        ({"pipeline": "StableDifusionPipeline"}, 'did you mean "StableDiffusionPipeline"'),
        ({"dtypes": {"vea": "float32"}}, 'no component "vea".*did you mean "vae"'),
        ({"arguments": {"num_images_per_prompt": 2}}, "given by every call"),
        ({"variant": "fp16"}, "variant"),
    ],
)
def test_what_does_not_fit_is_one_line(root: Path, settings: dict[str, Any], words: str) -> None:
    import re

    assert re.search(words, str(refusal(root, **settings)))


def test_components_may_be_of_another_type(root: Path) -> None:
    import torch

    types = {"dtype": "bfloat16", "dtypes": {"vae": "float32"}}
    with opened(root, **types) as generator:
        assert generator.pipeline.unet.dtype == torch.bfloat16
        assert generator.pipeline.text_encoder.dtype == torch.bfloat16
        assert generator.pipeline.vae.dtype == torch.float32


def test_large_media_may_be_decoded_in_tiles(root: Path) -> None:
    with opened(root, vae_tiling=True, vae_slicing=True) as generator:
        assert generator.pipeline.vae.use_tiling
        assert generator.pipeline.vae.use_slicing


def test_parts_may_lie_elsewhere(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HiDream's fourth text encoder is another maker's, and ships apart."""
    folder = tiny_pipelines.hidream(root / "hidream" / "pipeline")
    llama = {"source": str(folder.with_name("llama"))}
    writer = {"output_hidden_states": True, "output_attentions": True}
    parts = [
        {"name": "text_encoder_4", "kind": "LlamaForCausalLM", "options": writer, **llama},
        {"name": "tokenizer_4", "kind": "LlamaTokenizer", **llama},
    ]
    # It makes pictures of one area only, whatever is asked for.
    side = {"width": 256, "height": 256}
    registered = model("stable_diffusion", folder, components=parts, steps=1, **side)
    seen: list[dict[str, int]] = []
    monkeypatch.setattr(devices, "check_size", lambda sizes, *_: seen.append(dict(sizes)))
    with backends.get("diffusers").open_model(registered) as generator:
        llama_bytes = 4 * sum(w.numel() for w in generator.pipeline.text_encoder_4.parameters())
        assert seen[0]["text_encoder_4"] == pytest.approx(llama_bytes, rel=0.01)
        assert seen[0]["tokenizer_4"] == 0
        assert type(generator.pipeline).__name__ == "HiDreamImagePipeline"
        first = generator.generate(PROMPT, 7).pixels
        assert not np.array_equal(first, generator.generate(PROMPT, 8).pixels)


def test_the_device_is_chosen_visibly(root: Path) -> None:
    import torch

    with opened(root) as generator:
        assert generator.device == "cpu"
        assert generator.placement == "cpu (as asked for)"
    chosen = devices.choose("auto")
    assert "auto" in chosen.why
    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        assert chosen == Place("cpu", "cpu (auto: no cuda or mps here)")


@pytest.mark.parametrize("offload", ["model", "sequential"])
def test_there_is_nothing_to_offload_from_on_a_processor(root: Path, offload: str) -> None:
    assert "needs an accelerator" in str(refusal(root, offload=offload))


def test_what_is_too_large_is_said_before_it_is_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "free_bytes", lambda kind: 1000)
    error = refusal(root)
    assert error.kind == "too_large"
    assert "GB are free on cpu" in str(error)


def test_the_size_is_that_of_the_weights_once_loaded(root: Path) -> None:
    from evals.backends import _diffusers_files as files

    folder = saved(root, "stable_diffusion")
    parts = files.parts(folder, None)
    with opened(root) as generator:
        for name in ("unet", "vae", "text_encoder"):
            module = getattr(generator.pipeline, name)
            held = sum(p.numel() for p in module.state_dict().values() if p.is_floating_point())
            assert files.size(parts[name], "float32") == pytest.approx(4 * held, rel=0.01)
            assert files.size(parts[name], "bfloat16") == pytest.approx(2 * held, rel=0.01)
    assert parts["scheduler"].files == ()


@pytest.mark.parametrize(
    ("offload", "free", "fits"),
    [
        (None, {"cpu": 10, "cuda": 9}, True),
        (None, {"cpu": 10, "cuda": 8}, False),
        (None, {"cpu": 8, "cuda": 99}, False),
        ("model", {"cpu": 10, "cuda": 6}, True),
        ("model", {"cpu": 10, "cuda": 5}, False),
        ("sequential", {"cpu": 9, "cuda": 1}, True),
    ],
)
def test_offloading_needs_less_of_the_accelerator(
    monkeypatch: pytest.MonkeyPatch, offload: str | None, free: dict[str, int], fits: bool
) -> None:
    monkeypatch.setattr(devices, "free_bytes", lambda kind: free[kind])
    sizes = {"transformer": 6, "text_encoder": 2, "vae": 1}
    place = Place("cuda", "cuda")
    if fits:
        devices.check_size(sizes, place, offload)
    else:
        with pytest.raises(LoadError, match="are free on"):
            devices.check_size(sizes, place, offload)


def test_memory_is_free_on_this_machine() -> None:
    assert devices.free_bytes("cpu") > 1_000_000


def test_a_compiled_denoiser_makes_nearly_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    # Traced as ever, and not translated: that takes minutes on a small machine.
    monkeypatch.setattr(extras, "COMPILER", "eager")
    torch.compiler.reset()
    found = made(root, compile=True)
    np.testing.assert_allclose(found, made(root), atol=1e-3)


def test_what_is_compiled_is_compiled_before_calls_are_timed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(extras, "COMPILER", "eager")
    torch.compiler.reset()
    with opened(root, compile=True) as generator:
        before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
        assert before > 0
        generator.generate(PROMPT, 7)
        assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == before


def test_what_cannot_be_compiled_is_a_load_failure(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def refuse(graph: object, inputs: object) -> object:
        raise RuntimeError("no compiler here")

    monkeypatch.setattr(extras, "COMPILER", refuse)
    torch.compiler.reset()
    assert "compile: " in str(refusal(root, compile=True))
