"""The shipped facts are whole, sourced, and read strictly."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evals import registry
from evals.compute import files
from evals.errors import RegistryError
from evals.home import data_root
from tests.evals.compute.published import LLMS, MFU, PUBLISHED


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of what ships, to be damaged."""
    root = tmp_path / "data"
    for name in ("architectures", "compute"):
        shutil.copytree(data_root() / name, root / name)
    return root


def test_everything_published_ships_with_its_source() -> None:
    known, facts = files.architectures(), files.facts()
    assert set(PUBLISHED) <= set(known)
    assert set(LLMS) == set(facts.llms)
    assert {(one.model, one.gpu, one.seconds) for one in facts.latencies} == set(MFU)
    sources = [one.source for one in (*facts.gpus, *facts.latencies, *facts.llms.values())]
    for model in known.values():
        sources += [model.network.source, model.vae.source, model.defaults.source]
        sources.append(model.text.source)
    assert all(sources)


def test_the_models_that_an_architecture_names_are_registered(tmp_path: Path) -> None:
    known = registry.load(tmp_path)
    for architecture in files.architectures().values():
        for name in architecture.models:
            model = known.model(name)
            assert model.settings["source"] in architecture.sources


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("architectures/sd1.5.toml", "steps = 50", "step = 50", 'unknown key "defaults.step"'),
        ("architectures/sd1.5.toml", "spatial = 8", "spatial = 0", 'key "vae.spatial"'),
        ("architectures/sd1.5.toml", "clip-l = 77", "clip-m = 77", "text.encoders.clip-m"),
        ("architectures/sd1.5.toml", "[defaults]", "[defaults]\nfps = 8.0", "defaults.fps"),
        ("architectures/mochi-1-preview.toml", "fps = 30", "", 'key "defaults.fps": is missing'),
        ("architectures/hunyuanvideo1.5-480p.toml", "[1000,", "[999,", "must add up to tokens"),
        ("compute/gpus.toml", "flops = 9", "flops = -9", 'key "H100-SXM.flops"'),
        ("compute/latencies.toml", '"H100-SXM"', '"H100-SXN"', "latencies[0].gpu"),
        ("compute/latencies.toml", '"flux.1-dev"', '"flux.1-dex"', 'no "flux.1-dex"; did you'),
        ("compute/llm.toml", 'class = "Llama', 'class = "llama', "llama-3.1-8b.class"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(
    shipped: Path, file: str, old: str, new: str, message: str
) -> None:
    path = shipped / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(RegistryError) as caught:
        files.facts(shipped)
    assert path.name in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
