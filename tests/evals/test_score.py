"""Scores: one judge's look shared, and a reason wherever there is no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals import judges, metrics, registry, score
from evals.encoders import Encoder
from evals.errors import NotFoundError
from evals.types import Prompt
from tests.evals.judging import register_judge

pytestmark = pytest.mark.slow

PICTURE = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)


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
    register_judge(data)
    return registry.load(home, data)


def test_a_picture_gets_every_score_with_its_fingerprint(
    known: registry.Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = score.instruments(["caption_accuracy", "clip_score"], known.judges)
    scorer = score.open_scorer(chosen)
    looks: list[object] = []
    image = Encoder.image
    monkeypatch.setattr(Encoder, "image", lambda self, p: (looks.append(p), image(self, p))[1])
    prompt = known.suite("small").prompts[0]
    accuracy, clip = scorer.score(prompt, PICTURE)
    assert (accuracy.metric, clip.metric) == ("caption_accuracy", "clip_score")
    assert accuracy.value is not None
    assert clip.value is not None
    judge = known.judge("reference")
    assert clip.fingerprint == judges.fingerprint(judge, "clip_score", clip.version)
    assert len(looks) == 1
    assert scorer.score(prompt, PICTURE) == (accuracy, clip)
    assert chosen[1].spec.family == "tiny"
    assert chosen[1].spec.tie_band == 0.5


def test_no_facts_is_a_reason_and_costs_no_other_score(known: registry.Registry) -> None:
    chosen = score.instruments(["caption_accuracy", "clip_score"], known.judges)
    accuracy, clip = score.open_scorer(chosen).score(Prompt("x", "a star"), PICTURE)
    assert accuracy.value is None
    assert "states no facts" in (accuracy.reason or "")
    assert clip.value is not None
    assert clip.reason is None


@pytest.mark.parametrize(
    "answer", [float("nan"), float("inf"), ValueError("broken"), RuntimeError("out")]
)
def test_what_is_no_number_is_a_reason(answer: object) -> None:
    spec = replace(metrics.get("clip_score").SPEC, needs=("pixels",))
    instrument = score.Instrument(spec, "f", None)
    scorer = score.Scorer((instrument,), {spec.name: Fixed(answer)}, {})  # type: ignore[dict-item]
    (made,) = scorer.score(Prompt("x", "x"), PICTURE)
    assert made.value is None
    assert made.reason


def test_an_unregistered_judge_is_told_before_anything_runs(data: Path, home: Path) -> None:
    with pytest.raises(NotFoundError, match='clip_score wants the judge "reference"'):
        score.instruments(["clip_score"], registry.load(home, data).judges)
