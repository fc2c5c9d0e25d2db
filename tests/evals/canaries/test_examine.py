"""Every canary catches a metric that it fools, and leaves an honest one alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from evals.calibration import readback
from evals.canaries import expected_pairs, run_canaries
from evals.canaries.degradations import DEGRADATIONS
from evals.canaries.pairs import OF_PICTURES
from evals.errors import ScoreError
from evals.record_types import CanaryResult
from evals.types import MetricSpec, Score
from tests.evals.canaries.exhibition import SEEDS, made_by, scorer, spec, suite, truth

Pictures = Sequence[np.ndarray]
MODELS = ("one", "two")
QUALITY = OF_PICTURES["quality"]


def examined(
    metrics: Mapping[MetricSpec, Callable[..., float]], **more: object
) -> dict[tuple[str, str], CanaryResult]:
    """(metric, canary) -> result over two models, 24 prompts, two seeds."""
    found = run_canaries(scorer(metrics), made_by(MODELS), suite(), at_most=40, **more)  # type: ignore[arg-type]
    named = {(item.metric, item.canary): item for item in found}
    assert len(named) == len(found)
    return named


def step(pixels: Pictures) -> float:
    """Mean square step between neighbours: "fine detail"."""
    return float(np.mean(np.diff(pixels[0].astype(float), axis=0) ** 2))


def smoothness(pixels: Pictures) -> float:
    return -step(pixels)


def contrast(pixels: Pictures) -> float:
    return float(np.ptp(pixels[0].astype(float)))


def colourfulness(pixels: Pictures) -> float:
    return float(np.ptp(pixels[0].astype(float), axis=2).mean())


def tidiness(pixels: Pictures) -> float:
    """How few colours there are."""
    return -float(len(np.unique(pixels[0].reshape(-1, 3), axis=0)))


def likeness(pixels: Pictures, prompt: Sequence[str]) -> float:
    """How near the picture comes to the drawing it should be: as honest as can be."""
    errors = [((pixels[0] - truth(prompt[0], seed).astype(float)) ** 2).mean() for seed in SEEDS]
    return -min(errors)


FOOLS = {
    "noise": step,
    "blur": smoothness,
    "over_sharpening": step,
    "saturation_boost": colourfulness,
    "posterise": tidiness,
}
HONEST = spec("honest", "quality", "pixels", "prompt")


@pytest.mark.parametrize("canary", QUALITY)
def test_a_metric_of_quality_that_copies_fool_is_caught(canary: str) -> None:
    foolish = spec("foolish", "quality", "pixels")
    found = examined({foolish: FOOLS[canary], HONEST: likeness})
    assert found["foolish", canary].fooled
    assert found["foolish", canary].pairs == 40
    assert not found["honest", canary].fooled
    assert found["honest", canary].wins == 0


def test_each_metric_falls_for_its_own_canaries_only() -> None:
    metrics = {spec(measure.__name__, "quality", "pixels"): measure for measure in FOOLS.values()}
    found = examined({**metrics, spec("contrast", "quality", "pixels"): contrast})
    caught = {name: {c for c in QUALITY if found[name, c].fooled} for name, _ in found}
    assert caught["smoothness"] == {"blur"}
    assert {"noise", "over_sharpening"} <= caught["step"]
    assert "blur" not in caught["step"]
    assert "saturation_boost" in caught["colourfulness"]
    assert "over_sharpening" in caught["contrast"]


def test_a_metric_where_less_is_better_is_caught_too() -> None:
    error = spec("error", "quality", "pixels", "prompt", higher_is_better=False)
    detail = spec("detail", "quality", "pixels", higher_is_better=False)
    found = examined({error: lambda **k: -likeness(**k), detail: step})
    assert not any(found["error", canary].fooled for canary in QUALITY)
    assert found["detail", "blur"].fooled
    assert not found["detail", "noise"].fooled


def agreement(pixels: Pictures, facts: Sequence[Mapping[str, str]]) -> float:
    seen = readback.read(pixels[0])
    return float(sum(seen[attribute] == word for attribute, word in facts[0].items()))


def test_a_metric_of_alignment_that_likes_the_wrong_picture_is_caught() -> None:
    needs = ("pixels", "facts")
    found = examined(
        {
            spec("surprise", "alignment", *needs): lambda **k: -agreement(**k),
            spec("honest", "alignment", *needs): agreement,
            spec("beauty", "alignment", "pixels"): contrast,
        }
    )
    assert found["surprise", "other_prompt"].fooled
    assert not found["honest", "other_prompt"].fooled
    assert found["honest", "other_prompt"].wins == 0
    assert not found["beauty", "other_prompt"].fooled, "blind to the text is not fooled by it"
    assert {canary for _, canary in found} == {"other_prompt"}


def apart(pixels: Pictures) -> float:
    """Mean distance of pictures to the first."""
    return float(np.mean([np.abs(one.astype(float) - pixels[0]).mean() for one in pixels[1:]]))


def test_a_metric_of_diversity_that_likes_repetition_is_caught() -> None:
    needs = ("diversity", "pixels")
    found = examined(
        {
            spec("harmony", *needs, level="model"): lambda pixels: 1 / (1 + apart(pixels)),  # type: ignore[arg-type]
            spec("honest", *needs, level="model"): apart,  # type: ignore[arg-type]
        }
    )
    assert found["harmony", "same_picture"].fooled
    assert not found["honest", "same_picture"].fooled
    assert found["honest", "same_picture"].pairs == 40


def mean_step(pixels: Pictures, real: Sequence[bool]) -> float:
    return float(np.mean([step([p]) for p, r in zip(pixels, real, strict=True) if not r]))


def distance(pixels: Pictures, real: Sequence[bool]) -> float:
    """Between the two sets' mean colours, spreads and steps: a Fréchet distance in small."""
    sides: list[np.ndarray] = []
    for side in (True, False):
        chosen = [p.astype(float) for p, r in zip(pixels, real, strict=True) if r == side]
        rows = [[*p.mean((0, 1)), *p.std((0, 1)), 3 * step([p]) ** 0.5] for p in chosen]
        sides.append(np.mean(rows, axis=0))
    return float(np.linalg.norm(sides[0] - sides[1]))


