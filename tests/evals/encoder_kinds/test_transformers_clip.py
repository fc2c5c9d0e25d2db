"""A transformers CLIP as a judge, and the same weights in open_clip."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.content import hash_file
from evals.encoder_kinds import open_clip, transformers_clip
from evals.encoder_kinds._convert import is_transformers_clip, to_open_clip
from evals.errors import LoadError
from evals.home import data_root
from evals.judges.pins import CONFIG, Judge, Preprocessing
from evals.weights import Weights

pytestmark = pytest.mark.slow

SIZE, PATCH, CONTEXT, VOCABULARY = 32, 8, 20, 154
TOWER = {"hidden_size": 24, "intermediate_size": 96, "num_attention_heads": 3}
TOWER |= {"num_hidden_layers": 2}
END = 1
"""End of text in the vocabulary of the calibration world's tokenizer, which is borrowed here."""


def clip(activation: str) -> Any:
    """A small random CLIP whose towers both tell inputs apart."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    tower = TOWER | {"hidden_act": activation}
    config = CLIPConfig(
        text_config=tower
        | {
            "vocab_size": VOCABULARY,
            "max_position_embeddings": CONTEXT,
            "eos_token_id": END,
            "bos_token_id": 0,
            "pad_token_id": END,
        },
        vision_config=tower | {"image_size": SIZE, "patch_size": PATCH},
        projection_dim=16,
    )
    torch.manual_seed(0)
    model = CLIPModel(config)
    with torch.no_grad():
        for value in model.parameters():
            value.add_(torch.randn_like(value), alpha=0.2)
    return model.eval()


def open_clip_config(activation: str) -> dict[str, Any]:
    """The same architecture in open_clip's words."""
    tower = {"layers": 2, "width": 24}
    return {
        "embed_dim": 16,
        "quick_gelu": activation == "quick_gelu",
        "vision_cfg": tower | {"image_size": SIZE, "patch_size": PATCH, "head_width": 8},
        "text_cfg": tower
        | {"context_length": CONTEXT, "vocab_size": VOCABULARY, "heads": 3}
        | {"pool_type": "eos", "eos_id": END, "pad_id": END, "hf_tokenizer_name": "tokenizer"},
    }


def pictures(count: int) -> Any:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (count, 40, 60, 3), dtype=np.uint8)


@pytest.fixture(params=["quick_gelu", "gelu"])
def activation(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def judge(tmp_path: Path, activation: str) -> Judge:
    """The model as the hub lays it out: config, weights, tokenizer."""
    folder = tmp_path / "model"
    clip(activation).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(data_root() / "reference" / "judge" / name, folder)
    path = folder / "model.safetensors"
    return Judge(
        "pick",
        "Pick",
        "clip",
        "transformers_clip",
        Weights(path, hash_file(path), path.name),
        folder,
        transformers_clip.BESIDE,
        preprocessing=Preprocessing(SIZE),
    )


def test_converted_weights_give_the_same_embeddings(activation: str) -> None:
    import torch
    from open_clip.model import CLIP

    theirs = clip(activation)
    settings = open_clip_config(activation)
    del settings["text_cfg"]["hf_tokenizer_name"]
    ours = CLIP(**settings).eval()
    missing, unknown = ours.load_state_dict(to_open_clip(theirs.state_dict()), strict=False)
    assert (missing, unknown) == ([], [])

    rng = torch.Generator().manual_seed(1)
    inputs = torch.randn(5, 3, SIZE, SIZE, generator=rng)
    tokens = torch.randint(2, VOCABULARY, (5, CONTEXT), generator=rng)
    tokens[:, 0] = 0
    for row, end in enumerate((3, 7, 12, 19, 15)):
        tokens[row, end:] = END
    with torch.inference_mode():
        pairs = [
            (ours.encode_image(inputs), theirs.get_image_features(inputs).pooler_output),
            (ours.encode_text(tokens), theirs.get_text_features(tokens).pooler_output),
        ]
    for found, wanted in pairs:
        unit = torch.nn.functional.normalize
        assert (unit(found) - unit(wanted)).abs().max() < 1e-5
        torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-5)
        assert torch.pdist(unit(wanted)).min() > 1e-2  # else everything would be equal
    assert torch.equal(ours.logit_scale, theirs.logit_scale)


