"""Is P(best) right as often as it says? `python -m benchmarks.p_best [SCORES.npz]`.

Suites of some prompts and random sets of models are drawn from scores whose truth is known, rated
exactly as boards are, and asked for P(best) of every model; then it is counted how often the model
was truly the best. Truly best = highest mean of the truth over all prompts, in the suite or not.

`SCORES.npz` holds, for K metrics, M models, P prompts and S seeds::

    models (M,), prompts (P,), metrics (K,), families (K,)   strings
    higher_is_better (K,)   bool
    tie_band (K,)           float, in the unit of the metric
    scores (K, M, P, S)     float; NaN where there is no score
    truth (M, P, S)         float, higher is better; NaN where the model failed

Without a file the scores are simulated: each family of judges sees the truth with a bias of its
own towards every model, which no number of prompts averages away. Anchors must not be in the file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.types import MetricSpec
from leaderboard.ratings.comparisons import compare
from leaderboard.ratings.rate import p_top, rate
from leaderboard.ratings.verdicts import Mark, Outcome

Floats = NDArray[np.float64]
EDGES = (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 1.0)
"""Bins of P(best); the last but one is the row around 0.9."""
AROUND = (0.85, 0.95)
DRAWS = 400


@dataclass(frozen=True)
class World:
    """Scores with their truth."""

    models: tuple[str, ...]
    prompts: tuple[str, ...]
    specs: tuple[MetricSpec, ...]
    scores: Floats
    """(K, M, P, S); NaN where there is none."""
    truth: Floats
    """(M, P, S)."""


@dataclass(frozen=True)
class Bias:
    """What the judges of a simulated world get wrong, in units of the spread of strengths."""

    families: int
    metrics: int
    """Of each family; they share its bias."""
    spread: float
    """Standard deviation of a family's bias towards a model."""


def load(path: Path) -> World:
    """The world of a file."""
    with np.load(path) as file:
        columns = zip(
            file["metrics"],
            file["families"],
            file["higher_is_better"],
            file["tie_band"],
            strict=True,
        )
        specs = tuple(
            spec(str(name), str(family), bool(higher), float(band))
            for name, family, higher, band in columns
        )
        models, prompts = (tuple(map(str, file[axis])) for axis in ("models", "prompts"))
        return World(
            models, prompts, specs, file["scores"].astype(float), file["truth"].astype(float)
        )


def spec(name: str, family: str, higher: bool = True, band: float = 0.0) -> MetricSpec:
    """A metric of which only its family, direction and tie band matter."""
    return MetricSpec(
        name=name,
        version="1",
        title=name,
        modality="image",
        measures="alignment",
        higher_is_better=higher,
        low=None,
        high=None,
        needs=(),
        family=family,
        tie_band=band,
    )


def simulated(bias: Bias, models: int, prompts: int, seed: int, strength: float = 0.5) -> World:
    """A world of two seeds: strengths of deviation `strength` in units of a generation's noise."""
    random = np.random.default_rng(seed)
    truth = strength * random.normal(size=(models, 1, 1)) + random.normal(size=(models, prompts, 2))
    judged: list[Floats] = []
    specs: list[MetricSpec] = []
    for family in range(bias.families):
        shift = bias.spread * strength * random.normal(size=(models, 1, 1))
        for metric in range(bias.metrics):
            noise = random.normal(size=truth.shape)
            judged.append(truth + shift + noise)
            specs.append(spec(f"metric-{family}-{metric}", f"family-{family}", band=0.1))
    names = tuple(f"model-{number:02}" for number in range(models))
    ids = tuple(f"prompt-{number:04}" for number in range(prompts))
    return World(names, ids, tuple(specs), np.stack(judged), truth)


