"""Start fidelity is SSIM of the first frame, whatever comes after it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from evals import metrics
from evals.errors import ScoreError
from tests.evals.metrics import clips

pytestmark = pytest.mark.slow


def score(frames: Any, start: Any) -> float:
    metric = metrics.get("start_fidelity").build()
    metric.update(frames=frames, start=start)
    return float(metric.compute())


@pytest.mark.parametrize("seed", range(3))
def test_it_is_torchmetrics_ssim_of_the_first_frame(seed: int) -> None:
    import torch
    from torchmetrics.functional.image import structural_similarity_index_measure

    frames, start = clips.filmed("pan"), clips.texture(64, 64, seed)
    one, other = (
        torch.from_numpy(each.transpose(2, 0, 1)[None] / 255.0) for each in (frames[0], start)
    )
    theirs = structural_similarity_index_measure(one, other, data_range=1.0)
    assert score(frames, start) == pytest.approx(float(theirs), abs=1e-9)


def test_a_frozen_clip_gains_nothing_over_one_that_moves() -> None:
    moving = clips.thing()
    assert score(moving, moving[0]) == pytest.approx(1)
    assert score(moving, moving[0]) == score(moving[:1].repeat(16, axis=0), moving[0])


def test_another_start_costs_the_more_the_less_it_resembles() -> None:
    frames = clips.thing()
    noise = np.random.default_rng(0).normal(0, 1, frames[0].shape)
    starts = [np.clip(frames[0] + level * noise, 0, 255).astype(np.uint8) for level in (0, 8, 30)]
    starts.append(clips.texture(64, 64, 9))
    found = [score(frames, start) for start in starts]
    assert found == sorted(found, reverse=True)
    assert found[-1] < 0.5


@pytest.mark.parametrize("size", [(128, 128), (41, 77)])
def test_a_start_frame_of_another_size_is_made_as_large_as_the_clip(size: tuple[int, int]) -> None:
    start = clips.texture(*size, 0, finest=16)
    small = np.array(Image.fromarray(start).resize((64, 48), Image.Resampling.BICUBIC))
    assert score(small[None].repeat(2, axis=0), start) == pytest.approx(1)


def test_tiny_clips_are_refused_in_words() -> None:
    with pytest.raises(ScoreError, match="SSIM needs 6 x 6 pixels or more"):
        score(clips.snow(side=4), clips.texture(64, 64, 0))