@pytest.mark.parametrize("canary", ["noise", "over_sharpening"])
def test_a_metric_of_sets_is_shown_blocks_of_prompts(canary: str) -> None:
    needs = ("quality", "pixels", "real")
    lower = {"level": "model", "higher_is_better": False}
    metrics = {
        spec("detail", *needs, level="model"): mean_step,  # type: ignore[arg-type]
        spec("frechet", *needs, **lower): distance,  # type: ignore[arg-type]
    }
    reference = made_by(["as it should be"])["as it should be"]
    found = run_canaries(scorer(metrics), made_by(MODELS), suite(), at_most=96, reference=reference)
    named = {item.metric: item for item in found if item.canary == canary}
    assert named["detail"].fooled
    assert not named["frechet"].fooled
    assert {item.pairs for item in found} == {16}
    without = run_canaries(scorer(metrics), made_by(MODELS), suite(), at_most=96)
    assert without == (), "a metric that lacks its reference has no score and so no result"


def test_a_block_is_compared_with_the_reference_of_its_own_prompts() -> None:
    """Else a distance between small sets is mostly one between their subjects."""
    seen: list[bool] = []

    def spying(prompt: Sequence[str], real: Sequence[bool]) -> float:
        pairs = list(zip(prompt, real, strict=True))
        sides = [{name for name, r in pairs if r == side} for side in (True, False)]
        seen.append(sides[0] == sides[1] != set())
        return 0.0

    metrics = {spec("m", "quality", "prompt", "real", level="model"): spying}
    reference = made_by(["as it should be"])["as it should be"]
    run_canaries(scorer(metrics), made_by(["one"]), suite(), reference=reference)
    assert len(seen) == 8 * (1 + len(QUALITY))
    assert all(seen)


