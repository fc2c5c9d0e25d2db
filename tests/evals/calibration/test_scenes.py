"""The caption grammar is a bijection, and the renderer draws what the caption says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.calibration import corpus, scenes, suite
from evals.registry import load

every = st.builds(
    scenes.Scene,
    **{name: st.sampled_from(words) for name, words in scenes.VOCABULARY.items()},
)


@given(every)
def test_parse_inverts_caption(scene: scenes.Scene) -> None:
    assert scenes.parse(scenes.caption(scene)) == scene


def test_captions_are_distinct() -> None:
    captions = {scenes.caption(scene) for scene in scenes.every_scene()}
    assert len(captions) == 6750


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a cat",
        "one red circles on the left on a sky background, flat style",
        "two red circle on the left on a sky background, flat style",
        "one red circle at the left on a sky background, flat style",
        "one pink circle on the left on a sky background, flat style",
        "four red circles on the left on a sky background, flat style",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        scenes.parse(text)


@given(every, st.integers(0, 2**31))
def test_render_is_exact_and_seeded(scene: scenes.Scene, seed: int) -> None:
    first, again = scenes.render(scene, seed), scenes.render(scene, seed)
    assert first.shape == (64, 64, 3)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)


@given(every, st.integers(0, 2**31), st.sampled_from([2, 3]))
def test_a_larger_render_is_the_same_drawing(scene: scenes.Scene, seed: int, times: int) -> None:
    usual = scenes.render(scene, seed).astype(float)
    larger = scenes.render(scene, seed, size=64 * times)
    assert larger.shape == (64 * times, 64 * times, 3)
    means = larger.reshape(64, times, 64, times, 3).mean((1, 3))
    # Only where an edge runs through a pixel can the two ways to cover it differ.
    assert np.abs(means - usual).mean() < 1.5
    assert (np.abs(means - usual).max(2) > 60).mean() < 0.01


@given(every, st.integers(0, 1000), st.sampled_from(list(scenes.VOCABULARY)))
def test_every_word_shows(scene: scenes.Scene, seed: int, attribute: str) -> None:
    words = scenes.VOCABULARY[attribute]
    other = words[(words.index(scene.words[attribute]) + 1) % len(words)]
    changed = scenes.render(replace(scene, **{attribute: other}), seed)
    difference = np.abs(scenes.render(scene, seed).astype(int) - changed.astype(int))
    assert (difference.max(axis=2) > 25).sum() >= 8


@given(every, st.integers(0, 2**31))
def test_perturb_changes_none_or_all(scene: scenes.Scene, seed: int) -> None:
    rng = np.random.default_rng(seed)
    assert scenes.perturb(scene, rng, 0.0) == scene
    changed = scenes.perturb(scene, rng, 1.0)
    assert all(changed.words[name] != word for name, word in scene.words.items())


def test_split_keeps_a_tenth_unseen_and_disjoint() -> None:
    seen, unseen = set(corpus.seen_scenes()), set(corpus.unseen_scenes())
    assert not seen & unseen
    assert len(seen) + len(unseen) == 6750
    assert 0.08 < len(unseen) / 6750 < 0.12


@pytest.mark.parametrize("name", suite.SUITES)
def test_suite_is_unseen_balanced_and_as_shipped(name, tmp_path) -> None:
    chosen = suite.choose(suite.SUITES[name].prompts)
    assert all(corpus.is_unseen(scene) for scene in chosen)
    for attribute, words in scenes.VOCABULARY.items():
        counts = [sum(s.words[attribute] == word for s in chosen) for word in words]
        assert max(counts) - min(counts) <= 0.35 * len(chosen) / len(words) + 2
    shipped = load(tmp_path).suites[name]
    assert [p.text for p in shipped.prompts] == [scenes.caption(scene) for scene in chosen]
    assert [dict(p.facts) for p in shipped.prompts] == [scene.words for scene in chosen]