@pytest.mark.parametrize(
    ("name", "image", "text", "projection", "side"),
    [
        ("ViT-L-14-quickgelu", (1024, 24, 16), (768, 12, 12), 768, 224),
        ("ViT-L-14-336-quickgelu", (1024, 24, 16), (768, 12, 12), 768, 336),
        ("ViT-H-14", (1280, 32, 16), (1024, 24, 16), 1024, 224),
    ],
)
def test_published_architectures_convert_name_by_name(
    name: str,
    image: tuple[int, int, int],
    text: tuple[int, int, int],
    projection: int,
    side: int,
) -> None:
    """OpenAI's two and PickScore's, by shape alone: nothing is allocated."""
    import open_clip as library
    import torch
    from transformers import CLIPConfig, CLIPModel

    keys = ("hidden_size", "num_hidden_layers", "num_attention_heads")
    towers = [dict(zip(keys, sizes, strict=True)) for sizes in (image, text)]
    for tower in towers:
        tower["intermediate_size"] = 4 * tower["hidden_size"]
    config = CLIPConfig(
        vision_config=towers[0] | {"image_size": side, "patch_size": 14},
        text_config=towers[1],
        projection_dim=projection,
    )
    with torch.device("meta"):
        theirs = to_open_clip(CLIPModel(config).state_dict())
        ours = library.model.CLIP(**library.get_model_config(name)).state_dict()
    assert {k: v.shape for k, v in theirs.items()} == {k: v.shape for k, v in ours.items()}


def test_the_wrong_activation_is_another_network() -> None:
    """What asking open_clip for ViT-L-14 instead of ViT-L-14-quickgelu would do."""
    import torch
    from open_clip.model import CLIP

    settings = open_clip_config("gelu")
    del settings["text_cfg"]["hf_tokenizer_name"]
    wrong = CLIP(**settings).eval()
    theirs = clip("quick_gelu")
    wrong.load_state_dict(to_open_clip(theirs.state_dict()))
    inputs = torch.randn(2, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = wrong.encode_image(inputs)
        wanted = theirs.get_image_features(inputs).pooler_output
    assert (found - wanted).abs().max() > 1e-3


def test_both_kinds_of_judge_embed_alike(judge: Judge, activation: str) -> None:
    import torch

    network = transformers_clip.load(judge, "cpu")
    tokenizer_dir = judge.folder / "tokenizer"  # pyright: ignore
    tokenizer_dir.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(judge.folder / name, tokenizer_dir)  # pyright: ignore
    config = {"model_cfg": open_clip_config(activation), "preprocess_cfg": {}}
    config["model_cfg"]["text_cfg"]["hf_tokenizer_name"] = str(tokenizer_dir)
    (judge.folder / CONFIG).write_text(json.dumps(config))  # pyright: ignore
    other = open_clip.load(replace(judge, kind="open_clip", beside=(CONFIG,)), "cpu")
    inputs = torch.stack([network.preprocess(row) for row in pictures(2)])
    texts = ["a red circle", "two blue squares on sand"]
    assert network.width == other.width == 16
    assert network.logit_scale == pytest.approx(other.logit_scale)
    with torch.inference_mode():
        torch.testing.assert_close(network.images(inputs), other.images(inputs))
        torch.testing.assert_close(network.texts(texts), other.texts(texts))
        assert not torch.allclose(*network.texts(texts))


def test_a_text_is_the_same_alone_and_among_others_and_may_be_long(judge: Judge) -> None:
    import torch

    network = transformers_clip.load(judge, "cpu")
    long = "red circle " * 50
    with torch.inference_mode():
        together = network.texts(["a star", long])
        torch.testing.assert_close(together[:1], network.texts(["a star"]))
    assert bool(together.isfinite().all())


def test_weights_saved_by_older_versions_are_read_too(judge: Judge) -> None:
    """`pytorch_model.bin` with the counters of positions that were saved once."""
    import torch
    from safetensors.torch import load_file

    weights: dict[str, Any] = load_file(judge.weights.path)  # pyright: ignore
    for tower, count in (("text_model", CONTEXT), ("vision_model", (SIZE // PATCH) ** 2 + 1)):
        weights[f"{tower}.embeddings.position_ids"] = torch.arange(count)[None]
    path = judge.folder / "pytorch_model.bin"  # pyright: ignore
    torch.save(weights, path)
    older = replace(judge, weights=Weights(path, hash_file(path), path.name))
    inputs = torch.zeros(1, 3, SIZE, SIZE)
    first, second = (transformers_clip.load(item, "cpu") for item in (judge, older))
    with torch.inference_mode():
        assert torch.equal(first.images(inputs), second.images(inputs))


def test_what_is_no_clip_is_refused_by_name() -> None:
    import torch

    weights = dict(clip("gelu").state_dict())
    assert is_transformers_clip(weights)
    assert not is_transformers_clip(to_open_clip(weights))
    with pytest.raises(
        LoadError, match=r"'vision_model.encoder.layers.0.gate.weight' is no weight"
    ):
        to_open_clip(weights | {"vision_model.encoder.layers.0.gate.weight": torch.zeros(1)})
    with pytest.raises(LoadError, match=r"'lm_head.weight' is no weight"):
        to_open_clip(weights | {"lm_head.weight": torch.zeros(1)})
    del weights["text_model.encoder.layers.1.self_attn.v_proj.bias"]
    with pytest.raises(
        LoadError, match=r"lack 'text_model.encoder.layers.1.self_attn.v_proj.bias'"
    ):
        to_open_clip(weights)
