"""Encoders: each picture looked at once, kept by content, the same bits wherever it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evals import encoders, registry
from evals.encoders import Encoder
from evals.errors import LoadError, MediaError, ScoreError
from evals.judges import pins as judges
from evals.judges.pins import Judge
from tests.evals.judging import register_judge

pytestmark = pytest.mark.slow

PICTURES = np.random.default_rng(0).integers(0, 256, (5, 48, 40, 3), dtype=np.uint8)
Row = tuple[str, Callable[[], NDArray[np.uint8]]]


@pytest.fixture
def judge(data: Path, home: Path) -> Judge:
    register_judge(data)
    return registry.load(home, data).judge("reference")


def rows(*numbers: int) -> list[Row]:
    """Pictures with a name each."""
    return [(f"{n:064x}", lambda n=n: PICTURES[n]) for n in numbers]


def embeddings(encoder: Encoder, shown: list[Row]) -> NDArray[np.float32]:
    found = encoder.images(shown)
    assert not any(isinstance(item, ScoreError) for item in found)
    return np.stack([item.numpy() for item in found])  # type: ignore[union-attr]


def test_embeddings_are_open_clips_own(judge: Judge) -> None:
    import open_clip
    import torch
    from PIL import Image

    threads = torch.get_num_threads()
    encoder = encoders.open_judge(judge)
    (image,) = embeddings(encoder, rows(0))
    text = encoder.text("a star")
    assert encoder.text("a star") is text
    assert torch.get_num_threads() == threads

    name = f"local-dir:{judge.folder}"
    model, _, preprocess = open_clip.create_model_and_transforms(name)
    model.eval()
    with torch.no_grad():
        wanted = model.encode_image(preprocess(Image.fromarray(PICTURES[0]))[None])[0]
        words = model.encode_text(open_clip.get_tokenizer(name)(["a star"]))[0]
    # Half precision: what is kept is what is used.
    np.testing.assert_array_equal(image, image.astype(np.float16).astype(np.float32))
    np.testing.assert_allclose(image, wanted.numpy(), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(text, words)


@pytest.mark.parametrize("micro_batch", [1, 2, 3, 8])
def test_each_picture_is_looked_at_once_and_found_again(
    judge: Judge, home: Path, micro_batch: int
) -> None:
    judge = replace(judge, micro_batch=micro_batch)
    first = encoders.open_judge(judge, home)
    made = embeddings(first, rows(0, 1, 0, 2))
    assert first.encoded == 3
    np.testing.assert_array_equal(made[0], made[2])
    np.testing.assert_array_equal(embeddings(first, rows(2, 0)), made[[3, 0]])
    second = encoders.open_judge(judge, home)

    def unread() -> NDArray[np.uint8]:
        raise AssertionError("a kept embedding needs no picture")

    kept = [(name, unread) for name, _ in rows(0, 1, 0, 2)]
    np.testing.assert_array_equal(embeddings(second, kept), made)
    assert (first.encoded, second.encoded) == (3, 0)


def test_what_has_no_name_is_not_kept(judge: Judge, home: Path) -> None:
    encoder = encoders.open_judge(judge, home)
    embeddings(encoder, [("", lambda: PICTURES[0])] * 2)
    assert encoder.encoded == 2
    assert not (home / "embeddings").exists()


def test_a_damaged_embedding_is_made_again(judge: Judge, home: Path) -> None:
    made = embeddings(encoders.open_judge(judge, home), rows(0))
    (path,) = home.glob("embeddings/*/*/*.f16")
    path.write_bytes(path.read_bytes()[:-1])
    encoder = encoders.open_judge(judge, home)
    np.testing.assert_array_equal(embeddings(encoder, rows(0)), made)
    assert encoder.encoded == 1


def test_another_environment_keeps_its_own(
    judge: Judge, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embeddings(encoders.open_judge(judge, home), rows(0))
    monkeypatch.setattr("evals.machine.judging", lambda device, threads: "elsewhere")
    encoder = encoders.open_judge(judge, home)
    embeddings(encoder, rows(0))
    assert encoder.encoded == 1


def test_a_picture_that_cannot_be_read_costs_only_itself(judge: Judge) -> None:
    def damaged() -> NDArray[np.uint8]:
        raise MediaError("truncated")

    encoder = encoders.open_judge(judge)
    good, bad, again = encoder.images([rows(0)[0], ("f" * 64, damaged), rows(1)[0]])
    assert isinstance(bad, ScoreError)
    assert "truncated" in str(bad)
    whole = embeddings(encoder, rows(0, 1))
    np.testing.assert_array_equal(np.stack([good.numpy(), again.numpy()]), whole)  # type: ignore[union-attr]


def test_a_network_whose_places_differ_is_called_one_picture_at_a_time(judge: Judge) -> None:
    """The check on the machine must be able to fail."""
    encoder = encoders.open_judge(judge)
    alone = embeddings(encoders.open_judge(replace(judge, micro_batch=1)), rows(0, 1, 2))
    assert encoder.slots == judge.micro_batch
    network = encoder.network

    class Leaning:
        """Adds to each row a little of its place."""

        width, logit_scale = network.width, 1.0
        preprocess, texts, distance = network.preprocess, network.texts, network.distance

        def images(self, inputs):  # type: ignore[no-untyped-def]
            import torch

            return network.images(inputs) + torch.arange(len(inputs))[:, None]

    leaning = Encoder(judge, "cpu", Leaning())
    assert leaning.slots == 1
    np.testing.assert_array_equal(embeddings(leaning, rows(0, 1, 2)), alone)


def test_other_weights_are_refused(judge: Judge) -> None:
    assert judge.weights.path is not None
    data = bytearray(judge.weights.path.read_bytes())
    data[-1] ^= 1
    judge.weights.path.write_bytes(data)
    with pytest.raises(LoadError, match="sha256"):
        encoders.open_judge(judge)


def test_weights_that_do_not_fit_are_a_load_error(judge: Judge) -> None:
    assert judge.folder is not None
    path = judge.folder / "open_clip_config.json"
    path.write_text(path.read_text().replace('"embed_dim": 16', '"embed_dim": 8'))
    with pytest.raises(LoadError, match="judge reference"):
        encoders.open_judge(judge)


def test_an_absent_device_is_named(judge: Judge) -> None:
    with pytest.raises(LoadError, match='"mps" is not available'):
        encoders.open_judge(replace(judge, device="mps"))


def test_the_fingerprint_holds_all_a_score_depends_on(judge: Judge) -> None:
    def fingerprint(
        of: Judge | None = judge, metric: str = "clip_score", version: str = "1"
    ) -> str:
        return judges.fingerprint(of, metric, version)

    first = fingerprint()
    assert fingerprint() == first
    others = {
        fingerprint(version="2"),
        fingerprint(metric="other"),
        fingerprint(of=None),
        fingerprint(of=replace(judge, antonyms=("a", "b"))),
        fingerprint(of=replace(judge, preprocessing=judges.Preprocessing(32))),
        fingerprint(of=replace(judge, preprocessing=judges.Preprocessing(32, antialias=False))),
    }
    assert len(others) == 6
    assert first not in others
    assert fingerprint(of=replace(judge, micro_batch=4, name="Other", tie_band={})) == first
    assert judge.folder is not None
    (judge.folder / "README.md").write_text("prose")
    assert fingerprint() == first
    path = judge.folder / "open_clip_config.json"
    path.write_text(path.read_text().replace("0.5", "0.4"))
    assert fingerprint() != first
