"""Every metric of pictures that is lifted to clips is its own mean over the frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from evals import metrics
from evals.metrics._over_frames import PER_FRAME, PREFIX, lift
from tests.evals.metrics import clips
from tests.evals.test_metrics import inputs

pytestmark = pytest.mark.slow

LIFTED = sorted(name for name in metrics.discover() if name.startswith(PREFIX))


def of_frame(needs: Mapping[str, Any], name: str, number: int) -> dict[str, Any]:
    """What the metric of pictures is given of one frame."""
    of_clip = {each: PER_FRAME.get(each, each) for each in metrics.get(name).SPEC.needs}
    return {
        each: needs[clip][number] if each in PER_FRAME else needs[clip]
        for each, clip in of_clip.items()
    }


def test_what_is_lifted_is_said_here() -> None:
    assert {
        "frame_clip_iqa",
        "frame_clip_score",
        "frame_clipping",
        "frame_hps",
        "frame_laion_aesthetic",
        "frame_pick_score",
        "frame_saturation",
        "frame_sharpness",
        "frame_vbench_aesthetic",
    } <= set(LIFTED)


@pytest.mark.parametrize("name", LIFTED)
def test_it_is_the_mean_of_the_metric_of_pictures(name: str) -> None:
    of_pictures = name.removeprefix(PREFIX)
    needs = dict(inputs(name, seed=3))
    if "frames" in needs:
        white = np.arange(16)[:, None, None, None] * 12  # ever more of it is burnt out
        needs["frames"] = np.clip(clips.snow(side=12) + white, 100, 255).astype(np.uint8)
    if "text_embedding" in needs:  # of opposed ones CLIPScore is cut off at 0, after its mean
        needs["frame_embeddings"] = needs["frame_embeddings"] + 3 * needs["text_embedding"]
    single = metrics.get(of_pictures).build()
    values: list[float] = []
    frames = len(needs["frames" if "frames" in needs else "frame_embeddings"])
    for number in range(frames):
        single.reset()
        single.update(**of_frame(needs, of_pictures, number))
        values.append(float(single.compute()))
    assert len(set(values)) > 1
    lifted = metrics.get(name).build()
    lifted.update(**needs)
    assert float(lifted.compute()) == pytest.approx(np.mean(values), rel=1e-6)


@pytest.mark.parametrize("name", LIFTED)
def test_it_says_of_clips_what_the_metric_of_pictures_says(name: str) -> None:
    spec, of = metrics.get(name).SPEC, metrics.get(name.removeprefix(PREFIX)).SPEC
    assert spec.modality == "video"
    assert spec.title == f"{of.title}, mean over frames"
    assert (spec.measures, spec.low, spec.high, spec.in_rating) == (
        of.measures,
        of.low,
        of.high,
        of.in_rating,
    )
    assert metrics.template(name) == metrics.template(name.removeprefix(PREFIX))
    assert not set(spec.needs) & set(PER_FRAME)


@pytest.mark.parametrize("name", ["fid", "psnr", "caption_accuracy", "lpips_diversity"])
def test_sets_pairs_and_facts_are_not_lifted(name: str) -> None:
    assert lift(metrics.get(name)) is None
    assert PREFIX + name not in metrics.discover()


def test_a_second_clip_does_not_remember_the_first() -> None:
    metric = metrics.get("frame_sharpness").build()
    rng = np.random.default_rng(0)
    one, other = rng.integers(0, 256, (2, 3, 9, 9, 3), dtype=np.uint8)
    metric.update(frames=other)
    alone = float(metric.compute())
    for clip in (one, other):
        metric.reset()
        metric.update(frames=clip)
    assert float(metric.compute()) == alone
