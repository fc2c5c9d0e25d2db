"""From recorded runs and kept embeddings to a published answer, and to boards without doubles."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.errors import NotFoundError
from evals.types import Model
from leaderboard import queries
from leaderboard.cli import build as app
from leaderboard.distinctness.answers import Families, Variant
from leaderboard.distinctness.fold import one_family
from leaderboard.distinctness.kinds import kind_of
from leaderboard.distinctness.words import NO_LANGUAGE, claim_told
from leaderboard.evidence import ModelFacts
from leaderboard.refresh import deciding_suites, refresh
from leaderboard.store.database import writing
from leaderboard.store.evidence import read_evidence
from tests.leaderboard.distinctness.family_home import AT, MODELS, build, model


def answer(home: Path, at: datetime = AT) -> Families:
    refresh(home, at, draws=50)
    with queries.open_edition(home) as edition:
        found = queries.families(edition)
    assert found is not None
    return found


def of(found: Families, base: str = "base") -> dict[str, Variant]:
    return {one.variant: one for one in found.variants if one.base == base}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Families]:
    home = build(tmp_path_factory.mktemp("family"))
    return home, answer(home)


def test_a_style_is_distinct_and_nothing_else_is(measured: tuple[Path, Families]) -> None:
    rows = of(measured[1])
    assert {name: one.verdict for name, one in rows.items()} == {
        "mixed": "not distinct",
        "same": "not distinct",
        "styled": "distinct",
        "swift": "not distinct",
    }
    styled, mixed, same = (rows[name].measured for name in ("styled", "mixed", "same"))
    assert styled is not None
    assert mixed is not None
    assert same is not None
    assert styled.ratio is not None
    assert styled.ratio > 2
    assert (styled.prompts, styled.pictures) == (30, 60)
    assert mixed.content_drift is not None
    assert same.content_drift is not None
    assert mixed.content_drift > 0.7 > 0.2 > same.content_drift
    assert mixed.alignment["clip_score"] == pytest.approx(-9, abs=0.3)
    assert rows["styled"].judges == ("reference",)


def test_only_what_was_made_for_its_looks_is_folded(measured: tuple[Path, Families]) -> None:
    home, found = measured
    rows = of(found)
    assert {name for name, one in rows.items() if not one.own_row} == {"mixed", "same"}
    assert "keeps its row" in rows["swift"].reason
    with queries.open_edition(home) as edition:
        board = queries.board(edition, "text-to-image", "all", "evals", "family")
    assert {row.model for row in board.rows} == {"base", "styled", "swift"}
    (line,) = [one for one in board.left_out if one.what.startswith("folded")]
    assert line.what == "folded: 2 variants not distinct from base"
    assert "same: style" in line.reason
    shown = CliRunner().invoke(app(), ["board", "--home", str(home)]).output
    assert "left out: folded: 2 variants not distinct from base" in shown


def test_a_row_is_keyed_by_content_and_strength(measured: tuple[Path, Families]) -> None:
    assert of(measured[1])["styled"].adapters == MODELS[3].adapters
    told = json.loads(invoke(measured[0], "base", "--json"))
    (row,) = [one for one in told["variants"] if one["variant"] == "styled"]
    assert row["adapters"] == [{"content": "cccc" * 8, "strength": 1.0}]
    assert row["verdict"] == "distinct"
    assert 0 < row["p"] <= row["q"] <= told["rate"]
    assert {"mmd2", "style_distance", "seed_distance", "ratio", "content_drift"} <= row.keys()


def test_one_adapter_at_one_strength_has_one_row(tmp_path: Path) -> None:
    twin = replace(MODELS[3], id="styled-again", name="Again")
    other = replace(MODELS[3], id="styled-slow", settings={**MODELS[3].settings, "steps": 30})
    rows = of(answer(build(tmp_path, models=(*MODELS[::3], twin, other))))
    assert {name: one.own_row for name, one in rows.items()} == {
        "styled": True,
        "styled-again": False,
        "styled-slow": True,
    }
    assert "those of styled" in rows["styled-again"].reason


def test_the_same_evidence_gives_the_same_answer(
    measured: tuple[Path, Families], tmp_path: Path
) -> None:
    home, found = measured
    again = tmp_path / "again"
    shutil.copytree(home, again)
    assert answer(again, AT + timedelta(days=1)) == found


def invoke(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app(), ["variants", *arguments, "--home", str(home)])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_table_names_verdicts_and_reasons(measured: tuple[Path, Families]) -> None:
    shown = invoke(measured[0])
    assert "base and its variants · simulated models" in shown
    assert "on suite family: 2 variants not distinct from base, folded under it: mixed" in shown
    assert "sdxl-turbo: not measured: nothing of it was evaluated; churnboard eval" in shown
    assert "<b>*Styled*</b>" not in shown  # ids name the rows of this table


def test_an_unknown_base_is_refused_with_the_nearest(measured: tuple[Path, Families]) -> None:
    done = CliRunner().invoke(app(), ["variants", "bass", "--home", str(measured[0])])
    assert isinstance(done.exception, NotFoundError)
    assert 'no variant of a model called "bass"; did you mean "base"' in str(done.exception)


def test_what_was_not_measured_says_why(tmp_path: Path) -> None:
    few = of(answer(build(tmp_path / "few", prompts=10)))
    assert few["styled"].reason == "10 prompts that both made something of, of 20 at least"
    alone = of(answer(build(tmp_path / "alone", 20, MODELS[2:4])))
    assert "its base made nothing of this suite; churnboard eval --suite family --model base" in (
        alone["styled"].reason
    )
    unkept = of(answer(build(tmp_path / "unkept", 20, judged=False)))
    assert unkept["styled"].reason == (
        "what judge reference made of 40 of 40 pictures of styled is not kept here;"
        " churnboard rescore --suite family --all"
    )
    once = of(answer(build(tmp_path / "once", 20, seeds=(0,))))
    assert "evaluate both with --seeds 0,1" in once["styled"].reason
    for found in (few, alone, unkept, once):
        assert {one.verdict for one in found.values()} == {"not measured"}
        assert all(one.own_row for one in found.values())


def test_a_family_alone_decides_no_picks_where_others_were_evaluated(tmp_path: Path) -> None:
    family = [ModelFacts("a", "A"), ModelFacts("b", "B", base="a"), ModelFacts("c", "C", base="b")]
    assert one_family(family)
    assert one_family(family[1:])
    assert not one_family([*family, ModelFacts("d", "D")])
    assert not one_family([ModelFacts("a", "A")])
    home = build(tmp_path)
    refresh(home, AT, draws=50)
    with writing(home, AT) as database:
        (evidence,) = read_evidence(database.connection)
    older = tuple(replace(one, at=one.at.replace(year=2020)) for one in evidence.samples)
    others = replace(
        evidence,
        suite_id="others",
        samples=older,
        models=(*evidence.models, ModelFacts("d", "D", simulated=True)),
    )
    assert deciding_suites([evidence]) == {"text-to-image": "family"}
    assert deciding_suites([evidence, others]) == {"text-to-image": "others"}


@pytest.mark.parametrize(
    ("variant", "kind"),
    [
        (model("v", "base", adapter="bbbb"), "LoRA"),
        (model("v", "base", source="other"), "fine-tune"),
        (model("v", "base", source="other", steps=4), "distilled"),
        (model("v", "base", steps=1), "sampling"),
    ],
)
def test_the_kind_follows_from_the_settings(variant: Model, kind: str) -> None:
    assert kind_of(variant, model("base")) == kind


def test_the_claim_is_held_against_what_was_measured(measured: tuple[Path, Families]) -> None:
    found = measured[1]
    told = claim_told(found)
    assert told.verdict.startswith("holds only when the training changed the look")
    assert "(mixed, same)" in told.verdict
    assert told.measurement.startswith("1 of 3 LoRAs and fine-tunes (simulated stand-ins)")
    styled = tuple(one for one in found.variants if one.variant == "styled")
    assert claim_told(replace(found, variants=styled)).verdict.startswith("holds for every one")
    others = tuple(one for one in found.variants if one.variant in ("same", "swift"))
    assert claim_told(replace(found, variants=others)).verdict.startswith("does not hold")
    for none in (None, replace(found, variants=())):
        assert claim_told(none).verdict.startswith("not measured")
    assert "not measured" in NO_LANGUAGE
