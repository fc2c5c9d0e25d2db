"""Scores and exact truth of many more captions than a suite has: `... draw WORK`, `... score WORK`.

    python -m benchmarks.calibration_scores draw WORK     # pictures of every reference model
    python -m benchmarks.calibration_scores score WORK    # their scores -> WORK/scores.npz

Captions that neither any network nor the calibration suite has seen, two seeds each, drawn by every
registered candidate of the calibration world through the product's own backend, and scored by the
metrics that vote there and by the exact truth. `benchmarks.p_best` resamples suites from them. What
was drawn is kept: run it again to go on.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals import backends, instruments, registry, revision, score
from evals.calibration import scenes
from evals.calibration.corpus import unseen_scenes
from evals.needs import Shown
from evals.types import Model, Prompt, Suite

SUITE = "calibration"
SEEDS = (0, 1)
TRUTH = "caption_accuracy"


def captions(known: registry.Registry, count: int, skip: int = 0) -> list[Prompt]:
    """`count` prompts not in the suite, spread over the unseen scenes, after `skip` others."""
    there = {prompt.text for prompt in known.suite(SUITE).prompts}
    fresh = [scene for scene in unseen_scenes() if scenes.caption(scene) not in there]
    order = np.random.default_rng(0).permutation(len(fresh))[skip : skip + count]
    return [
        Prompt(f"u{number:03}", scenes.caption(fresh[i]), facts=fresh[i].words)
        for number, i in enumerate(order)
    ]


def candidates(known: registry.Registry) -> list[Model]:
    """The reference models, ready to be opened."""
    models = [m for m in known.models.values() if SUITE in m.suites and m.anchor is None]
    return [revision.located(known, model) for model in models]


def draw(model: Model, prompts: list[Prompt]) -> NDArray[np.uint8]:
    """Prompts x seeds x height x width x 3."""
    with backends.get(model.backend).open_model(model) as generator:
        rows = [
            [_levels(generator.generate(prompt, seed).pixels) for seed in SEEDS]
            for prompt in prompts
        ]
    return np.array(rows)


def _levels(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    return np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)


def main() -> None:
    """Draw, or score what was drawn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["draw", "score"])
    parser.add_argument("work", type=Path)
    parser.add_argument("--captions", type=int, default=300)
    parser.add_argument("--skip", type=int, default=0, help="captions that another set has")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    known = registry.load(options.work / "home")
    prompts = captions(known, options.captions, options.skip)
    models = candidates(known)
    if options.step == "draw":
        for model in models:
            path = options.work / f"{model.id}.npy"
            if not path.exists():
                np.save(path, draw(model, prompts))
                print(model.id, flush=True)
        return
    suite = known.suite(SUITE)
    chosen, _ = instruments.choose(suite, known.judges)
    voting = [i for i in chosen if i.spec.level == "generation" and i.spec.in_rating]
    truth, _ = instruments.choose(Suite("t", "T", suite.task, ()), known.judges, [TRUTH])
    scorer = score.open_scorer((*voting, *truth))
    table = np.full((len(scorer.instruments), len(models), len(prompts), len(SEEDS)), np.nan)
    for row, model in enumerate(models):
        drawn = np.load(options.work / f"{model.id}.npy")
        shown = [
            Shown(prompt, seed, "", lambda picture=drawn[p, s]: picture)
            for p, prompt in enumerate(prompts)
            for s, seed in enumerate(SEEDS)
        ]
        for place, scores in enumerate(scorer.score(shown)):
            for column, made in enumerate(scores):
                if made.value is not None:
                    table[column, row, *divmod(place, len(SEEDS))] = made.value
        print(model.id, flush=True)
    np.savez_compressed(
        options.work / "scores.npz",
        scores=table[:-1],
        truth=table[-1],
        metrics=[i.spec.name for i in voting],
        families=[i.spec.family or i.spec.name for i in voting],
        higher_is_better=[i.spec.higher_is_better for i in voting],
        tie_band=[i.spec.tie_band for i in voting],
        models=[model.id for model in models],
        prompts=[prompt.id for prompt in prompts],
    )


if __name__ == "__main__":
    main()
