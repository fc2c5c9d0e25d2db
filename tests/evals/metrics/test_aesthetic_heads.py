"""The aesthetic heads do what the published networks do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from evals import metrics
from evals.metrics import laion_aesthetic

pytestmark = pytest.mark.slow


def laion_network() -> Any:
    """LAION's network as its authors publish it, at full width, with random weights."""
    import torch
    from torch.nn import Dropout, Linear, Sequential

    class Published(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = Sequential(
                Linear(768, 1024),
                Dropout(0.2),
                Linear(1024, 128),
                Dropout(0.2),
                Linear(128, 64),
                Dropout(0.1),
                Linear(64, 16),
                Linear(16, 1),
            )

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Published().double().eval()


def embeddings() -> Any:
    import torch

    return 30 * torch.randn(5, 768, generator=torch.Generator().manual_seed(1))


def score(name: str, embedding: Any, head: Mapping[str, Any]) -> float:
    metric = metrics.get(name).build()
    metric.update(image_embedding=embedding, head=head)
    return float(metric.compute())


def test_laions_layers_in_a_row_are_the_one_affine_map() -> None:
    import torch

    network = laion_network()
    head = network.state_dict()
    weight, bias = laion_aesthetic.affine(head)
    assert weight.shape == (768,)
    for embedding in embeddings():
        length_1 = torch.nn.functional.normalize(embedding.double(), dim=0)
        with torch.no_grad():
            wanted = float(network.layers(length_1))
        assert float(weight @ length_1 + bias) == pytest.approx(wanted, abs=1e-12)
        assert score("laion_aesthetic", embedding, head) == pytest.approx(wanted, abs=1e-12)
        assert score("laion_aesthetic", 8 * embedding, head) == pytest.approx(wanted, abs=1e-12)


def test_vbenchs_head_is_a_tenth_of_a_linear_layer() -> None:
    import torch

    layer = torch.nn.Linear(768, 1).eval()
    for embedding in embeddings():
        with torch.no_grad():
            wanted = float(layer(torch.nn.functional.normalize(embedding, dim=0))) / 10
        found = score("vbench_aesthetic", embedding, layer.state_dict())
        assert found == pytest.approx(wanted, abs=1e-6)


def test_another_head_is_refused() -> None:
    import torch

    head = dict(laion_network().state_dict())
    embedding = embeddings()[0]
    for odd in (
        {name: value for name, value in head.items() if name != "layers.7.bias"},
        head | {"layers.1.weight": torch.ones(1)},
        {"weight": torch.ones(1, 768), "bias": torch.ones(1)},
    ):
        with pytest.raises(ValueError, match="is missing or unknown"):
            score("laion_aesthetic", embedding, odd)
    with pytest.raises(ValueError, match=r"layers\.4 does not fit"):
        score("laion_aesthetic", embedding, head | {"layers.4.weight": torch.ones(63, 128)})
    with pytest.raises(ValueError, match="takes 768 numbers, not 512"):
        score("laion_aesthetic", embedding[:512], head)
    for odd in (head, {"weight": torch.ones(1, 512), "bias": torch.ones(1)}):
        with pytest.raises(ValueError, match="no linear layer of 768"):
            score("vbench_aesthetic", embedding, odd)
