"""LPIPS: torchvision's trunk and torchmetrics' linear layers, in torchmetrics' own network."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.content import hash_file
from evals.encoder_kinds import lpips
from evals.errors import LoadError
from evals.judges.pins import Judge, Preprocessing
from evals.weights import Weights

pytestmark = pytest.mark.slow

SIGNED = (0.5, 0.5, 0.5)
HOW = Preprocessing(96, "squash", "bilinear", resized_as="float32", mean=SIGNED, std=SIGNED)
LINEAR = Path(find_spec("torchmetrics").origin).parent / "functional/image/lpips_models"  # pyright: ignore
TORCHVISION = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet1_1"}


def pinned(path: Path) -> Weights:
    return Weights(path, hash_file(path), path.name)


def trunk(net: str) -> Any:
    """torchvision's network with random weights."""
    import torch
    import torchvision

    torch.manual_seed(0)
    return getattr(torchvision.models, TORCHVISION[net])(weights=None)


def judge_of(folder: Path, net: str) -> Judge:
    """A judge of the two published files: here a random trunk, and the true linear layers."""
    import torch

    torch.save(trunk(net).state_dict(), folder / "trunk.pth")
    heads = {"lpips_diversity": pinned(LINEAR / f"{net}.pth")}
    weights = pinned(folder / "trunk.pth")
    return Judge(
        "d", "D", "lpips", "lpips", weights, architecture=net, preprocessing=HOW, heads=heads
    )


def pictures() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return tuple(rng.integers(0, 256, (100, 130, 3), dtype=np.uint8) for _ in range(2))  # pyright: ignore


@pytest.mark.parametrize("net", lpips.TRUNKS)
def test_distances_are_torchmetrics_own(
    net: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from torchmetrics.functional.image import lpips as theirs

    network = lpips.load(judge_of(tmp_path, net), "cpu")
    # torchmetrics downloads its trunk: it gets the same random one instead.
    monkeypatch.setattr(theirs, "_get_tv_model_features", lambda *_: trunk(net).features)
    one, other = (network.preprocess(row)[None] for row in pictures())
    # Equal weights let pictures that differ little have a distance worth comparing.
    with torch.inference_mode():
        found = network.distance(torch.cat([one, one]), torch.cat([other, one]))
        wanted = theirs.learned_perceptual_image_patch_similarity(
            one.clamp(-1, 1), other.clamp(-1, 1), net_type=net, reduction=None
        )
    assert found.shape == (2,)
    torch.testing.assert_close(found[0], wanted)
    assert found[0] > 1e-5
    assert found[1] == 0


def test_one_file_under_torchmetrics_names_will_do(tmp_path: Path) -> None:
    import torch

    judge = judge_of(tmp_path, "alex")
    network = lpips.load(judge, "cpu")
    torch.save(network._network.state_dict(), tmp_path / "whole.pth")  # pyright: ignore
    whole = replace(judge, weights=pinned(tmp_path / "whole.pth"), heads={})
    again = lpips.load(whole, "cpu")
    one, other = (network.preprocess(row)[None] for row in pictures())
    with torch.inference_mode():
        torch.testing.assert_close(network.distance(one, other), again.distance(one, other))


def test_without_its_linear_layers_it_does_not_load(tmp_path: Path) -> None:
    judge = replace(judge_of(tmp_path, "alex"), heads={})
    with pytest.raises(LoadError, match=r"does not fit: lin0.model.1.weight is missing"):
        lpips.load(judge, "cpu")


def test_another_trunk_or_other_scales_are_refused(tmp_path: Path) -> None:
    judge = judge_of(tmp_path, "alex")
    with pytest.raises(LoadError, match="architecture must be one of alex, vgg, squeeze"):
        lpips.load(replace(judge, architecture="resnet"), "cpu")
    with pytest.raises(LoadError, match=r"LPIPS takes \[-1, 1\]"):
        lpips.load(replace(judge, preprocessing=Preprocessing(96)), "cpu")
    with pytest.raises(LoadError, match="does not fit"):
        lpips.load(replace(judge, architecture="vgg"), "cpu")
