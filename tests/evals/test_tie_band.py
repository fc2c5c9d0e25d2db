"""The tie band is the change of a score that harmless edits make, and no more."""

from __future__ import annotations

import numpy as np
import pytest

from evals import instruments, registry, score
from evals.needs import Shown
from evals.tie_band import harmless_edits, tie_bands
from evals.types import Prompt, Score

PICTURE = np.random.default_rng(0).integers(0, 256, (16, 12, 3), dtype=np.uint8)


def test_the_edits_are_small_and_keep_the_shape() -> None:
    edits = list(harmless_edits(PICTURE))
    assert len(edits) == 5
    assert {edit.shape for edit in edits} == {PICTURE.shape}
    assert all(not np.array_equal(edit, PICTURE) for edit in edits)
    left, right, up, down = edits[1:]
    assert np.array_equal(left[1:], PICTURE[:-1])
    assert np.array_equal(right[:-1], PICTURE[1:])
    assert np.array_equal(up[:, 1:], PICTURE[:, :-1])
    assert np.array_equal(down[:, :-1], PICTURE[:, 1:])


class Corner:
    """Scores a picture by its upper left pixel, and cannot score by another metric."""

    def score(self, shown: list[Shown]) -> list[tuple[Score, ...]]:
        return [
            (Score("corner", "1", float(item.pixels()[0, 0, 0])), Score("none", "1", None, "no"))
            for item in shown
        ]


def test_the_band_is_the_95th_percentile_of_the_changes() -> None:
    first = float(PICTURE[0, 0, 0])
    moved = [abs(float(edit[0, 0, 0]) - first) for edit in harmless_edits(PICTURE)]
    shown = [Shown(Prompt("p", "t"), 0, "", lambda: PICTURE)]
    bands = tie_bands(Corner(), shown)  # type: ignore[arg-type]
    assert bands == {"corner": pytest.approx(np.percentile(moved, 95))}


def test_a_shift_is_no_harmless_edit_where_pixels_have_a_target() -> None:
    compressed = float(next(harmless_edits(PICTURE))[0, 0, 0])
    shown = [Shown(Prompt("p", "t"), 0, "", lambda: PICTURE)]
    bands = tie_bands(Corner(), shown, ["corner"])  # type: ignore[arg-type]
    assert bands == {"corner": abs(compressed - float(PICTURE[0, 0, 0]))}


@pytest.mark.slow
def test_the_shipped_judge_ties_what_differs_by_a_harmless_edit(home: object, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The band written in its file is what is measured on exact renders of unseen captions."""
    from evals.backends import procedural
    from evals.types import Model

    known = registry.load(tmp_path / "none")
    judge = known.judge("reference")
    suite = known.suite("calibration")
    chosen, _ = instruments.choose(suite, known.judges, ["clip_score"])
    model = Model("m", "M", "text-to-image", "procedural", {"kind": "renderer"})
    with procedural.open_model(model) as renderer:
        drawn = [(prompt, renderer.generate(prompt, 5).pixels) for prompt in suite.prompts]
    shown = [Shown(prompt, 5, "", lambda pixels=pixels: pixels) for prompt, pixels in drawn]
    measured = tie_bands(score.open_scorer(chosen), shown)["clip_score"]
    assert judge.tie_band["clip_score"] == pytest.approx(measured, rel=0.25)
