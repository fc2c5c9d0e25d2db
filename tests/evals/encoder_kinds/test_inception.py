"""The FID network: the published file's names, and pooling that differs from torchvision's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.content import hash_file
from evals.encoder_kinds import Network, inception
from evals.errors import LoadError
from evals.judges.pins import Judge, Preprocessing
from evals.weights import Weights

pytestmark = pytest.mark.slow

LEVELS = (128 / 255,) * 3
HOW = Preprocessing(299, "squash", "bilinear", resized_as="float32", mean=LEVELS, std=LEVELS)


def lively() -> Any:
    """The network with random weights under which its features differ."""
    import torch

    torch.manual_seed(0)
    network = inception.build()
    for module in network.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, std=0.1)
            module.running_mean.normal_(0, 0.1)  # pyright: ignore
            module.running_var.uniform_(0.5, 1.5)  # pyright: ignore
    return network


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    path = tmp_path_factory.mktemp("inception") / "inception.pth"
    torch.save(lively().state_dict(), path)
    return path


def judge_of(path: Path) -> Judge:
    pinned = Weights(path, hash_file(path), path.name)
    return Judge("fid", "FID", "inception", "inception", pinned, preprocessing=HOW)


@pytest.fixture(scope="module")
def network(weights: Path) -> Network:
    return inception.load(judge_of(weights), "cpu")


def test_names_are_those_of_torchvisions_network_with_1008_classes() -> None:
    from torchvision.models import Inception3

    theirs = Inception3(num_classes=1008, aux_logits=False, init_weights=False)
    shapes = {name: value.shape for name, value in theirs.state_dict().items()}
    ours = {name: value.shape for name, value in inception.build().state_dict().items()}
    assert ours == shapes


def test_features_are_the_last_pooling_and_go_on_to_the_classes(
    network: Network, weights: Path
) -> None:
    import torch

    picture = np.random.default_rng(0).integers(0, 256, (120, 90, 3), dtype=np.uint8)
    inputs = network.preprocess(picture)[None]
    with torch.inference_mode():
        features = network.images(inputs)
        whole = lively().eval()
        torch.testing.assert_close(whole.fc(features), whole(inputs))
    assert features.shape == (1, network.width) == (1, 2048)
    assert features.std() > 0.01


def test_averages_leave_the_padding_out_and_the_last_block_takes_the_maximum() -> None:
    """Over a constant map an average that counted zeros around it would fall off at its edges."""
    import torch

    network = lively().eval()
    blocks = {"Mixed_5b": 192, "Mixed_6c": 768, "Mixed_7b": 1280, "Mixed_7c": 2048}
    for name, channels in blocks.items():
        block = getattr(network, name)
        with torch.inference_mode():
            constant = torch.ones(1, channels, 5, 5)
            pooled = block._forward(constant)[-1]
            torch.testing.assert_close(pooled, pooled[..., 2:3, 2:3].expand_as(pooled))
            spike = torch.zeros(1, channels, 5, 5)
            spike[:, :, 2, 2] = 9.0
            seen = block._forward(spike)[-1][..., 1:4, 1:4]
            torch.testing.assert_close(seen, seen[..., :1, :1].expand_as(seen))
            level = 9.0 if name == "Mixed_7c" else 1.0
            wanted = block.branch_pool(torch.full_like(constant, level))[..., :1, :1]
            torch.testing.assert_close(seen[..., 1:2, 1:2], wanted)


def test_it_is_torchmetrics_network_where_that_can_be_built(
    network: Network, weights: Path
) -> None:
    pytest.importorskip("torch_fidelity")
    import torch
    from torchmetrics.image.fid import NoTrainInceptionV3

    theirs = NoTrainInceptionV3("fid", ["2048"], str(weights))
    pictures = np.random.default_rng(1).integers(0, 256, (2, 150, 220, 3), dtype=np.uint8)
    with torch.inference_mode():
        found = network.images(torch.stack([network.preprocess(row) for row in pictures]))
        wanted = theirs(torch.from_numpy(pictures).permute(0, 3, 1, 2))
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def test_counters_of_training_may_be_missing_and_nothing_else(
    weights: Path, tmp_path: Path
) -> None:
    import torch

    saved = torch.load(weights, weights_only=True)
    bare = {name: value for name, value in saved.items() if "num_batches" not in name}
    torch.save(bare, tmp_path / "bare.pth")
    inception.load(judge_of(tmp_path / "bare.pth"), "cpu")
    del bare["Mixed_6a.branch3x3.conv.weight"]
    torch.save(bare, tmp_path / "less.pth")
    with pytest.raises(LoadError, match=r"judge fid: less.pth does not fit: Mixed_6a.*is missing"):
        inception.load(judge_of(tmp_path / "less.pth"), "cpu")
