"""What a run would download is said before it happens: size, licence, leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals import commands, downloads, hub, registry, revision
from evals.backends import _diffusers_files as files
from evals.hub import Listing
from tests.evals.hub import COMMIT, put
from tests.evals.worlds import Write, model_toml

PLAIN = {
    "model_index.json": 1,
    "unet/config.json": 2,
    "unet/diffusion_pytorch_model.safetensors": 100,
    "unet/diffusion_pytorch_model.bin": 1000,
    "unet/diffusion_pytorch_model.fp16.safetensors": 50,
    "text_encoder/model.safetensors": 60,
    "text_encoder/model-00001-of-00002.safetensors": 30,
    "text_encoder/model-00002-of-00002.safetensors": 31,
    "text_encoder/model.safetensors.index.json": 3,
    "tokenizer/vocab.json": 4,
    "whole.safetensors": 5000,
    "README.md": 6000,
}
SETTINGS = f"""source = "owner/name"
revision = "{COMMIT}"
steps = 2

[[settings.adapters]]
source = "owner/style@{COMMIT}"
file = "ink.safetensors"

[[settings.components]]
name = "text_encoder_4"
source = "owner/words@{COMMIT}"
kind = "LlamaForCausalLM"
"""
HUB = {
    "owner/name": Listing(PLAIN, True, False, "theirs"),
    "owner/style": Listing({"ink.safetensors": 7, "other.safetensors": 8}, False, True, "mit"),
    "owner/words": Listing(
        {"model.safetensors": 9, "config.json": 1, "a/b.json": 2}, False, True, None
    ),
}


def ask(repository: str, commit: str) -> Listing:
    assert commit == COMMIT
    return HUB[repository]


@pytest.mark.parametrize(
    ("variant", "size"), [(None, 1 + 2 + 100 + 61 + 3 + 4), ("fp16", 1 + 2 + 50 + 61 + 3 + 4)]
)
def test_one_set_of_weights_of_each_component_is_counted(variant: str | None, size: int) -> None:
    told = Listing(PLAIN, False, True, None)
    assert told.absent(files.needed(PLAIN, variant), Path("nowhere")) == size


@given(st.sets(st.sampled_from(sorted(PLAIN))), st.sampled_from([None, "fp16", "bf16"]))
def test_nothing_is_needed_that_the_repository_lacks(names: set[str], variant: str | None) -> None:
    found = files.needed(names, variant)
    assert found <= names
    assert not any(name.endswith((".bin", ".md")) for name in found)


@pytest.fixture
def known(data: Path, home: Path, write: Write, hub_cache: Path) -> registry.Registry:
    text = model_toml(SETTINGS, 'needs = ["weights"]', backend="diffusers")
    write("models/m.toml", text)
    return registry.load(home, data)


def pinned(known: registry.Registry) -> Any:
    return revision.pinned(known, known.model("m"))


def test_each_repository_is_said_with_its_terms(known: registry.Registry) -> None:
    pipeline, words, style = downloads.ahead(known, [pinned(known)], ask)
    assert (pipeline.repository, pipeline.bytes, pipeline.licence) == ("owner/name", 171, "theirs")
    assert (words.repository, words.bytes) == ("owner/words", 10)
    assert (style.repository, style.bytes, style.licence) == ("owner/style", 7, "mit")
    said = pipeline.told(free=100)
    assert "gated: accept its terms at https://huggingface.co/owner/name" in said
    assert "are free" in said
    assert "gated" not in style.told(free=100)


def test_what_is_here_is_not_downloaded(known: registry.Registry, hub_cache: Path) -> None:
    put(hub_cache, "owner/style", "ink.safetensors", b"x")
    put(hub_cache, "owner/name", "unet/diffusion_pytorch_model.safetensors", b"x")
    pipeline, words = downloads.ahead(known, [pinned(known)], ask)
    assert (pipeline.bytes, words.bytes) == (71, 10)


def test_a_hub_that_does_not_answer_is_asked_once(known: registry.Registry) -> None:
    asked: list[str] = []

    def silent(repository: str, commit: str) -> Listing:
        asked.append(repository)
        raise ConnectionError("refused")

    found = downloads.ahead(known, [pinned(known)], silent)
    assert len(asked) == 1
    assert [one.bytes for one in found] == [None] * 3
    assert "did not answer (ConnectionError)" in found[2].told(free=0)


def test_models_that_need_no_weights_ask_nobody(data: Path, home: Path) -> None:
    known = registry.load(home, data)
    models = [revision.pinned(known, model) for model in known.models.values()]
    assert downloads.ahead(known, models, ask) == ()


def test_a_plan_says_it(
    known: registry.Registry, data: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    commands.register(app)
    monkeypatch.setattr("evals.home.data_root", lambda: data)
    monkeypatch.setattr("evals.registry.data_root", lambda: data)
    monkeypatch.setattr(downloads.ahead, "__defaults__", (ask,))
    monkeypatch.setattr(hub, "free_space", lambda: 10**12)
    given = ["plan", "-s", "small", "-m", "m", "--metric", "sharpness", "--home", str(home)]
    told = CliRunner().invoke(app, given)
    assert told.exit_code == 0, told.output
    assert "note: m: owner/name, 0.0 GB, will be downloaded; licence theirs; gated" in told.stderr
    body = json.loads(CliRunner().invoke(app, [*given, "--json"]).stdout)
    assert [one["bytes"] for one in body["downloads"]] == [171, 10, 7]
