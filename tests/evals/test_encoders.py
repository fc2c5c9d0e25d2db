"""The judge: loaded by open_clip's own loader, pinned by hash, the same number every time."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evals import encoders, judges, registry
from evals.errors import LoadError, RegistryError
from evals.judges import Judge
from tests.evals.judging import register_judge

pytestmark = pytest.mark.slow

PICTURE = np.random.default_rng(0).integers(0, 256, (48, 40, 3), dtype=np.uint8)


@pytest.fixture
def judge(data: Path, home: Path) -> Judge:
    register_judge(data)
    return registry.load(home, data).judge("reference")


def test_embeddings_are_open_clips_own_and_repeatable(judge: Judge) -> None:
    import open_clip
    import torch
    from PIL import Image

    threads = torch.get_num_threads()
    encoder = encoders.open_judge(judge)
    image, text = encoder.image(PICTURE), encoder.text("a star")
    assert image.shape == text.shape == (16,)
    assert image.dtype == text.dtype == torch.float32
    assert torch.equal(image, encoder.image(PICTURE))
    assert encoder.text("a star") is text
    again = encoders.open_judge(judge)
    assert torch.equal(image, again.image(PICTURE))
    assert torch.get_num_threads() == threads

    name = f"local-dir:{judge.folder}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    model.eval()
    with torch.no_grad():
        wanted = model.encode_image(preprocess(Image.fromarray(PICTURE))[None])[0]
        words = model.encode_text(open_clip.get_tokenizer(name)(["a star"]))[0]
    torch.testing.assert_close(image, wanted)
    torch.testing.assert_close(text, words)


def test_other_weights_are_refused(judge: Judge) -> None:
    path = judge.folder / judges.WEIGHTS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(LoadError, match="sha256"):
        encoders.open_judge(judge)


@pytest.mark.parametrize("name", [judges.WEIGHTS, judges.CONFIG])
def test_a_missing_file_is_named(judge: Judge, name: str) -> None:
    (judge.folder / name).unlink()
    with pytest.raises(LoadError, match=f"{name} is missing"):
        encoders.open_judge(judge)


def test_a_config_that_does_not_fit_is_a_load_error(judge: Judge) -> None:
    path = judge.folder / judges.CONFIG
    body = json.loads(path.read_text())
    body["model_cfg"]["embed_dim"] = 8
    path.write_text(json.dumps(body))
    with pytest.raises(LoadError, match="open_clip cannot load"):
        encoders.open_judge(judge)


def test_the_fingerprint_holds_all_a_score_depends_on(judge: Judge) -> None:
    def fingerprint() -> str:
        return judges.fingerprint(judge, "clip_score", "1")

    first = fingerprint()
    assert fingerprint() == first
    assert judges.fingerprint(judge, "clip_score", "2") != first
    assert judges.fingerprint(judge, "other", "1") != first
    assert judges.fingerprint(None, "clip_score", "1") != first
    (judge.folder / "README.md").write_text("prose")
    assert fingerprint() == first
    path = judge.folder / judges.CONFIG
    path.write_text(path.read_text().replace("0.5", "0.4"))
    assert fingerprint() != first


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sha256", "sha", ["sha256"]),
        ("../reference/reference", "../nowhere", ["source", "no folder"]),
        ("0.5", "-1.0", ["tie_band.clip_score"]),
        ("family", "famly", ['"family"?']),
    ],
)
def test_a_bad_description_is_one_line(
    data: Path, home: Path, old: str, new: str, words: list[str]
) -> None:
    path = register_judge(data)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RegistryError) as caught:
        registry.load(home, data)
    for word in words:
        assert word in str(caught.value)
