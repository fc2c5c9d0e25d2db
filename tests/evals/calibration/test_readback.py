"""Readback is right on what the renderer draws, silent on noise, and never guesses."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from evals.calibration import readback, scenes
from evals.calibration.corpus import unseen_scenes


def sample(count: int, seed: int) -> list[tuple[scenes.Scene, int]]:
    rng = np.random.default_rng(seed)
    pool = list(scenes.every_scene())
    return [(pool[rng.integers(len(pool))], int(rng.integers(10**6))) for _ in range(count)]


def test_at_most_two_percent_of_rendered_words_are_misread() -> None:
    wrong: Counter[str] = Counter()
    drawn = sample(400, seed=3)
    for scene, seed in drawn:
        found = readback.read(scenes.render(scene, seed))
        wrong.update(name for name, word in scene.words.items() if found[name] != word)
    for attribute in scenes.VOCABULARY:
        assert wrong[attribute] / len(drawn) <= 0.02, attribute


@pytest.mark.parametrize("grain", [1, 4, 16])
@pytest.mark.parametrize("kind", ["uniform", "normal"])
def test_noise_says_nothing(grain: int, kind: str) -> None:
    rng = np.random.default_rng(11)
    said = 0
    for _ in range(40):
        shape = (64 // grain, 64 // grain, 3)
        raw = rng.uniform(0, 256, shape) if kind == "uniform" else rng.normal(128, 50, shape)
        pixels = np.kron(np.clip(raw, 0, 255), np.ones((grain, grain, 1))).astype(np.uint8)
        said += sum(word is not None for word in readback.read(pixels).values())
    assert said / (40 * 6) <= 0.02


@pytest.mark.parametrize("attribute", list(scenes.VOCABULARY))
def test_a_changed_word_is_noticed_and_only_that_one(attribute: str) -> None:
    noticed = spared = total = 0
    for scene, seed in sample(60, seed=5):
        words = scenes.VOCABULARY[attribute]
        other = words[(words.index(scene.words[attribute]) + 1) % len(words)]
        found = readback.read(scenes.render(replace(scene, **{attribute: other}), seed))
        noticed += found[attribute] == other
        spared += all(
            found[name] == word for name, word in scene.words.items() if name != attribute
        )
        total += 1
    assert noticed / total >= 0.98
    assert spared / total >= 0.95


def test_empty_paper_has_a_background_and_nothing_else() -> None:
    for name, rgb in scenes.BACKGROUNDS.items():
        found = readback.read(np.full((64, 64, 3), rgb, dtype=np.uint8))
        assert found == {**dict.fromkeys(scenes.VOCABULARY), "background": name}


def test_paper_of_no_known_colour_is_none() -> None:
    assert readback.read(np.full((64, 64, 3), (255, 0, 255), dtype=np.uint8))["background"] is None


def test_blur_makes_words_none_rather_than_wrong() -> None:
    """As a picture dissolves, words go missing before they turn into other words."""
    wrong = missing = total = 0
    for scene, seed in sample(120, seed=9):
        pixels = scenes.render(scene, seed).astype(float)
        soft = ndimage.gaussian_filter(pixels, (2.2, 2.2, 0))
        found = readback.read(np.clip(soft, 0, 255).astype(np.uint8))
        for name, word in scene.words.items():
            total += 1
            missing += found[name] is None
            wrong += found[name] not in (word, None)
    assert missing > 0
    assert wrong / total <= 0.12


def test_accuracy_is_the_share_of_words_that_hold() -> None:
    scene = unseen_scenes()[0]
    picture = scenes.render(scene, 0)
    assert readback.accuracy(picture, scene.words) == 1.0
    other = scenes.VOCABULARY["colour"][scenes.VOCABULARY["colour"].index(scene.colour) - 1]
    assert readback.accuracy(picture, {**scene.words, "colour": other}) == pytest.approx(5 / 6)


@pytest.mark.parametrize("shape", [(64, 64), (63, 64, 3), (64, 64, 4)])
def test_other_arrays_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="readback takes"):
        readback.read(np.zeros(shape, dtype=np.uint8))


def test_objects_that_touch_are_still_counted() -> None:
    """A generator's stars run into each other at the tips; a person still sees three."""
    scene = scenes.Scene("three", "yellow", "star", "top", "sand", "shaded")
    counted = 0
    for seed in range(20):
        soft = ndimage.gaussian_filter(scenes.render(scene, seed).astype(float), (0.7, 0.7, 0))
        counted += readback.read(soft.astype(np.uint8))["count"] == "three"
    assert counted >= 18
