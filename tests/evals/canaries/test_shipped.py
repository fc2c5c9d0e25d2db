"""The metrics that ship, on the judge that ships, over drawings with some words wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals import instruments, registry, score
from evals.calibration.scenes import parse, perturb, render
from evals.canaries import run_canaries
from evals.needs import Shown
from evals.record_types import CanaryResult
from evals.types import digest

pytestmark = pytest.mark.slow
PROMPTS = 24
METRICS = ["caption_accuracy", "clip_score", "fid@reference", "sharpness", "vendi@reference"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], CanaryResult]:
    home: Path = tmp_path_factory.mktemp("home")
    known = registry.load(home)
    suite = known.suite("calibration")
    random = np.random.default_rng(0)

    def drawn(chance: float, first: int) -> list[Shown]:
        made: list[Shown] = []
        for prompt in suite.prompts[:PROMPTS]:
            for seed in (0, 1):
                picture = render(perturb(parse(prompt.text), random, chance), first + seed)
                name = digest(picture.tolist())
                made.append(Shown(prompt, seed, name, lambda picture=picture: picture))
        return made

    chosen, _ = instruments.choose(suite, known.judges, METRICS)
    scorer = score.open_scorer(chosen, home)
    made = {"exact": drawn(0.0, 0), "careless": drawn(0.15, 10)}
    found = run_canaries(scorer, made, suite, at_most=100, reference=drawn(0.0, 50))
    once = scorer.encoded
    again = run_canaries(scorer, made, suite, at_most=100, reference=drawn(0.0, 50))
    assert again == found
    assert scorer.encoded == once, "copies are known by their recipes: nothing is encoded twice"
    return {(item.metric, item.canary): item for item in found}


@pytest.mark.parametrize("metric", ["caption_accuracy", "clip_score"])
def test_metrics_of_alignment_see_the_wrong_picture(
    results: dict[tuple[str, str], CanaryResult], metric: str
) -> None:
    found = results[metric, "other_prompt"]
    assert found.pairs == 96
    assert found.wins <= 2
    assert not found.fooled


def test_vendi_sees_one_picture_for_two(results: dict[tuple[str, str], CanaryResult]) -> None:
    found = results["vendi@reference", "same_picture"]
    assert (found.pairs, found.wins) == (48, 0)


@pytest.mark.parametrize("canary", ["noise", "blur", "saturation_boost", "posterise"])
def test_the_distance_of_sets_rises_as_it_does_for_whole_suites(
    results: dict[tuple[str, str], CanaryResult], canary: str
) -> None:
    found = results["fid@reference", canary]
    assert found.pairs == 16
    assert not found.fooled
    assert found.wins <= 3


@pytest.mark.parametrize("canary", ["noise", "over_sharpening"])
def test_noise_and_halos_pass_for_sharpness(
    results: dict[tuple[str, str], CanaryResult], canary: str
) -> None:
    assert results["sharpness", canary].fooled
    assert not results["sharpness", "blur"].fooled
