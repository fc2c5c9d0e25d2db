"""VBench's totals: its published worked example, and what the arithmetic must keep."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import vbench
from evals.errors import ScoreError
from tests.vbench_files import GEN_3

RAW = {name: percent / 100 for name, percent in GEN_3.items()}


def test_the_published_row_comes_out() -> None:
    assert 100 * vbench.quality(RAW) == pytest.approx(84.11, abs=0.01)
    assert 100 * vbench.semantic(RAW) == pytest.approx(75.17, abs=0.01)
    assert 100 * vbench.total(RAW) == pytest.approx(82.32, abs=0.01)


def test_the_ends_of_every_dimension_are_0_and_1() -> None:
    for name, dimension in vbench.DIMENSIONS.items():
        assert vbench.normalised(name, dimension.low) == 0.0
        assert vbench.normalised(name, dimension.high) == 1.0
        assert vbench.normalised(name, dimension.high + 0.1) > 1.0  # not cut off


@given(st.sampled_from(sorted(GEN_3)), st.floats(0.001, 0.2))
def test_a_better_dimension_raises_its_part_by_its_share(name: str, more: float) -> None:
    better = RAW | {name: RAW[name] + more}
    dimension = vbench.DIMENSIONS[name]
    moved = {
        "quality": vbench.quality(better) - vbench.quality(RAW),
        "semantic": vbench.semantic(better) - vbench.semantic(RAW),
    }
    other = "semantic" if dimension.part == "quality" else "quality"
    share = dimension.weight / {"quality": 6.5, "semantic": 9.0}[dimension.part]
    assert moved[other] == 0.0
    assert moved[dimension.part] == pytest.approx(share * more / (dimension.high - dimension.low))


@pytest.mark.parametrize("name", sorted(GEN_3))
def test_nothing_stands_in_for_a_missing_dimension(name: str) -> None:
    with pytest.raises(ScoreError, match=name):
        vbench.total({other: raw for other, raw in RAW.items() if other != name})


def test_what_is_no_score_is_refused() -> None:
    with pytest.raises(ScoreError, match='did you mean "scene"'):
        vbench.normalised("scenes", 0.5)
    with pytest.raises(ScoreError, match="scene is nan"):
        vbench.total(RAW | {"scene": math.nan})


def test_weights_may_be_others() -> None:
    without = vbench.quality(RAW, {"dynamic_degree": 0.0})
    assert without == pytest.approx((6.5 * vbench.quality(RAW) - 0.5 * RAW["dynamic_degree"]) / 6)
    assert vbench.semantic(RAW, {"dynamic_degree": 0.0}) == vbench.semantic(RAW)
    with pytest.raises(ScoreError, match="every dimension weighs 0"):
        vbench.quality(RAW, dict.fromkeys(vbench.DIMENSIONS, 0.0))
