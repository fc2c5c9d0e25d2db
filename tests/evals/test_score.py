"""Scores: one judge's look shared, and a reason wherever there is no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import instruments, metrics, registry, score
from evals.errors import NotFoundError, ScoreError
from evals.judges import pins as judges
from evals.needs import Shown
from evals.types import Prompt, StartFrame, Suite
from tests.evals.judging import register_judge

pytestmark = pytest.mark.slow

PICTURE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
SUITE = Suite("s", "S", "text-to-image", (Prompt("x", "a star"),))


class Fixed:
    """A metric that returns or raises what it is told."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def reset(self) -> None: ...

    def update(self, **needs: Any) -> None:
        if isinstance(self.answer, Exception):
            raise self.answer

    def compute(self) -> object:
        return self.answer


@pytest.fixture
def known(data: Path, home: Path) -> registry.Registry:
    path = register_judge(data)
    text = path.read_text()
    path.write_text(
        text.replace("metrics = [", 'metrics = ["clip_iqa", "vendi", "cmmd", "clip_score_hessel", ')
    )
    return registry.load(home, data)


def opened(known: registry.Registry, *names: str) -> score.Scorer:
    return score.open_scorer(instruments.choose(SUITE, known.judges, names)[0])


def shown(prompt: Prompt, picture: np.ndarray = PICTURE, seed: int = 0) -> Shown:
    return Shown(prompt, seed, "", lambda: picture)


def test_one_look_serves_every_metric(known: registry.Registry) -> None:
    names = ("caption_accuracy", "clip_iqa@reference", "clip_score", "clip_score_hessel@reference")
    scorer = opened(known, *names)
    prompt = known.suite("small").prompts[0]
    (made,) = scorer.score([shown(prompt)])
    assert tuple(item.metric for item in made) == names
    assert all(item.value is not None for item in made)
    assert scorer.encoded == 1
    accuracy, iqa, clip, hessel = made
    judge = known.judge("reference")
    assert clip.fingerprint == judges.fingerprint(judge, "clip_score", clip.version)
    assert clip.environment.startswith("torch ")
    assert accuracy.environment == ""
    assert scorer.score([shown(prompt)]) == [made]
    assert len({item.fingerprint for item in made}) == 4
    specs = {item.spec.name: item.spec for item in scorer.instruments}
    assert {specs[name].family for name in names[1:]} == {"tiny"}
    assert specs["clip_score"].tie_band == 0.5
    # Hessel's convention: another prompt and another factor on the same picture.
    encoder = scorer.encoders["reference"]
    (image,) = encoder.images([("", lambda: PICTURE)])
    text = encoder.text(f"A photo depicts {prompt.text}")
    import torch

    cosine = float(torch.cosine_similarity(image.double(), text.double(), dim=0))
    assert hessel.value == pytest.approx(2.5 * max(cosine, 0))
    assert iqa.value is not None
    assert 0 <= iqa.value <= 1


def test_no_facts_is_a_reason_and_costs_no_other_score(known: registry.Registry) -> None:
    ((accuracy, clip),) = opened(known, "caption_accuracy", "clip_score").score(
        [shown(Prompt("x", "a star"))]
    )
    assert accuracy.value is None
    assert "states no facts" in (accuracy.reason or "")
    assert clip.value is not None
    assert clip.reason is None


@pytest.mark.parametrize(
    "answer", [float("nan"), float("inf"), ValueError("broken"), ScoreError("no"), RuntimeError()]
)
def test_what_is_no_number_is_a_reason(answer: object) -> None:
    for level in ("generation", "model"):
        spec = replace(metrics.get("clip_score").SPEC, needs=("pixels",), level=level)  # type: ignore[arg-type]
        instrument = instruments.Instrument(spec, "f", None)
        scorer = score.Scorer((instrument,), {}, {spec.name: Fixed(answer)})  # type: ignore[dict-item]
        item = shown(Prompt("x", "x"))
        (made,) = scorer.score([item])[0] if level == "generation" else scorer.score_models([item])
        assert made.value is None
        assert made.reason


def test_whole_models_are_scored_over_all_they_made(known: registry.Registry) -> None:
    scorer = opened(known, "vendi@reference", "cmmd@reference", "clip_score")
    random = np.random.default_rng(1)
    made = [
        shown(Prompt(f"p{n}", "t"), random.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        for n in range(6)
    ]
    cmmd, vendi = scorer.score_models(made, made)
    assert (cmmd.metric, vendi.metric) == ("cmmd@reference", "vendi@reference")
    assert cmmd.value == pytest.approx(0, abs=1e-6)
    assert vendi.value is not None
    assert 1 <= vendi.value <= 6
    (same,) = scorer.only(["vendi@reference"]).score_models([made[0]] * 4)
    assert same.value == pytest.approx(1.0, abs=1e-3)
    alone, _ = scorer.score_models(made)
    assert alone.value is None
    assert "reference pictures" in (alone.reason or "")


def test_an_unavailable_judge_is_skipped_by_name_and_never_replaced(data: Path, home: Path) -> None:
    known = registry.load(home, data)
    with pytest.raises(NotFoundError, match="clip_score is unavailable"):
        instruments.choose(SUITE, known.judges, ["clip_score"])
    named = replace(SUITE, metrics=("clip_score", "sharpness"))
    chosen, notes = instruments.choose(named, known.judges)
    assert [item.spec.name for item in chosen] == ["sharpness"]
    assert [note for note in notes if note.startswith("metric clip_score skipped")]


def test_a_suite_that_names_no_metric_gets_those_that_its_prompts_have_the_means_for(
    known: registry.Registry,
) -> None:
    begun = Prompt("p", "a clip", start_frame=StartFrame("0" * 64, "a.png"))
    for task, prompt in (("text-to-video", Prompt("p", "a clip")), ("image-to-video", begun)):
        chosen, _ = instruments.choose(Suite("s", "S", task, (prompt,)), known.judges)
        names = {item.spec.name for item in chosen}
        assert "temporal_flickering" in names
        assert "motion_accuracy" not in names
        assert ("start_fidelity" in names) == (prompt is begun)


def test_a_judge_of_the_calibration_world_scores_nothing_unasked(
    data: Path, home: Path, known: registry.Registry
) -> None:
    path = data / "judges" / "reference.toml"
    usual, _ = instruments.choose(SUITE, known.judges)
    assert "clip_score" in {item.spec.name for item in usual}
    path.write_text("calibration_world = true\n" + path.read_text())
    chosen, _ = instruments.choose(SUITE, registry.load(home, data).judges)
    assert "clip_score" not in {item.spec.name for item in chosen}


def test_probes_are_scored_afresh_and_are_not_kept(known: registry.Registry, home: Path) -> None:
    asked = ["clip_score", "cmmd@reference", "sharpness"]
    scorer = score.open_scorer(instruments.choose(SUITE, known.judges, asked)[0], home)
    checks = scorer.checks()
    sizes = {name: len(values) for name, values in checks.items()}
    assert sizes == {"clip_score": 8, "cmmd@reference": 1}
    assert scorer.checks() == checks
    assert scorer.encoded == 0
    assert not (home / "embeddings").exists()
