"""Styles: everything looks another way, and what is shown stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evals.calibration.corpus import unseen_scenes
from evals.calibration.readback import read
from evals.calibration.scenes import VOCABULARY, render
from evals.calibration.styles import STYLES, restyle
from evals.calibration.variants import NAMES, NULL, stage

SCENES = unseen_scenes()[::40]
EXACT = np.stack([render(scene, 3) for scene in SCENES])


@pytest.mark.parametrize("name", STYLES)
def test_every_picture_changes_alike_and_by_itself(name: str) -> None:
    styled = restyle(name, EXACT)
    assert styled.shape == EXACT.shape
    assert styled.dtype == np.uint8
    assert np.array_equal(restyle(name, EXACT[:3]), styled[:3])
    assert (np.abs(styled.astype(float) - EXACT).mean(axis=(1, 2, 3)) > 3).all()


@pytest.mark.parametrize("name", STYLES)
def test_every_word_can_still_be_told(name: str) -> None:
    """A drawing with one word changed looks otherwise in the style too."""
    for scene in SCENES:
        others = [
            replace(scene, **{attribute: word})
            for attribute, words in VOCABULARY.items()
            for word in words
            if word != scene.words[attribute]
        ]
        drawn = np.stack([render(one, 3, variation=0) for one in (scene, *others)])
        styled = restyle(name, drawn).astype(float)
        assert (np.abs(styled[1:] - styled[0]).max(axis=(1, 2, 3)) > 12).all()


def test_neon_is_read_as_the_drawing_was() -> None:
    for scene, picture in zip(SCENES, restyle("neon", EXACT), strict=True):
        words = read(picture)
        for attribute in ("count", "shape", "place"):
            assert words[attribute] == scene.words[attribute]


def test_there_is_one_variant_more_than_styles() -> None:
    assert set(NAMES) == {*STYLES, NULL}
    assert len({stage(name) for name in NAMES}) == len(NAMES)