def test_a_blind_metric_is_not_fooled() -> None:
    found = examined({spec("blind", "quality", "prompt"): lambda prompt: 1.0})
    for item in found.values():
        assert (item.wins, item.ties) == (0, item.pairs)
        assert not item.fooled


def test_gains_inside_the_tie_band_do_not_fool() -> None:
    narrow = spec("narrow", "quality", "pixels")
    wide = spec("wide", "quality", "pixels", tie_band=1e6)
    found = examined({narrow: step, wide: step})
    assert found["narrow", "noise"].fooled
    assert found["wide", "noise"].ties == found["wide", "noise"].pairs
    assert not found["wide", "noise"].fooled


def test_pairs_that_cannot_be_scored_do_not_count() -> None:
    def fragile(pixels: Pictures, prompt: Sequence[str]) -> float:
        if prompt[0] < "p12":
            raise ScoreError("not this one")
        if len(np.unique(pixels[0])) <= 4:
            raise ValueError("too few colours")
        return step(pixels)

    found = examined({spec("fragile", "quality", "pixels", "prompt"): fragile})
    assert ("fragile", "posterise") not in found
    assert 0 < found["fragile", "noise"].pairs < 40
    assert found["fragile", "noise"].fooled


def test_few_prompts_prove_nothing() -> None:
    made = {"one": [item for item in made_by(["one"])["one"] if item.prompt.id <= "p03"]}
    metrics = {spec("step", "quality", "pixels"): step}
    found = {item.canary: item for item in run_canaries(scorer(metrics), made, suite())}
    assert found["noise"].wins == found["noise"].pairs == 8
    assert not found["noise"].fooled


def test_metrics_are_asked_about_their_own_canaries_only() -> None:
    asked: dict[str, set[str]] = {"quality": set(), "alignment": set()}
    originals = {item.media_sha256 for group in made_by(MODELS).values() for item in group}

    class Spy:
        instruments = scorer(
            {spec(kind, kind, "pixels"): contrast for kind in asked}  # type: ignore[arg-type]
        ).instruments

        def score(self, shown: Sequence, names: Sequence[str]) -> list[tuple[Score, ...]]:
            for item in shown:
                for name in names:
                    asked[name].add(item.media_sha256)
            return [tuple(Score(name, "1", 0.0) for name in names) for _ in shown]

    run_canaries(Spy(), made_by(MODELS), suite())  # type: ignore[arg-type]
    assert asked["alignment"] == originals
    assert originals < asked["quality"]
    assert len(asked["quality"]) == len(originals) * (1 + len(DEGRADATIONS))


def test_the_same_twice_and_in_any_order() -> None:
    metrics = {spec("step", "quality", "pixels"): step, HONEST: likeness}
    made = made_by(MODELS)
    turned = {model: list(reversed(made[model])) for model in reversed(MODELS)}
    first = run_canaries(scorer(metrics), made, suite(), at_most=20)
    assert first == run_canaries(scorer(metrics), turned, suite(), at_most=20)
    assert first == run_canaries(scorer(metrics), made, suite(), at_most=20)


@pytest.mark.parametrize(
    ("one", "pairs"),
    [
        (spec("m", "quality", "pixels"), 40),
        (spec("m", "alignment", "pixels"), 40),
        (spec("m", "diversity", "pixels", level="model"), 20),
        (spec("m", "quality", "pixels", level="model"), 0),
        (spec("m", "diversity", "pixels"), 0),
        (spec("m", "motion", "pixels"), 0),
    ],
    ids=lambda value: f"{value.measures}-{value.level}" if isinstance(value, MetricSpec) else "",
)
def test_the_pairs_that_are_expected_are_those_that_are_made(one: MetricSpec, pairs: int) -> None:
    """Of ten prompts with two seeds by two models: too few for blocks."""
    made = made_by(MODELS, 10)
    assert expected_pairs(one, made, suite(10)) == pairs
    found = run_canaries(scorer({one: lambda pixels: float(len(pixels))}), made, suite(10))
    assert {item.pairs for item in found} == ({pairs} if pairs else set())
