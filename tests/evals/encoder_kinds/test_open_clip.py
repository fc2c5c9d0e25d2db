"""open_clip judges: the pinned file and no other, whichever way its weights are wrapped."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.content import hash_file
from evals.encoder_kinds import Network, open_clip
from evals.errors import LoadError
from evals.judges.pins import CONFIG, WEIGHTS, Judge, Preprocessing
from evals.weights import Weights
from tests.evals.judging import save_judge

pytestmark = pytest.mark.slow

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 40, 3), dtype=np.uint8)
TEXTS = ["a star", "two red circles on grass"]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    folder = tmp_path / "judge"
    save_judge(folder)
    path = folder / WEIGHTS
    pinned = Weights(path, hash_file(path), path.name)
    return Judge("tiny", "Tiny", "tiny", "open_clip", pinned, folder, beside=(CONFIG,))


def embedded(network: Network) -> list[Any]:
    import torch

    with torch.inference_mode():
        return [network.images(network.preprocess(PICTURE)[None]), network.texts(TEXTS)]


def other_file(judge: Judge, name: str, weights: dict[str, Any]) -> Judge:
    """The judge with its weights in a file that torch saved."""
    import torch

    path = judge.weights.path.parent / name  # pyright: ignore
    torch.save(weights, path)
    return replace(judge, weights=Weights(path, hash_file(path), name))


def saved(judge: Judge) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(judge.weights.path)  # pyright: ignore


def test_a_folder_gives_open_clips_own_embeddings(judge: Judge) -> None:
    import open_clip as theirs
    import torch
    from PIL import Image

    name = f"local-dir:{judge.folder}"
    model, _, transform = theirs.create_model_and_transforms(name)
    model.eval()
    with torch.inference_mode():
        image = model.encode_image(transform(Image.fromarray(PICTURE))[None])
        text = model.encode_text(theirs.get_tokenizer(name)(TEXTS))
    network = open_clip.load(judge, "cpu")
    for found, wanted in zip(embedded(network), (image, text), strict=True):
        assert torch.equal(found, wanted)
        assert found.shape[1] == network.width == 16
    assert network.logit_scale == pytest.approx(float(model.logit_scale.detach().exp()))


def test_the_pinned_file_is_read_and_not_the_one_beside_it(judge: Judge) -> None:
    import torch

    changed = {name: value + 0.05 for name, value in saved(judge).items()}
    pinned = other_file(judge, "pinned.pt", changed)
    before, after = (embedded(open_clip.load(item, "cpu")) for item in (judge, pinned))
    assert not torch.allclose(before[0], after[0])


@pytest.mark.parametrize(
    "wrap",
    [
        lambda weights: weights,
        lambda weights: {"state_dict": weights, "epoch": 3},
        lambda weights: {f"module.{name}": value for name, value in weights.items()},
    ],
    ids=["bare", "in state_dict, as HPS", "from several devices"],
)
def test_checkpoints_of_every_wrapping_are_the_same_weights(judge: Judge, wrap: Any) -> None:
    import torch

    wrapped = other_file(judge, "checkpoint.pt", wrap(saved(judge)))
    for found, wanted in zip(
        embedded(open_clip.load(wrapped, "cpu")),
        embedded(open_clip.load(judge, "cpu")),
        strict=True,
    ):
        assert torch.equal(found, wanted)


def test_a_named_architecture_needs_nothing_beside_its_file(
    judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import open_clip as theirs
    import torch

    config = json.loads((judge.folder / CONFIG).read_text())["model_cfg"]  # pyright: ignore
    (tmp_path / "Tiny-16.json").write_text(json.dumps(config))
    theirs.add_model_config(tmp_path / "Tiny-16.json")
    named = replace(judge, folder=None, beside=(), architecture="Tiny-16")
    with pytest.raises(LoadError, match=r"needs a table \[preprocessing\]"):
        open_clip.load(named, "cpu")
    half = (0.5, 0.5, 0.5)
    named = replace(named, preprocessing=Preprocessing(32, mean=half, std=half))
    for found, wanted in zip(
        embedded(open_clip.load(named, "cpu")), embedded(open_clip.load(judge, "cpu")), strict=True
    ):
        assert torch.equal(found, wanted)


def test_weights_that_do_not_fit_are_refused_by_name_and_shape(judge: Judge) -> None:
    weights = saved(judge)
    weights["visual.proj"] = weights["visual.proj"][:, :8]
    with pytest.raises(LoadError, match=r"tiny: less.pt does not fit: visual.proj is \(32, 8\)"):
        open_clip.load(other_file(judge, "less.pt", weights), "cpu")
    del weights["visual.proj"]
    with pytest.raises(LoadError, match=r"visual.proj is missing, where open_clip has \(32, 16\)"):
        open_clip.load(other_file(judge, "none.pt", weights), "cpu")


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_code_in_a_file_is_refused(judge: Judge) -> None:
    """A TorchScript archive, as OpenAI publishes its weights, carries code."""
    import torch

    path = judge.weights.path.parent / "ViT-L-14.pt"  # pyright: ignore
    torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)).save(str(path))  # pyright: ignore
    archive = replace(judge, weights=Weights(path, hash_file(path), path.name))
    with pytest.raises(LoadError, match="holds no readable weights"):
        open_clip.load(archive, "cpu")


def test_nobody_is_told_that_the_weights_are_random(
    judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    open_clip.load(judge, "cpu")
    assert not [line for line in caplog.records if line.levelno >= logging.WARNING]
