"""LoRAs over a pipeline: made by peft as trainers make them, laid on at a strength."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import backends, registry, revision
from evals.errors import LoadError, RegistryError
from tests.evals import tiny_pipelines
from tests.evals.tiny_pipelines.cases import PROMPT, model, saved, toml
from tests.evals.worlds import Write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

FILE = "style.safetensors"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


def lora(folder: Path, pipeline: Path, seed: int = 0) -> Path:
    """A LoRA of the denoiser of a pipeline, as a trainer saves it: `folder/style.safetensors`."""
    import torch
    from diffusers import DiffusionPipeline
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    loaded: Any = DiffusionPipeline.from_pretrained(pipeline, local_files_only=True)
    part = getattr(loaded, "unet", None) or loaded.transformer
    targets = ["to_q", "to_k", "to_v"]
    part.add_adapter(LoraConfig(r=2, lora_alpha=2, target_modules=targets))
    torch.manual_seed(seed)
    for name, weights in part.named_parameters():
        if "lora_B" in name:  # zero when training begins
            torch.nn.init.normal_(weights, std=1.0)
    layers = {f"{'unet' if hasattr(loaded, 'unet') else 'transformer'}_lora_layers"}
    state = get_peft_model_state_dict(part)
    type(loaded).save_lora_weights(folder, **{layers.pop(): state}, weight_name=FILE)
    return folder


def settings(folder: Path | str, **more: Any) -> dict[str, Any]:
    return {"adapters": [{"source": str(folder), "file": FILE, **more}]}


def made(root: Path, name: str, **more: Any) -> np.ndarray:
    with backends.get("diffusers").open_model(model(name, saved(root, name), **more)) as generator:
        return generator.generate(PROMPT, 7).pixels


@pytest.mark.parametrize("name", ["stable_diffusion", "flux", "wan"])
def test_strength_says_how_much_of_it_is_seen(root: Path, name: str) -> None:
    folder = lora(root / f"lora-{name}", saved(root, name))
    base = made(root, name)
    without = made(root, name, **settings(folder, strength=0.0))
    half, whole = (made(root, name, **settings(folder, strength=s)) for s in (0.5, 1.0))
    np.testing.assert_allclose(without, base, atol=1e-6)
    assert np.abs(whole - base).max() > 1e-4
    assert np.abs(half - whole).max() > 1e-5


def test_two_adapters_are_laid_on_together(root: Path) -> None:
    pipeline = saved(root, "stable_diffusion")
    first, second = (lora(root / f"two-{n}", pipeline, n) for n in range(2))
    both = settings(first)["adapters"] + settings(second, strength=0.7)["adapters"]
    alone = made(root, "stable_diffusion", **settings(first))
    together = made(root, "stable_diffusion", adapters=both)
    assert np.abs(together - alone).max() > 1e-5
    again = made(root, "stable_diffusion", adapters=both[::-1])
    np.testing.assert_allclose(together, again, atol=1e-4)


def refusal(root: Path, adapters: list[dict[str, Any]]) -> str:
    registered = model("stable_diffusion", saved(root, "stable_diffusion"), adapters=adapters)
    with pytest.raises(LoadError) as caught, backends.get("diffusers").open_model(registered):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_an_adapter_of_another_pipeline_is_not_passed_over(root: Path) -> None:
    folder = lora(root / "of-flux", saved(root, "flux"))
    said = refusal(root, settings(folder, name="mine")["adapters"])
    assert "adapter mine" in said


def test_a_missing_adapter_is_named(root: Path) -> None:
    said = refusal(root, settings(root / "nowhere")["adapters"])
    assert f"there is no {FILE}" in said


def test_a_pipeline_that_takes_none_says_so(root: Path) -> None:
    folder = lora(root / "for-svd", saved(root, "stable_diffusion"))
    registered = model("stable_video", saved(root, "stable_video"), **settings(folder))
    with (
        pytest.raises(LoadError, match="takes no adapters"),
        backends.get("diffusers").open_model(registered),
    ):
        pass


@pytest.fixture
def registered(data: Path, write: Write, root: Path) -> Path:
    """A small shipped folder with a pipeline and an adapter; the adapter's file."""
    write("suites/mine.toml", 'title="T"\ntask="text-to-image"\n[[prompts]]\nid="p"\ntext="x"\n')
    (data / "w").symlink_to(saved(root, "stable_diffusion"))
    folder = data / "loras"
    if not (root / "kept").exists():
        lora(root / "kept", saved(root, "stable_diffusion"))
    folder.mkdir()
    (folder / FILE).write_bytes((root / "kept" / FILE).read_bytes())
    return folder / FILE


def pin(data: Path, home: Path, write: Write, **more: Any) -> str:
    write("models/m.toml", toml("stable_diffusion", "w", "mine", **more))
    known = registry.load(home, data)
    return revision.pinned(known, known.model("m")).revision


def test_an_adapter_is_part_of_what_a_model_is(
    data: Path, home: Path, write: Write, registered: Path
) -> None:
    base = pin(data, home, write)
    whole = pin(data, home, write, **settings("loras"))
    half = pin(data, home, write, **settings("loras", strength=0.5))
    assert len({base, whole, half}) == 3
    (registered.parent / "other.safetensors").write_bytes(b"another style")
    assert pin(data, home, write, **settings("loras")) == whole
    registered.parent.rename(data / "moved")
    assert pin(data, home, write, **settings("moved")) == whole
    (data / "moved" / FILE).write_bytes(b"trained on")
    assert pin(data, home, write, **settings("moved")) != whole


def test_an_adapter_is_located_as_a_file(
    data: Path, home: Path, write: Write, registered: Path
) -> None:
    pin(data, home, write, **settings("loras"))
    known = registry.load(home, data)
    located = revision.located(known, known.model("m"))
    assert located.settings["adapters"][0]["source"] == str(registered)
    with backends.get("diffusers").open_model(located) as generator:
        assert generator.pipeline.get_active_adapters() == ["adapter_0"]


@pytest.mark.parametrize(
    ("adapter", "words"),
    [
        ({"file": "style.bin"}, r"adapters\[0\]\.file"),
        ({"file": "../style.safetensors"}, "no file at"),
        ({"strenght": 1.0}, 'did you mean "strength"'),
        ({"strength": 9.0}, "less than or equal to 4"),
        ({"source": "owner/name"}, "no file at"),
        ({"source": "owner/name@"}, "needs a revision"),
    ],
)
def test_a_wrong_adapter_names_its_key(
    data: Path, home: Path, write: Write, registered: Path, adapter: dict[str, Any], words: str
) -> None:
    with pytest.raises(RegistryError, match=words):
        pin(data, home, write, adapters=[{"source": "loras", "file": FILE, **adapter}])


def test_tiny_pipelines_are_all_named() -> None:
    from tests.evals.tiny_pipelines.cases import CASES

    tested = {case.weights or name for name, case in CASES.items()} | {"hidream"}
    assert tested == set(tiny_pipelines.__all__)
