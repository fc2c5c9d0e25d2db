"""The main job on variants: three LoRAs that were trained on a style, and one that was not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals import registry
from evals.home import data_root
from evals.request import Request
from evals.run import evaluate
from leaderboard.distinctness.answers import Measured, Variant
from leaderboard.queries import board, families, open_edition
from leaderboard.refresh import refresh

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
BASE = "reference-small-r8"
STYLED = ("reference-small-hatched", "reference-small-neon", "reference-small-pastel")
NULL = "reference-small-null"
MOST = 3 * 1024**2
"""Bytes that all adapters together may take in the repository."""


def measured(home: Path, prompts: int | None, names: tuple[str, ...]) -> dict[str, Variant]:
    outcome = evaluate(home, Request("variants", models=(BASE, *names), prompts=prompts))
    assert outcome.counts == {"ok": outcome.planned}
    refresh(home, datetime.now(UTC), draws=100)
    with open_edition(home) as opened:
        found = families(opened)
    assert found is not None
    return {one.variant: one for one in found.variants if one.suite_id == "variants"}


def told(row: Variant) -> Measured:
    assert row.measured is not None
    return row.measured


def test_the_variants_ship_and_are_no_part_of_the_demo() -> None:
    known = registry.load(Path("nowhere"))
    for name in (*STYLED, NULL):
        model = known.model(name)
        assert (model.base, model.suites) == (BASE, ("variants",))
    files = list((data_root() / "reference" / "variants").glob("*.safetensors"))
    assert len(files) == 4
    assert sum(path.stat().st_size for path in files) <= MOST


@pytest.mark.slow
def test_a_style_has_its_own_row_and_the_null_has_none(tmp_path: Path) -> None:
    rows = measured(tmp_path, 20, (STYLED[2], NULL))
    assert rows[STYLED[2]].verdict == "distinct"
    assert rows[NULL].verdict == "not distinct"
    assert all(len(one.adapters[0].content) == 64 for one in rows.values())
    with open_edition(tmp_path) as opened:
        found = board(opened, "text-to-image", "all", "evals", "variants")
    assert {row.model for row in found.rows} == {BASE, STYLED[2]}
    assert any(one.what == f"folded: 1 variant not distinct from {BASE}" for one in found.left_out)


@pytest.mark.torture
def test_at_two_hundred_prompts_the_styles_are_found_and_the_null_is_not(tmp_path: Path) -> None:
    rows = measured(tmp_path, None, (*STYLED, NULL))
    assert {name: one.verdict for name, one in rows.items()} == {
        **dict.fromkeys(STYLED, "distinct"),
        NULL: "not distinct",
    }
    for name in STYLED:
        ratio = told(rows[name]).ratio
        assert ratio is not None
        assert ratio >= 2
        assert told(rows[name]).prompts == 200
    null = told(rows[NULL])
    assert null.ratio is not None
    assert null.ratio < 1
    assert null.content_drift is not None
    assert null.content_drift < min(told(rows[name]).content_drift or 0 for name in STYLED)
