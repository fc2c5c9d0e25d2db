"""Caption accuracy counts words."""

from __future__ import annotations

import pytest

from evals import metrics
from evals.calibration import scenes
from tests.evals.worlds import CAPTIONS

pytestmark = pytest.mark.slow


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
