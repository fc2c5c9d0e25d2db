"""Compose the calibration suites: unseen captions, every word about equally often, tagged by style.

python -m evals.calibration.suite > data/suites/calibration.toml
python -m evals.calibration.suite variants > data/suites/variants.toml
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from evals.calibration.corpus import unseen_scenes
from evals.calibration.scenes import VOCABULARY, Scene, caption

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


@dataclass(frozen=True)
class Composition:
    """What a suite is made of, beside its captions."""

    title: str
    reference: str
    prompts: int
    metrics: tuple[str, ...]
    command: str


CALIBRATION = Composition(
    "Calibration world: captions no network was trained on",
    "reference-medium",
    60,
    METRICS,
    "python -m evals.calibration.suite",
)
VARIANTS = Composition(
    "Calibration world: a base and its variants",
    "reference-small-r8",
    200,
    ("clip_score", "clip_score@reference-vit", "clip_iqa@reference-eye", "caption_accuracy"),
    "python -m evals.calibration.suite variants",
)
"""Many prompts, as styles are told from chance; its first ones are those of `CALIBRATION`."""
SUITES = {"calibration": CALIBRATION, "variants": VARIANTS}
"""Id -> composition."""


def choose(prompts: int, seed: int = SEED) -> list[Scene]:
    """Unseen scenes, of each style in turn, words of each attribute balanced.

    Greedy: of all scenes of the style, take the one whose words were used least so far (ties in
    the order of a seeded shuffle).
    """
    pool = unseen_scenes()
    order = np.random.default_rng(seed).permutation(len(pool))
    shuffled: list[Scene] = [pool[i] for i in order]
    used: Counter[tuple[str, str]] = Counter()
    chosen: list[Scene] = []
    for turn in range(prompts):
        style = VOCABULARY["style"][turn % len(VOCABULARY["style"])]
        fresh = [scene for scene in shuffled if scene.style == style and scene not in chosen]
        best = min(fresh, key=lambda scene: sum(used[item] ** 2 for item in scene.words.items()))
        used.update(best.words.items())
        chosen.append(best)
    return chosen


def as_toml(made: Composition = CALIBRATION) -> str:
    """The suite file."""
    lines = [
        f"# Written by `{made.command}`; a changed prompt is a new version.",
        f"title = {json.dumps(made.title)}",
        'task = "text-to-image"',
        f"reference_model = {json.dumps(made.reference)}",
        "seeds = [0, 1]",
        "metrics = [",
        *(f"    {json.dumps(name)}," for name in made.metrics),
        "]",
    ]
    for number, scene in enumerate(choose(made.prompts), start=1):
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
    sys.stdout.write(as_toml(SUITES[sys.argv[1] if len(sys.argv) > 1 else "calibration"]))
