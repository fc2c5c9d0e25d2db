"""The suites of clips: unseen, balanced, and shipped as they are composed."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from evals import media, start_frames
from evals.calibration import clip_corpus, clip_suite, motions, scenes
from evals.registry import load
from evals.types import Suite

VIDEO = clip_suite.video()
ANIMATED, PICTURES = clip_suite.animated()


@pytest.mark.parametrize("suite", [VIDEO, ANIMATED], ids=lambda suite: suite.id)
def test_prompts_are_unseen_and_their_facts_are_their_words(suite: Suite) -> None:
    shots = [motions.parse(prompt.text) for prompt in suite.prompts]
    assert len(set(shots)) == len(shots)
    assert all(clip_corpus.is_unseen(shot) for shot in shots)
    assert [dict(prompt.facts) for prompt in suite.prompts] == [shot.words for shot in shots]


@pytest.mark.parametrize("suite", [VIDEO, ANIMATED], ids=lambda suite: suite.id)
def test_words_are_balanced(suite: Suite) -> None:
    total = len(suite.prompts)
    doings = Counter((p.facts["motion"], p.facts.get("speed")) for p in suite.prompts)
    assert len(doings) == 15
    assert max(doings.values()) - min(doings.values()) <= 1
    for attribute in ("colour", "shape", "place", "background", "style"):
        words = scenes.VOCABULARY[attribute]
        counts = Counter(prompt.facts[attribute] for prompt in suite.prompts)
        assert set(counts) == set(words)
        assert max(counts.values()) - min(counts.values()) <= 0.35 * total / len(words) + 1


@pytest.mark.parametrize("suite", [VIDEO, ANIMATED], ids=lambda suite: suite.id)
def test_every_domain_has_enough_prompts(suite: Suite) -> None:
    domains = Counter(domain for prompt in suite.prompts for domain in prompt.domains)
    assert min(domains.values()) >= 8


def test_no_motion_is_of_one_style_only() -> None:
    styles = {(p.facts["motion"], p.facts["style"]) for p in VIDEO.prompts}
    assert Counter(motion for motion, _ in styles).most_common()[-1][1] >= 2


def test_a_clip_of_pictures_starts_from_its_shots_first_frame() -> None:
    for prompt in ANIMATED.prompts:
        assert prompt.start_frame is not None
        picture = media.decode(PICTURES[prompt.start_frame.path])
        assert motions.seed_of(motions.parse(prompt.text), picture) is not None


@pytest.mark.parametrize("suite", [VIDEO, ANIMATED], ids=lambda suite: suite.id)
def test_the_shipped_suites_are_what_their_module_writes(suite: Suite, tmp_path) -> None:
    """The pictures to the pixel: another library may press the same ones into other bytes."""
    registry = load(tmp_path)
    shipped = registry.suites[suite.id]
    folder = registry.suite_folder(shipped)
    for prompt, other in zip(suite.prompts, shipped.prompts, strict=True):
        assert (other.id, other.text, other.domains) == (prompt.id, prompt.text, prompt.domains)
        assert other.facts == prompt.facts
        if prompt.start_frame is not None:
            assert other.start_frame is not None
            kept = media.decode(start_frames.read(other.start_frame, folder))
            assert np.array_equal(kept, media.decode(PICTURES[prompt.start_frame.path]))
