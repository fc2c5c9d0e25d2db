"""The Families page: claim, tree, table, and pictures side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leaderboard.dashboard import family_charts
from leaderboard.refresh import refresh
from tests.leaderboard.dashboard.test_pages import drawn, words
from tests.leaderboard.distinctness.family_home import AT, SLY, build


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("families"))
    refresh(folder, AT, draws=50)
    return folder


def test_claim_measurement_and_verdict_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("families", home, monkeypatch)
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "1 of 3 LoRAs and fine-tunes (simulated stand-ins) are distinct" in said
    assert "Holds only when the training changed the look" in said
    assert "The half about language models is not measured" in said
    assert "2 variants not distinct from base, folded under it: mixed, same" in said
    table: Any = app.dataframe[0].value
    assert list(table["variant"]) == ["Mixed", "Same", SLY, "Swift"]
    assert list(table["own row"]) == [False, False, True, True]


def test_base_and_variants_are_side_by_side(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = drawn("families", home, monkeypatch, prompt="p03", seed="1")
    assert not app.exception
    said = words(app).replace("\\", "")
    assert "**Base** · base" in said
    assert f"**{SLY}** · distinct" in said
    assert app.selectbox(key="prompt").value == "p03"


def test_what_was_never_evaluated_is_said(
    published_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = drawn("families", published_home, monkeypatch)
    assert "churnboard eval --suite variants" in app.code[0].value
    assert "nothing of it was evaluated" in words(app).replace("\\", "")


def test_names_in_the_figure_are_text(home: Path) -> None:
    from leaderboard import queries

    with queries.open_edition(home) as edition:
        found = queries.families(edition)
    assert found is not None
    family = [one for one in found.variants if one.base == "base"]
    drawn_as = family_charts.tree(SLY, family, found.factor).to_json() or ""
    assert SLY not in drawn_as
    assert "&lt;b&gt;*Styled*" in drawn_as.replace("\\u003c", "<").replace("\\u0026", "&")
