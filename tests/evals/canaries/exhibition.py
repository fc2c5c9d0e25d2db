"""Pictures with known truth, shown to metrics that were written for these tests; no torch."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from evals.calibration.scenes import caption, every_scene, render
from evals.instruments import Instrument
from evals.needs import Shown
from evals.score import Scorer
from evals.types import Measures, MetricSpec, Prompt, Suite

SEEDS = (0, 1)
Measure = Callable[..., float]


PROMPTS = 24


@cache
def prompts(count: int = PROMPTS) -> tuple[Prompt, ...]:
    """The first of 24 captions spread over the calibration world, with their facts."""
    scenes = list(every_scene())
    chosen = [scenes[number * len(scenes) // PROMPTS + 7 * number] for number in range(count)]
    return tuple(
        Prompt(f"p{number:02d}", caption(scene), (scene.style,), scene.words)
        for number, scene in enumerate(chosen)
    )


def suite(count: int = PROMPTS) -> Suite:
    """A suite of those captions."""
    return Suite("shown", "Shown", "text-to-image", prompts(count), seeds=SEEDS)


@cache
def truth(prompt: str, seed: int) -> np.ndarray:
    """The exact drawing."""
    from evals.calibration.scenes import parse

    text = next(one.text for one in prompts() if one.id == prompt)
    return render(parse(text), seed)


@cache
def painted(model: str, prompt: str, seed: int) -> np.ndarray:
    """The drawing as an imperfect model would make it: a tint of the model's own, and a grain."""
    random = np.random.default_rng(int(hashlib.sha256(model.encode()).hexdigest()[:8], 16))
    tint = random.normal(0, 2, 3)
    grain = random.normal(0, 2, (64, 64, 3))
    return np.clip(np.rint(truth(prompt, seed) + tint + grain), 0, 255).astype(np.uint8)


def shown(model: str, prompt: Prompt, seed: int) -> Shown:
    """One generation."""
    picture = painted(model, prompt.id, seed)
    name = hashlib.sha256(f"{model} {prompt.id} {seed}".encode()).hexdigest()
    return Shown(prompt, seed, name, lambda: picture)


def made_by(models: Sequence[str], count: int = PROMPTS) -> dict[str, list[Shown]]:
    """What each of the models made of every prompt and seed."""
    return {
        model: [shown(model, prompt, seed) for prompt in prompts(count) for seed in SEEDS]
        for model in models
    }


class Collected:
    """A metric out of a plain function, which gets a list for every need of its spec."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.seen: dict[str, list[Any]] = {}

    def reset(self) -> None:
        self.seen = {}

    def update(self, **needs: Any) -> None:
        for name, value in needs.items():
            self.seen.setdefault(name, []).append(value)

    def compute(self) -> float:
        return self.measure(**self.seen)


def spec(name: str, measures: Measures, *needs: str, **more: Any) -> MetricSpec:
    """Of an image metric."""
    given = {"higher_is_better": True, **more}
    return MetricSpec(name, "1", name, "image", measures, low=None, high=None, needs=needs, **given)


def scorer(metrics: Mapping[MetricSpec, Measure]) -> Scorer:
    """The real scorer over metrics without a judge."""
    instruments = tuple(Instrument(one, f"print of {one.name}", None) for one in metrics)
    built = {one.name: Collected(measure) for one, measure in metrics.items()}
    return Scorer(instruments, {}, built)  # type: ignore[arg-type]
