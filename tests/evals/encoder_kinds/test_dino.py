"""A vision transformer without words as a judge: transformers' own output, from its own files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import encoders, registry
from evals.content import hash_file
from evals.encoder_kinds import dino
from evals.errors import LoadError, ScoreError
from evals.judges.pins import Judge, Preprocessing
from evals.weights import Weights

pytestmark = pytest.mark.slow

SIZE = 32
SHAPE = {"hidden_size": 24, "intermediate_size": 48, "num_attention_heads": 3}
SHAPE |= {"num_hidden_layers": 2, "image_size": SIZE, "patch_size": 8}


def network() -> Any:
    """A small random one, with the pooler that published files carry."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(0)
    model = ViTModel(ViTConfig(**SHAPE))
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value), alpha=0.2)
    return model.eval()


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """The model as the hub lays it out."""
    folder = tmp_path / "model"
    network().save_pretrained(folder)
    path = folder / "model.safetensors"
    return Judge(
        "eye",
        "Eye",
        "dino",
        "dino",
        Weights(path, hash_file(path), path.name),
        folder,
        dino.BESIDE,
        preprocessing=Preprocessing(SIZE, "squash"),
        micro_batch=3,
    )


def pictures(count: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (count, 20, 28, 3), dtype=np.uint8)


def test_an_embedding_is_the_first_token_of_transformers_own_network(judge: Judge) -> None:
    import torch

    loaded = dino.load(judge, "cpu")
    inputs = torch.stack([loaded.preprocess(picture) for picture in pictures(4)])
    with torch.inference_mode():
        found = loaded.images(inputs)
        wanted = network()(pixel_values=inputs).last_hidden_state[:, 0]
    torch.testing.assert_close(found, wanted)
    assert found.shape == (4, loaded.width) == (4, 24)
    assert torch.pdist(found).min() > 1e-3  # else everything would be equal


def test_the_file_has_the_published_names(judge: Judge) -> None:
    """Those of facebook/dino-vitb16, so that what loads here loads there too."""
    from evals.judges import checkpoints

    assert judge.weights.path is not None
    names = set(checkpoints.read(judge.weights.path))
    assert "encoder.layer.1.attention.attention.query.weight" in names
    assert "encoder.layer.0.attention.output.dense.bias" in names
    assert "pooler.dense.weight" in names


def test_a_frame_is_embedded_alike_alone_and_among_others(judge: Judge) -> None:
    import torch

    encoder = encoders.open_judge(judge)
    shown = [("", lambda picture=picture: picture) for picture in pictures(5)]
    together = encoder.images(shown)
    alone = [encoder.images([each])[0] for each in shown]
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, torch.Tensor)
        assert isinstance(other, torch.Tensor)
        assert torch.equal(one, other)


def test_it_reads_no_words(judge: Judge) -> None:
    with pytest.raises(ScoreError, match="reads no texts"):
        dino.load(judge, "cpu").texts(["a star"])


def test_weights_that_do_not_fit_are_refused_by_name(judge: Judge) -> None:
    import torch
    from safetensors.torch import save_file

    from evals.judges import checkpoints

    assert judge.weights.path is not None
    weights = dict(checkpoints.read(judge.weights.path))
    del weights["encoder.layer.1.intermediate.dense.bias"]
    weights["head.weight"] = torch.zeros(3)
    save_file(weights, judge.weights.path)
    with pytest.raises(LoadError, match=r"does not fit: head.weight .* where dino has nothing"):
        dino.load(judge, "cpu")


def test_pictures_of_another_size_than_the_networks_are_refused(judge: Judge) -> None:
    with pytest.raises(LoadError, match=r"preprocessing\.size is 40, and the network is for 32"):
        dino.load(replace(judge, preprocessing=Preprocessing(40)), "cpu")
    with pytest.raises(LoadError, match=r"needs a table \[preprocessing\]"):
        dino.load(replace(judge, preprocessing=None), "cpu")


def test_the_published_judge_has_the_published_shape(tmp_path: Path) -> None:
    """DINO ViT-B/16 by shape alone: 224 pixels in patches of 16; nothing is allocated."""
    import torch
    from transformers import ViTConfig, ViTModel

    shipped = registry.load(tmp_path).judge("dino-vitb16")
    assert shipped.preprocessing is not None
    config = ViTConfig(image_size=shipped.preprocessing.size, patch_size=16)
    with torch.device("meta"):
        state = ViTModel(config, add_pooling_layer=False).state_dict()
    assert state["embeddings.position_embeddings"].shape == (1, 197, 768)
    assert len({name.split(".")[1] for name in state if name.startswith("layers.")}) == 12
