"""The suite of upscaling: unseen scenes, exact targets, and shipped as it is composed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from evals import media, start_frames
from evals.calibration import corpus, enlarging, scenes, upscale_suite
from evals.registry import load
from evals.types import Prompt, StartFrame

SUITE, PICTURES = upscale_suite.compose()


def picture(frame: StartFrame | None) -> scenes.Picture:
    assert frame is not None
    return media.decode(PICTURES[frame.path])


def test_prompts_are_unseen_and_balanced() -> None:
    drawn = [scenes.parse(prompt.text) for prompt in SUITE.prompts]
    assert len(set(drawn)) == len(drawn)
    assert all(corpus.is_unseen(scene) for scene in drawn)
    for attribute, words in scenes.VOCABULARY.items():
        counts = Counter(prompt.facts[attribute] for prompt in SUITE.prompts)
        assert set(counts) == set(words)
        assert max(counts.values()) - min(counts.values()) <= 0.35 * len(drawn) / len(words) + 1


def test_networks_are_trained_on_other_seeds() -> None:
    assert max(enlarging.START_SEEDS) < corpus.FIRST_TRAINING_SEED


@pytest.mark.parametrize("prompt", SUITE.prompts[:6], ids=lambda prompt: prompt.id)
def test_a_target_is_its_picture_drawn_twice_as_large(prompt: Prompt) -> None:
    small, large = picture(prompt.start_frame), picture(prompt.target)
    assert large.shape == (2 * small.shape[0], 2 * small.shape[1], 3)
    drawn = enlarging.seed_of(scenes.parse(prompt.text), small)
    assert drawn is not None
    # Drawn anew and not resampled: the two means of 2 x 2 pixels and one differ only at edges.
    means = large.reshape(64, 2, 64, 2, 3).mean((1, 3))
    assert np.abs(means - small).mean() < 2


def test_a_picture_that_was_drawn_otherwise_has_no_seed() -> None:
    scene = scenes.parse(SUITE.prompts[0].text)
    changed = picture(SUITE.prompts[0].start_frame).copy()
    changed[0, 0, 0] ^= 1
    assert enlarging.seed_of(scene, changed) is None


def test_the_shipped_suite_is_what_its_module_writes(tmp_path) -> None:
    """The pictures to the pixel: another library may press the same ones into other bytes."""
    registry = load(tmp_path)
    shipped = registry.suites[SUITE.id]
    folder = registry.suite_folder(shipped)
    assert (shipped.title, shipped.metrics) == (SUITE.title, SUITE.metrics)
    for prompt, other in zip(SUITE.prompts, shipped.prompts, strict=True):
        assert (other.id, other.text, other.domains) == (prompt.id, prompt.text, prompt.domains)
        assert other.facts == prompt.facts
        for wanted, kept in (
            (prompt.start_frame, other.start_frame),
            (prompt.target, other.target),
        ):
            assert kept is not None
            found = media.decode(start_frames.read(kept, folder))
            assert np.array_equal(found, picture(wanted))
