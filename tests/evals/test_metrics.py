"""The contract of a metric, over every one that is found; each against an independent reference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from evals import metrics
from evals.calibration import scenes
from evals.errors import NotFoundError
from evals.types import TASKS
from tests.evals.worlds import CAPTIONS

pytestmark = pytest.mark.slow

KNOWN = sorted(metrics.discover())


def inputs(seed: int) -> Mapping[str, Any]:
    """One generation as metrics receive it."""
    import torch

    rng = np.random.default_rng(seed)
    scene = scenes.parse(CAPTIONS[seed % len(CAPTIONS)])
    return {
        "pixels": scenes.render(scene, seed),
        "facts": scene.words,
        "image_embedding": torch.from_numpy(rng.normal(size=16).astype(np.float32)),
        "text_embedding": torch.from_numpy(rng.normal(size=16).astype(np.float32)),
    }


@pytest.mark.parametrize("name", KNOWN)
def test_a_metric_keeps_the_contract(name: str) -> None:
    from torchmetrics import Metric

    module = metrics.get(name)
    spec = module.SPEC
    assert spec.name == name
    assert spec.version
    assert spec.title
    assert spec.source
    assert spec.low < spec.high
    assert spec.needs
    assert set(spec.needs) <= set(metrics.NEEDS)
    wants_judge = any(need.endswith("embedding") for need in spec.needs)
    assert wants_judge == (spec.judge is not None)
    assert any(name in metrics.for_task(task) for task in TASKS)

    metric = module.build()
    assert isinstance(metric, Metric)
    assert metric.higher_is_better == spec.higher_is_better
    values: list[float] = []
    for seed in (0, 1, 2, 0):
        metric.reset()
        metric.update(**{need: inputs(seed)[need] for need in spec.needs})
        values.append(float(metric.compute()))
    assert values[0] == values[3]
    for value in values:
        assert math.isfinite(value)
        assert spec.low <= value <= spec.high


def test_ground_truth_never_feeds_a_rating() -> None:
    assert {name for name in KNOWN if not metrics.get(name).SPEC.in_rating} == {"caption_accuracy"}


def test_the_nearest_metric_is_said() -> None:
    with pytest.raises(NotFoundError, match='did you mean "clip_score"'):
        metrics.get("clipscore")


@pytest.mark.parametrize("seed", range(3))
def test_clip_score_agrees_with_torchmetrics(seed: int) -> None:
    """Their CLIPScore on the same features, given as a model that looks them up."""
    import torch
    from torchmetrics.multimodal.clip_score import CLIPScore

    rng = torch.Generator().manual_seed(seed)
    images = torch.randn(5, 16, generator=rng)
    texts = torch.randn(5, 16, generator=rng) + images

    class Features(torch.nn.Module):
        """What torchmetrics takes for a CLIP: features by row number."""

        class config:
            class text_config:
                max_position_embeddings = 99

        def get_image_features(self, pixel_values: torch.Tensor) -> torch.Tensor:
            return images[pixel_values[:, 0, 0, 0].long()]

        def get_text_features(self, input_ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            return texts[input_ids[:, 0].long()]

    def processor(
        text: list[str] | None = None, images: list[torch.Tensor] | None = None, **_: Any
    ) -> dict[str, torch.Tensor]:
        if images is not None:
            return {"pixel_values": torch.stack(images)}
        ids = torch.tensor([[int(word)] for word in text or []])
        return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}

    theirs = CLIPScore(model_name_or_path=lambda: (Features(), processor))  # type: ignore[arg-type]
    pictures = [torch.full((3, 2, 2), row, dtype=torch.float32) for row in range(5)]
    theirs.update(pictures, [str(row) for row in range(5)])
    ours = metrics.get("clip_score").build()
    ours.update(images, texts)
    assert float(ours.compute()) == pytest.approx(float(theirs.compute()), abs=1e-3)

    ours.reset()
    for row in range(5):
        ours.update(images[row], texts[row])
    assert float(ours.compute()) == pytest.approx(float(theirs.compute()), abs=1e-3)


def test_opposite_embeddings_score_zero_and_differing_widths_raise() -> None:
    import torch

    metric = metrics.get("clip_score").build()
    metric.update(torch.ones(4), -torch.ones(4))
    assert float(metric.compute()) == 0.0
    with pytest.raises(ValueError, match="embeddings differ"):
        metric.update(torch.ones(4), torch.ones(5))


def test_caption_accuracy_counts_words() -> None:
    metric = metrics.get("caption_accuracy").build()
    scene = scenes.parse(CAPTIONS[0])
    other = scenes.parse(CAPTIONS[1])
    picture = scenes.render(scene, 0)
    metric.update(picture, scene.words)
    assert float(metric.compute()) == 1.0
    metric.update(picture, other.words)
    shared = sum(scene.words[name] == word for name, word in other.words.items())
    assert float(metric.compute()) == pytest.approx((6 + shared) / 12)
    with pytest.raises(ValueError, match="colr"):
        metric.update(picture, {"colr": "red"})
