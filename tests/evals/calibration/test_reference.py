"""What ships under data/reference are ordinary folders that ordinary loaders open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from evals.calibration import examine, networks, validity
from evals.calibration.diffusion import releases
from evals.calibration.scenes import caption
from evals.home import data_root

REFERENCE = data_root() / "reference"
RELEASES = [name for size in networks.SIZES for name, _ in releases(size)]
MEGABYTE = 1_000_000


def load(name: str) -> Any:
    from diffusers import DiffusionPipeline

    pipeline = DiffusionPipeline.from_pretrained(
        REFERENCE / "images" / name, dtype=torch.float32, local_files_only=True
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def weight(folder: Path) -> float:
    """Megabytes of the files that are kept under a folder (links count where they point to)."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / MEGABYTE


@pytest.mark.parametrize("name", RELEASES)
def test_pipeline_loads_the_ordinary_way_and_the_seed_decides(name: str) -> None:
    pipeline = load(name)
    prompt = caption(examine.sample(1, seed=1)[0])

    def draw(seed: int) -> np.ndarray:
        return pipeline(
            prompt,
            num_inference_steps=2,
            generator=torch.Generator().manual_seed(seed),
            output_type="np",
        ).images[0]

    first = draw(0)
    assert first.shape == (64, 64, 3)
    assert np.isfinite(first).all()
    assert np.array_equal(first, draw(0))
    assert not np.array_equal(first, draw(1))


def test_tokenizer_knows_every_word_as_one_token() -> None:
    tokenizer = load(RELEASES[0]).tokenizer
    for word in networks.world_words():
        inner = tokenizer(word)["input_ids"][1:-1]
        assert tokenizer.convert_ids_to_tokens(inner) == [f"{word}</w>"]


def test_weights_stay_small() -> None:
    judge = weight(REFERENCE / "judge")
    # Links to the shared autoencoder are not followed by rglob, so it is counted once.
    images = weight(REFERENCE / "images")
    assert judge <= 5
    assert images <= 20


def test_at_least_eight_checkpoints_of_one_training() -> None:
    assert max(len(releases(size)) for size in networks.SIZES) >= 8


def test_judge_and_text_encoders_are_different_networks() -> None:
    from safetensors.torch import load_file

    judge = load_file(REFERENCE / "judge" / "open_clip_model.safetensors")
    words = load(RELEASES[0]).text_encoder.get_input_embeddings().weight
    assert judge["token_embedding.weight"].shape != words.shape


def test_autoencoder_keeps_the_words_of_what_it_encodes() -> None:
    from diffusers import AutoencoderKL

    autoencoder = AutoencoderKL.from_pretrained(REFERENCE / "images" / "vae")
    scenes = examine.sample(80, seed=2)
    shares = examine.held(examine.reconstruct(autoencoder, scenes, noise=0.0), scenes)
    assert min(shares.values()) >= examine.GATE, shares


def test_judge_tells_a_caption_from_one_with_a_single_word_changed() -> None:
    """AUC at least 0.95 over unseen captions pooled, and every kind of word is seen."""
    shares = validity.judge_auc(validity.load_judge(REFERENCE / "judge"), count=480, seed=4)
    assert shares["all"] >= 0.95, shares
    assert min(shares.values()) >= 0.85, shares


def test_a_blind_judge_is_found_out() -> None:
    blind = validity.judge_auc(lambda pictures, captions: np.zeros(len(captions)), count=60)
    assert blind["all"] == 0.5
