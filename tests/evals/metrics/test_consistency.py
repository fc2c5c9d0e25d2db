"""Subject and background consistency are VBench's mean of cosines, and need something to move."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics, registry
from evals.errors import ScoreError
from evals.metrics import served
from tests.evals.metrics import clips

pytestmark = pytest.mark.slow

NAMES = ("subject_consistency", "background_consistency")
WIDTH = 12


def moving(frames: int) -> Any:
    """A clip in which something happens, of so many frames."""
    return np.stack([clips.texture(16, 16, seed) for seed in range(frames)])


def score(name: str, embeddings: Any, frames: Any = None) -> float:
    import torch

    metric = metrics.get(name).build()
    shown = moving(len(embeddings)) if frames is None else frames
    metric.update(frames=shown, frame_embeddings=torch.as_tensor(embeddings))
    return float(metric.compute())


def vectors(seed: int, frames: int) -> Any:
    """Directions about a common one, some of them on the other side of it."""
    rng = np.random.default_rng(seed)
    return (rng.normal(size=WIDTH) + rng.normal(size=(frames, WIDTH))).astype(np.float32)


def cosine(one: Any, other: Any) -> float:
    return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))


seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize("name", NAMES)
@given(seeds, st.integers(2, 9))
@settings(deadline=None, max_examples=25)
def test_each_is_the_published_formula(name: str, seed: int, frames: int) -> None:
    f = vectors(seed, frames).astype(np.float64)
    terms = [
        (max(0, cosine(f[t], f[t - 1])) + max(0, cosine(f[t], f[0]))) / 2 for t in range(1, frames)
    ]
    found = score(name, f)
    assert found == pytest.approx(sum(terms) / len(terms), abs=1e-9)
    assert 0 <= found <= 1


@given(seeds, st.floats(0.01, 100))
@settings(deadline=None, max_examples=20)
def test_only_directions_count(seed: int, factor: float) -> None:
    f = vectors(seed, 5).astype(np.float64)
    rng = np.random.default_rng(seed)
    turned = f @ np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))[0]
    lengths = rng.uniform(0.1, 10, (5, 1))
    found = score(NAMES[0], f)
    for same in (factor * f, lengths * f, turned):
        assert score(NAMES[0], same) == pytest.approx(found, abs=1e-9)


def test_opposite_frames_are_cut_off_and_not_subtracted() -> None:
    one = np.eye(WIDTH, dtype=np.float32)[:1]
    assert score(NAMES[0], np.concatenate([one, -one, one])) == pytest.approx(1 / 4)
    assert score(NAMES[0], np.repeat(one, 4, axis=0)) == pytest.approx(1)


def test_drifting_away_costs_and_so_does_jumping_about() -> None:
    angles = np.linspace(0, math.pi / 2, 9)
    drift = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    calm = np.stack([np.cos(angles / 9), np.sin(angles / 9)], axis=1)
    jumping = drift[[0, 8, 1, 7, 2, 6, 3, 5, 4]]
    assert score(NAMES[0], jumping) < score(NAMES[0], drift) < score(NAMES[0], calm)


@pytest.mark.parametrize("name", NAMES)
def test_a_static_clip_has_no_score(name: str) -> None:
    with pytest.raises(ScoreError, match="static: 16 frames"):
        score(name, np.ones((16, WIDTH), np.float32), clips.frozen(noise=1))
    with pytest.raises(ScoreError, match="static: a clip of one frame"):
        score(name, np.ones((1, WIDTH), np.float32))


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_direction_or_another_length_is_refused(name: str) -> None:
    broken = vectors(0, 4)
    broken[2] = 0
    with pytest.raises(ScoreError, match="no direction"):
        score(name, broken)
    with pytest.raises(ValueError, match="5 frames and embeddings"):
        score(name, vectors(0, 4), moving(5))


def test_the_name_carries_the_encoder_and_the_official_ones_are_registered(tmp_path: Any) -> None:
    names = served(registry.load(tmp_path).judges)
    for name, official in zip(NAMES, ("dino-vitb16", "openai-clip-b32"), strict=True):
        assert name not in names
        assert names[f"{name}@{official}"].judge == official
        assert names[f"{name}@reference"].judge == "reference"
