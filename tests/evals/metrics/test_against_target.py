"""PSNR and SSIM are those of torchmetrics on the pictures as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow


def score(name: str, pixels: Any, target: Any) -> float:
    metric = metrics.get(name).build()
    metric.update(pixels=pixels, target=target)
    return float(metric.compute())


def pair(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 256, (13, 17, 3), dtype=np.uint8)
    noise = rng.integers(-20, 21, target.shape)
    return np.clip(target + noise, 0, 255).astype(np.uint8), target


def test_psnr_of_torchmetrics_own_example() -> None:
    """Theirs is of 0 to 3 with a range of 3; in levels that is 85 times as much."""
    rows = np.array([[0, 1], [2, 3]], np.uint8) * 85
    pixels, target = (np.repeat(each[:, :, None], 3, axis=2) for each in (rows, 255 - rows))
    assert score("psnr", pixels, target) == pytest.approx(2.5527, abs=5e-5)


@pytest.mark.parametrize("seed", range(3))
def test_psnr_is_its_formula(seed: int) -> None:
    pixels, target = pair(seed)
    error = ((pixels.astype(np.float64) - target) ** 2).mean()
    assert score("psnr", pixels, target) == pytest.approx(10 * np.log10(255**2 / error), abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_ssim_is_that_of_torchmetrics_and_does_not_depend_on_the_scale(seed: int) -> None:
    import torch
    from torchmetrics.functional.image import structural_similarity_index_measure

    pixels, target = pair(seed)
    tensors = [torch.from_numpy(each.transpose(2, 0, 1)[None] / 255.0) for each in (pixels, target)]
    theirs = structural_similarity_index_measure(*tensors, data_range=1.0)
    assert score("ssim", pixels, target) == pytest.approx(float(theirs), abs=1e-10)
    assert score("ssim", target, target) == pytest.approx(1.0)


def test_several_pictures_give_the_mean_of_their_scores() -> None:
    for name in ("psnr", "ssim"):
        metric = metrics.get(name).build()
        for seed in range(3):
            metric.update(*pair(seed))
        mean = np.mean([score(name, *pair(seed)) for seed in range(3)])
        assert float(metric.compute()) == pytest.approx(float(mean), abs=1e-5)


def test_what_cannot_be_compared_is_refused() -> None:
    pixels, target = pair(0)
    for name in ("psnr", "ssim"):
        with pytest.raises(ValueError, match="differ in size"):
            score(name, pixels[1:], target)
    with pytest.raises(ScoreError, match="infinite"):
        score("psnr", target, target)
    with pytest.raises(ScoreError, match="6 x 6 pixels"):
        score("ssim", pixels[:5], target[:5])
    assert -1 <= score("ssim", pixels[:6, :6], target[:6, :6]) <= 1
