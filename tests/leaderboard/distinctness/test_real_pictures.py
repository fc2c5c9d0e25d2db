"""Style and content apart where both are known: exact drawings, as the shipped judges see them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals import registry
from evals.calibration.corpus import unseen_scenes
from evals.calibration.scenes import Picture, Scene, render
from evals.calibration.styles import STYLES, restyle
from evals.encoders import Encoder, open_judge
from leaderboard.distinctness.answers import Measured
from leaderboard.distinctness.layout import Floats, Paired, side_by_side
from leaderboard.distinctness.measure import conclude, measure

pytestmark = pytest.mark.slow
SCENES = unseen_scenes()[::11]
SEEDS = 2
PROMPT = np.repeat(np.arange(len(SCENES)), SEEDS)


@pytest.fixture(scope="module")
def judges() -> list[Encoder]:
    known = registry.load(Path("nowhere")).judges
    return [open_judge(known[name]) for name in ("reference", "reference-vit", "reference-eye")]


def drawn(scenes: list[Scene], first_seed: int) -> Picture:
    return np.stack([render(one, first_seed + n) for one in scenes for n in range(SEEDS)])


def seen(judges: list[Encoder], pictures: Picture) -> Floats:
    each = [judge.images([("", lambda p=p: p) for p in pictures]) for judge in judges]
    rows = [[np.asarray(row, dtype=float) for row in of_judge] for of_judge in each]  # pyright: ignore[reportUnknownVariableType]
    return np.array([side_by_side(told) for told in zip(*rows, strict=True)])


def other_content(scenes: list[Scene]) -> list[Scene]:
    """Every drawing with the shape and colour of the next: together they show what they did."""
    moved = [*scenes[1:], scenes[0]]
    return [replace(a, shape=b.shape, colour=b.colour) for a, b in zip(scenes, moved, strict=True)]


def test_a_style_is_style_and_other_subjects_are_content(judges: list[Encoder]) -> None:
    exact = drawn(SCENES, 0)
    base = seen(judges, exact)
    shown = {
        "another seed": drawn(SCENES, 100),
        "other content": drawn(other_content(SCENES), 0),
        **{name: restyle(name, exact) for name in STYLES},
    }
    found: dict[str, Measured] = {
        name: measure(Paired(base, seen(judges, pictures), PROMPT), {})
        for name, pictures in shown.items()
    }
    said = dict(zip(found, conclude(list(found.values())), strict=True))
    assert {name: verdict for name, (_, verdict, _) in said.items()} == {
        "another seed": "not distinct",
        "other content": "not distinct",
        **dict.fromkeys(STYLES, "distinct"),
    }
    drift = {name: one.content_drift or 0.0 for name, one in found.items()}
    assert drift["another seed"] < 0.02
    assert drift["other content"] > 0.2
