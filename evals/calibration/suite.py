"""Compose the calibration suite: unseen captions, every word about equally often, tagged by style.

python -m evals.calibration.suite > data/suites/calibration.toml
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import numpy as np

from evals.calibration.corpus import unseen_scenes
from evals.calibration.scenes import VOCABULARY, Scene, caption

PER_STYLE = 20
SEED = 2026
METRICS = (
    "clip_score",
    "clip_score@reference-vit",
    "clip_iqa@reference-eye",
    "caption_accuracy",
    "sharpness",
    "clipping",
    "saturation",
    "vendi@reference",
    "fid@reference",
    "cmmd@reference",
)
"""Those that a judge of this world serves, and those that need none: the others know photographs
and would mean nothing here."""


def choose(per_style: int = PER_STYLE, seed: int = SEED) -> list[Scene]:
    """`per_style` unseen scenes of each style, interleaved, words of each attribute balanced.

    Greedy: of all scenes of the style, take the one whose words were used least so far (ties in
    the order of a seeded shuffle).
    """
    pool = unseen_scenes()
    order = np.random.default_rng(seed).permutation(len(pool))
    shuffled: list[Scene] = [pool[i] for i in order]
    used: Counter[tuple[str, str]] = Counter()
    chosen: list[Scene] = []
    for turn in range(per_style * len(VOCABULARY["style"])):
        style = VOCABULARY["style"][turn % len(VOCABULARY["style"])]
        fresh = [scene for scene in shuffled if scene.style == style and scene not in chosen]
        best = min(fresh, key=lambda scene: sum(used[item] ** 2 for item in scene.words.items()))
        used.update(best.words.items())
        chosen.append(best)
    return chosen


def as_toml() -> str:
    """The suite file."""
    lines = [
        "# Written by `python -m evals.calibration.suite`; a changed prompt is a new version.",
        'title = "Calibration world: captions no network was trained on"',
        'task = "text-to-image"',
        'reference_model = "reference-medium"',
        "seeds = [0, 1]",
        "metrics = [",
        *(f"    {json.dumps(name)}," for name in METRICS),
        "]",
    ]
    for number, scene in enumerate(choose(), start=1):
        facts = ", ".join(f"{name} = {json.dumps(word)}" for name, word in scene.words.items())
        lines += [
            "",
            "[[prompts]]",
            f'id = "c{number:03d}"',
            f"text = {json.dumps(caption(scene))}",
            f"domains = [{json.dumps(scene.style)}]",
            f"facts = {{ {facts} }}",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_toml())
