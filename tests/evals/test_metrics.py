"""The contract of a metric, over every one that is found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from evals import metrics
from evals.calibration import motions, scenes
from evals.clips import optical_flow
from evals.errors import NotFoundError, ScoreError
from tests.evals.worlds import CAPTIONS

pytestmark = pytest.mark.slow

SHOTS = [
    motions.parse(text)
    for text in (
        "one red star on the left on a white background, flat style, moving right fast",
        "one blue circle in the centre on a sand background, shaded style, growing slowly",
        "one green cross at the top on a black background, sketch style, moving down slowly",
    )
]
KNOWN = sorted(metrics.discover())
WIDTH = 16
LAION = {0: (32, WIDTH), 2: (8, 32), 4: (8, 8), 6: (4, 8), 7: (1, 4)}
"""The published layers of LAION's head, narrower: (out, in) by place."""


def heads() -> Mapping[str, Mapping[str, Any]]:
    """Small random weights for the metrics that want some of their own."""
    import torch

    rng = torch.Generator().manual_seed(0)
    laion: dict[str, torch.Tensor] = {}
    for place, (out, into) in LAION.items():
        laion[f"layers.{place}.weight"] = torch.randn(out, into, generator=rng)
        laion[f"layers.{place}.bias"] = torch.randn(out, generator=rng)
    linear = {"weight": torch.randn(1, WIDTH, generator=rng), "bias": torch.ones(1)}
    return {"laion_aesthetic": laion, "vbench_aesthetic": linear}


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """What stands in for a perceptual distance: mean difference of pixels."""
    return float(np.abs(one.astype(float) - other).mean() / 255)


def inputs(name: str, seed: int, real: bool = False) -> Mapping[str, Any]:
    """One generation as the metric `name` receives it."""
    import torch

    rng = np.random.default_rng([seed, real])

    def embedding(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.normal(size=(*shape, WIDTH)).astype(np.float32))

    spec = metrics.get(name).SPEC
    scene = scenes.parse(CAPTIONS[seed % len(CAPTIONS)])
    shot = SHOTS[seed % len(SHOTS)]
    frames = motions.render_clip(shot, seed)
    given: Mapping[str, Any] = {
        "pixels": scenes.render(scene, seed),
        "target": scenes.render(scene, seed + 1),
        "prompt": f"p{seed // 2}",
        "frames": frames,
        "fps": motions.FPS,
        "flow": optical_flow.flow(frames) if "flow" in spec.needs else None,
        "start": frames[0],
        "facts": shot.words if spec.modality == "video" else scene.words,
        "image_embedding": embedding(),
        "frame_embeddings": embedding(len(frames)),
        "sheet_embedding": embedding(),
        "text_embedding": embedding(),
        "antonym_embeddings": embedding(2),
        "logit_scale": 100.0,
        "head": heads().get(metrics.of_picture(name)),
        "distance": distance,
        "real": real,
    }
    assert set(given) == set(metrics.NEEDS)
    return {need: given[need] for need in spec.needs}


@pytest.mark.parametrize("name", KNOWN)
def test_a_spec_says_what_is_needed_to_read_a_score(name: str) -> None:
    spec = metrics.get(name).SPEC
    assert spec.name == name
    assert spec.version
    assert spec.title
    assert spec.source
    assert spec.needs
    assert set(spec.needs) <= set(metrics.NEEDS)
    if spec.low is not None and spec.high is not None:
        assert spec.low < spec.high
    if not metrics.wants_judge(spec):
        assert spec.judge is None
    if spec.level == "model":
        assert not spec.in_rating
    else:
        assert "real" not in spec.needs
    assert "{}" in metrics.template(name)


@pytest.mark.parametrize("name", KNOWN)
def test_a_score_is_one_finite_number_in_range_and_the_same_again(name: str) -> None:
    from torchmetrics import Metric

    module = metrics.get(name)
    spec = module.SPEC
    metric = module.build()
    assert isinstance(metric, Metric)
    assert metric.higher_is_better == spec.higher_is_better
    batches = [[0], [1], [2], [0]] if spec.level == "generation" else [range(6), range(6)]
    values: list[float] = []
    for seeds in batches:
        metric.reset()
        for real in (True, False) if "real" in spec.needs else (False,):
            for seed in seeds:
                metric.update(**inputs(name, seed, real))
        computed = metric.compute()
        assert computed.shape == ()
        values.append(float(computed))
    assert values[0] == values[-1]
    for value in values:
        assert math.isfinite(value)
        assert spec.low is None or spec.low <= value
        assert spec.high is None or value <= spec.high


def computed(metric: Any) -> float | None:
    """What it computes; None where it says why it cannot."""
    try:
        return float(metric.compute())
    except (ScoreError, ValueError):
        return None


@pytest.mark.parametrize("name", KNOWN)
def test_a_metric_of_nothing_is_no_number(name: str) -> None:
    """Before any picture, and after a reset that must forget those that were shown."""
    metric = metrics.get(name).build()
    for seed in (0, 1):
        metric.update(**inputs(name, seed))
    metric.reset()
    with pytest.warns(UserWarning, match="before the ``update``"):
        found = computed(metric)
    assert found is None or not math.isfinite(found)


@pytest.mark.parametrize("name", [n for n in KNOWN if metrics.get(n).SPEC.level == "model"])
def test_a_metric_of_a_set_refuses_one_that_is_too_small(name: str) -> None:
    """Nothing of the model's own, or no second picture of a prompt: a reason, and no number."""
    spec = metrics.get(name).SPEC
    metric = metrics.get(name).build()
    metric.update(**inputs(name, 0, real="real" in spec.needs))
    with pytest.raises(ScoreError, match="needs"):
        metric.compute()


def test_what_votes_is_said_here() -> None:
    """Ground truth, technical checks and whatever is of a whole model never feed a rating."""
    silent = {name for name in KNOWN if not metrics.get(name).SPEC.in_rating}
    assert silent == {
        "background_consistency",
        "camera_motion",
        "caption_accuracy",
        "clip_caption_accuracy",
        "clipping",
        "cmmd",
        "dynamic_degree_flow",
        "fid",
        "frame_clipping",
        "frame_saturation",
        "frame_sharpness",
        "kid",
        "lpips_diversity",
        "motion_accuracy",
        "motion_smoothness_interpolation",
        "saturation",
        "sharpness",
        "subject_consistency",
        "temporal_flickering",
        "vendi",
    }


def test_the_nearest_metric_is_said() -> None:
    with pytest.raises(NotFoundError, match='did you mean "clip_score"'):
        metrics.get("clipscore")
