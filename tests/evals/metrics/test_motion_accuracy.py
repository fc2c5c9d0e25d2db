"""Motion accuracy counts the words for motion and speed; clip caption accuracy counts all."""

from __future__ import annotations

import numpy as np
import pytest

from evals import metrics
from evals.calibration import motions

pytestmark = pytest.mark.slow

SHOT = motions.parse("one blue star in the centre on a sand background, sketch style, growing fast")
STILL = motions.parse(
    "one blue star in the centre on a sand background, flat style, standing still"
)


def score(name: str, frames: np.ndarray, facts: dict[str, str]) -> float:
    metric = metrics.get(name).build()
    metric.update(frames=frames, facts=facts)
    return float(metric.compute())


@pytest.mark.parametrize(
    ("motion", "speed", "expected"),
    [("growing", "fast", 1.0), ("growing", "slowly", 0.5), ("rotating", "slowly", 0.0)],
)
def test_motion_accuracy_counts_two_words(motion: str, speed: str, expected: float) -> None:
    frames = motions.render_clip(SHOT, 0)
    facts = {**SHOT.words, "motion": motion, "speed": speed, "colour": "red"}
    assert score("motion_accuracy", frames, facts) == expected


def test_what_stands_still_has_one_word() -> None:
    assert score("motion_accuracy", motions.render_clip(STILL, 0), STILL.words) == 1.0
    assert score("motion_accuracy", motions.render_clip(SHOT, 0), STILL.words) == 0.0


def test_a_clip_that_never_moves_gains_nothing_where_motion_was_asked() -> None:
    frozen = motions.render_clip(SHOT, 0)[:1].repeat(motions.FRAMES, axis=0)
    assert score("motion_accuracy", frozen, SHOT.words) == 0.0


def test_clip_caption_accuracy_counts_all_words() -> None:
    frames = motions.render_clip(SHOT, 0)
    assert score("clip_caption_accuracy", frames, SHOT.words) == 1.0
    wrong = {**SHOT.words, "colour": "red", "motion": "blinking"}
    assert score("clip_caption_accuracy", frames, wrong) == pytest.approx(5 / 7)


def test_what_cannot_be_told_is_an_error_and_no_number() -> None:
    frames = motions.render_clip(SHOT, 0)
    with pytest.raises(ValueError, match="say nothing of motion"):
        score("motion_accuracy", frames, {"colour": "blue"})
    with pytest.raises(ValueError, match="colr"):
        score("clip_caption_accuracy", frames, {"colr": "red"})
    with pytest.raises(ValueError, match="at least 8 frames"):
        score("motion_accuracy", frames[:4], SHOT.words)