def resampled(
    world: World, models: int, prompts: int, repeats: int, seed: int, draws: int = DRAWS
) -> Iterator[tuple[float, bool]]:
    """(P(best), was it the best) of every model of every resampled board."""
    random = np.random.default_rng(seed)
    true = np.nanmean(world.truth, axis=(1, 2))
    for repeat in range(repeats):
        some = np.sort(random.choice(len(world.models), models, replace=False))
        asked = np.sort(random.choice(len(world.prompts), prompts, replace=False))
        best = world.models[some[np.argmax(true[some])]]
        found = rate(compare(outcomes(world, some, asked), world.specs), draws=draws, seed=repeat)
        for model, odds in p_top(found, 1).items():
            yield odds, model == best


def outcomes(world: World, models: NDArray[np.int64], prompts: NDArray[np.int64]) -> list[Outcome]:
    """The settled generations of some models on some prompts."""
    made: list[Outcome] = []
    for model in models:
        for prompt in prompts:
            for seed in range(world.truth.shape[2]):
                values = world.scores[:, model, prompt, seed]
                marks = {
                    one.name: Mark(float(value), "same")
                    for one, value in zip(world.specs, values, strict=True)
                    if np.isfinite(value)
                }
                failed = bool(np.isnan(world.truth[model, prompt, seed]))
                made.append(
                    Outcome(world.models[model], world.prompts[prompt], seed, failed, marks)
                )
    return made


@dataclass(frozen=True)
class Bin:
    """Claims of one size, and how many came true."""

    low: float
    high: float
    claims: int
    said: float
    """Mean P(best) of them."""
    true: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share that came true."""
        z, n = 1.96, self.claims
        share = self.true / n
        middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        return float(middle - half), float(middle + half)


def binned(claims: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Claims by size; empty bins are left out."""
    odds = np.array([odds for odds, _ in claims])
    right = np.array([right for _, right in claims])
    bins: list[Bin] = []
    for low, high in pairwise(EDGES):
        inside = (odds >= low) & ((odds < high) | (high == EDGES[-1]))
        if inside.any():
            count, true = int(inside.sum()), int(right[inside].sum())
            bins.append(Bin(low, high, count, float(odds[inside].mean()), true))
    return bins


def table(bins: Sequence[Bin]) -> list[str]:
    """The lines of a Markdown table."""
    lines = ["| P(best) | claims | said | came true | 95 % |", "|---|--:|--:|--:|--:|"]
    for each in bins:
        low, high = each.interval
        lines.append(
            f"| {each.low:.2f}–{each.high:.2f} | {each.claims} | {each.said:.3f}"
            f" | {each.true / each.claims:.3f} | {low:.2f}–{high:.2f} |"
        )
    return lines


def main() -> None:
    """Resample, print the table, then the row around 0.9 as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scores", type=Path, nargs="?", help="else simulated")
    parser.add_argument("--models", type=int, default=6, help="on a board")
    parser.add_argument("--prompts", type=int, default=60, help="in a suite")
    parser.add_argument("--repeats", type=int, default=300, help="boards")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--families", type=int, default=2, help="of a simulated world")
    parser.add_argument("--metrics", type=int, default=2, help="of each family")
    parser.add_argument("--bias", type=float, default=0.5, help="deviation, of that of strengths")
    options = parser.parse_args()
    size = (options.models, options.prompts)
    claims: list[tuple[float, bool]] = []
    if options.scores is not None:
        claims += resampled(
            load(options.scores), *size, options.repeats, options.seed, options.draws
        )
    else:
        bias = Bias(options.families, options.metrics, options.bias)
        for number in range(options.repeats):
            # A world of its own each time: its truth is that of many more prompts.
            world = simulated(bias, options.models, 10 * options.prompts, number)
            claims += resampled(world, *size, 1, number, options.draws)
    bins = binned(claims)
    print("\n".join(table(bins)))
    around = next((each for each in bins if (each.low, each.high) == AROUND), None)
    report = {"boards": options.repeats, "models": options.models, "prompts": options.prompts}
    if around is not None:
        low, high = around.interval
        report |= {
            "around_0.9": round(around.true / around.claims, 3),
            "interval": [round(low, 3), round(high, 3)],
            "claims": around.claims,
        }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
