"""Metrics that are cosines of embeddings, against torchmetrics and the formulas as published."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals import metrics
from evals.errors import ScoreError

pytestmark = pytest.mark.slow

NAMES = ("clip_score", "clip_score_hessel", "hps", "pick_score")
angles = st.floats(0.0, math.pi, allow_nan=False)
lengths = st.floats(0.01, 100.0)


def score(name: str, **needs: Any) -> float:
    metric = metrics.get(name).build()
    metric.update(**needs)
    return float(metric.compute())


def at(angle: float, length: float = 1.0) -> Any:
    import torch

    return torch.tensor([length * math.cos(angle), length * math.sin(angle)], dtype=torch.float64)


@given(angles, lengths, lengths)
@settings(deadline=None, max_examples=50)
def test_each_is_its_published_function_of_the_angle_alone(
    angle: float, one: float, other: float
) -> None:
    pair = {"image_embedding": at(0.0, one), "text_embedding": at(angle, other)}
    cosine = math.cos(angle)
    assert score("clip_score", **pair) == pytest.approx(100 * max(cosine, 0), abs=1e-9)
    assert score("clip_score_hessel", **pair) == pytest.approx(2.5 * max(cosine, 0), abs=1e-9)
    assert score("hps", **pair) == pytest.approx(cosine, abs=1e-9)
    assert score("pick_score", logit_scale=87.0, **pair) == pytest.approx(87 * cosine, abs=1e-7)


def test_only_hessels_puts_words_before_the_caption() -> None:
    texts = {name: metrics.template(name).format("a cat") for name in NAMES}
    assert texts.pop("clip_score_hessel") == "A photo depicts a cat"
    assert set(texts.values()) == {"a cat"}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "clip_score"])
def test_what_has_no_direction_or_another_width_is_refused(name: str) -> None:
    import torch

    scale = {"logit_scale": 1.0} if name == "pick_score" else {}
    whole = torch.ones(4)
    for broken in (torch.zeros(4), torch.full((4,), math.nan), torch.full((4,), math.inf)):
        with pytest.raises(ScoreError, match="no direction"):
            score(name, image_embedding=broken, text_embedding=whole, **scale)
    with pytest.raises(ValueError, match="embeddings differ"):
        score(name, image_embedding=torch.ones(5), text_embedding=whole, **scale)


def test_several_pictures_give_their_mean() -> None:
    metric = metrics.get("clip_score_hessel").build()
    for angle in (0.0, math.pi / 2, math.pi):  # 2.5, 0 and, cut off before the mean, 0
        metric.update(image_embedding=at(0.0), text_embedding=at(angle))
    assert float(metric.compute()) == pytest.approx(2.5 / 3)


@pytest.mark.parametrize("seed", range(3))
def test_clip_iqa_agrees_with_torchmetrics(seed: int) -> None:
    """Their arithmetic on the same features, which theirs has normalised before."""
    import torch
    from torchmetrics.functional.multimodal.clip_iqa import _clip_iqa_compute

    rng = np.random.default_rng(seed)
    image = torch.from_numpy(rng.normal(size=64))
    antonyms = torch.from_numpy(rng.normal(size=(2, 64)))
    theirs = _clip_iqa_compute(
        (image / image.norm())[None],
        antonyms / antonyms.norm(dim=1, keepdim=True),
        prompts_names=["quality"],
    )
    ours = score("clip_iqa", image_embedding=image, antonym_embeddings=antonyms)
    assert ours == pytest.approx(float(theirs), abs=1e-12)
    turned = score("clip_iqa", image_embedding=image, antonym_embeddings=antonyms.flip(0))
    assert ours + turned == pytest.approx(1.0)


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
