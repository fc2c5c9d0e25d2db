"""A published VBench table: its totals, its unit, what is refused, what is said."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.vbench import DIMENSIONS
from leaderboard.errors import SnapshotError
from leaderboard.snapshots import Feed, Snapshot
from leaderboard.sources import source, vbench
from tests.leaderboard.history.histories import NOW
from tests.vbench_files import GEN_3, TABLES, Table, write

ONE = {"Gen-3": GEN_3}
TWO = {"Gen-3": GEN_3, "other": {name: score - 3 for name, score in GEN_3.items()}}
one_file = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path) -> Feed:
    return source("vbench").read(path, NOW)


def scores(board: Snapshot) -> dict[str, tuple[float | None, ...]]:
    return {
        entry.model: (entry.scores.get("quality"), entry.scores.get("semantic"), entry.score)
        for entry in board.entries
    }


def oracle(table: Table) -> dict[str, tuple[float, float, float]]:
    """Quality, semantic and total in per cent, typed anew from VBench's constants."""
    quality = ["subject_consistency", "background_consistency", "temporal_flickering"]
    quality += ["motion_smoothness", "dynamic_degree", "aesthetic_quality", "imaging_quality"]
    semantic = ["object_class", "multiple_objects", "human_action", "color"]
    semantic += ["spatial_relationship", "scene", "appearance_style", "temporal_style"]
    semantic += ["overall_consistency"]
    raw = np.array([[row[name] for name in quality + semantic] for row in table.values()]) / 100
    low = np.array([0.1462, 0.2615, 0.6293, 0.706] + [0] * 3 + [0] * 6 + [0.0009, 0, 0])
    high = np.array([1, 1, 1, 0.9975] + [1] * 3 + [1] * 5 + [0.8222, 0.2855, 0.364, 0.364])
    normal = 100 * (raw - low) / (high - low)
    weights = np.array([1, 1, 1, 1, 0.5, 1, 1])
    q, s = normal[:, :7] @ weights / 6.5, normal[:, 7:].mean(axis=1)
    found = np.stack([q, s, 0.8 * q + 0.2 * s], axis=1)
    return {model: tuple(row) for model, row in zip(table, found.tolist(), strict=True)}


def test_the_published_row_comes_out(tmp_path: Path) -> None:
    (board,) = read(write(tmp_path / "t.csv", ONE))
    assert scores(board)["Gen-3"] == pytest.approx((84.11, 75.17, 82.32), abs=0.01)
    assert (board.source, board.arena) == ("vbench", "text-to-video")


@given(table=TABLES)
@one_file
def test_totals_are_those_of_an_independent_reckoning(tmp_path: Path, table: Table) -> None:
    (board,) = read(write(tmp_path / "t.csv", table))
    expected = oracle(table)
    assert scores(board).keys() == expected.keys()
    for model, found in scores(board).items():
        assert found == pytest.approx(expected[model], abs=1e-9)
    totals = [entry.score or 0.0 for entry in board.entries]
    assert totals == sorted(totals, reverse=True)
    assert [entry.rank for entry in board.entries] == [
        1 + sum(other > total for other in totals) for total in totals
    ]


@given(table=TABLES, order=st.permutations(list(DIMENSIONS)), seed=st.integers(0, 99))
@one_file
def test_neither_order_nor_unit_nor_form_matters(
    tmp_path: Path, table: Table, order: list[str], seed: int
) -> None:
    (board,) = read(write(tmp_path / "t.csv", table, more={"date": ["2026-01-31"] * len(table)}))
    models = list(table)
    random.Random(seed).shuffle(models)
    turned = {model: table[model] for model in models}
    forms: list[Callable[[float], str]] = [
        lambda percent: repr(percent / 100),  # 0.9660999999999998 and the like
        lambda percent: f"{percent / 100:.4f}",
        lambda percent: f"{percent:.3f}%",
        lambda percent: f"{percent} %",
    ]
    for form in forms:
        more = {"published_at": ["2026-01-31"] * len(table)}
        (same,) = read(write(tmp_path / "u.csv", turned, order, form, more))
        assert same == board


def test_zero_is_zero_in_either_unit(tmp_path: Path) -> None:
    table = {"a": GEN_3 | {"multiple_objects": 0.0}}
    (percent,) = read(write(tmp_path / "p.csv", table))
    (fraction,) = read(write(tmp_path / "f.csv", table, cell=lambda value: str(value / 100)))
    assert scores(percent) == scores(fraction)
    assert percent.entries[0].scores["multiple_objects"] == 0


@pytest.mark.parametrize("name", list(DIMENSIONS))
def test_a_column_in_another_unit_is_refused_by_name(tmp_path: Path, name: str) -> None:
    table = {model: row | {name: row[name] / 100} for model, row in TWO.items()}
    path = write(tmp_path / "t.csv", table, cell=str)
    with pytest.raises(SnapshotError, match=rf"t\.csv: row [23], column {name}: .* is a fraction"):
        read(path)


def test_a_row_in_another_unit_is_refused_by_name(tmp_path: Path) -> None:
    low = {name: score / 100 for name, score in GEN_3.items() if not 100 * DIMENSIONS[name].low > 1}
    path = write(tmp_path / "t.csv", TWO | {"low": low}, cell=str)
    with pytest.raises(
        SnapshotError, match=r"row 4, column dynamic_degree: .*row 2, column motion"
    ):
        read(path)


def test_one_cell_in_another_unit_is_refused_where_it_cannot_be_meant(tmp_path: Path) -> None:
    table = TWO | {"odd": GEN_3 | {"motion_smoothness": 0.9923}}
    with pytest.raises(SnapshotError, match=r"row 4, column motion_smoothness: 0\.9923 is a frac"):
        read(write(tmp_path / "t.csv", table, cell=str))
    # A single model may well draw nearly nothing twice.
    meant = TWO | {"odd": GEN_3 | {"multiple_objects": 0.56}}
    (board,) = read(write(tmp_path / "t.csv", meant, cell=str))
    assert scores(board)["odd"] == pytest.approx(oracle(meant)["odd"])


def test_a_missing_score_leaves_no_total_and_is_named(tmp_path: Path) -> None:
    lacking = {name: score for name, score in GEN_3.items() if name not in ("scene", "color")}
    feed = read(write(tmp_path / "t.csv", {"whole": GEN_3, "part": lacking}))
    (board,) = feed
    whole, part = board.entries
    assert (whole.rank, part.rank, part.score) == (1, None, None)
    assert scores(board)["part"] == (whole.scores["quality"], None, None)
    assert "scene" not in part.scores
    (found,) = (found for found in feed.findings if found.check == "no-total")
    assert (found.count, found.examples) == (1, ("part: color, scene",))


@pytest.mark.parametrize("blank", ["", "-", "–", "n/a", "N/A"])
def test_a_missing_score_may_be_written_so(tmp_path: Path, blank: str) -> None:
    path = write(tmp_path / "t.csv", ONE, cell=lambda v: blank if v == 54.57 else str(v))
    assert read(path)[0].entries[0].score is None


def test_published_totals_are_held_against_ours(tmp_path: Path) -> None:
    more = {"quality": ["84.11", "80"], "semantic_score": ["75.17", ""], "total": ["82.32", ""]}
    (found,) = (f for f in read(write(tmp_path / "t.csv", TWO, more=more)).findings if f.examples)
    assert (found.check, found.count) == ("other-totals", 1)
    assert found.examples[0].startswith("other: quality 80.00, its dimensions give 7")


@pytest.mark.parametrize(
    ("more", "cell", "where"),
    [
        ({"date": ["31/01/2026"]}, str, "row 2, column date: '31/01/2026'"),
        ({"date": ["2027-01-31"]}, str, "row 2, column date: 2027-01-31 is in the future"),
        ({"total": ["first"]}, str, "row 2, column total: 'first' is no number"),
        ({}, lambda v: "x" if v == 54.57 else str(v), "row 2, column scene: 'x' is no number"),
        ({}, lambda v: "nan" if v == 54.57 else str(v), "row 2, column scene: .*finite"),
        ({}, lambda v: "inf" if v == 54.57 else str(v), "row 2, column scene: .*finite"),
        ({}, lambda v: "-1" if v == 54.57 else str(v), "row 2, column scene: '-1' is below 0"),
        ({}, lambda v: "101" if v == 54.57 else str(v), "row 2, column scene: 101 is above 100"),
        ({}, lambda _: "", "row 2, column subject_consistency: no model has a score"),
    ],
)
def test_a_malformed_table_is_named(
    tmp_path: Path, more: dict[str, list[str]], cell: Callable[[float], str], where: str
) -> None:
    with pytest.raises(SnapshotError, match=where) as caught:
        read(write(tmp_path / "t.csv", ONE, cell=cell, more=more))
    assert "\n" not in str(caught.value)


def test_a_misspelt_a_missing_and_a_repeated_name_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", ONE)
    path.write_text(path.read_text().replace("color", "colour"))
    with pytest.raises(SnapshotError, match=r'column colour: .*did you mean "color"'):
        read(path)
    without = [name for name in DIMENSIONS if name != "scene"]
    with pytest.raises(SnapshotError, match="row 1, column scene: is missing"):
        read(write(path, ONE, without))
    text = write(path, TWO).read_text()
    path.write_text(text.replace("other", "Gen-3"))
    with pytest.raises(SnapshotError, match="row 3, column model: 'Gen-3' is on the board twice"):
        read(path)
    path.write_text(text.replace("other", ""))
    with pytest.raises(SnapshotError, match="row 3, column model: is blank"):
        read(path)
    path.write_text(text.splitlines()[0])
    with pytest.raises(SnapshotError, match="the file has no models"):
        read(path)


@pytest.mark.parametrize(
    "form", [str.upper, str.title, lambda name: name.replace("_", " ").title(), lambda n: f" {n} "]
)
def test_a_header_may_be_written_as_vbench_itself_does(
    tmp_path: Path, form: Callable[[str], str]
) -> None:
    path = write(tmp_path / "t.csv", TWO)
    (plain,) = read(path)
    header, _, lines = path.read_text().partition("\n")
    path.write_text(",".join(map(form, header.strip().split(","))) + "\n" + lines)
    (same,) = read(path)
    assert same.entries == plain.entries


def test_what_nothing_is_read_from_is_said_and_empty_columns_are_not(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", TWO, more={"Sampled by": ["them", "us"]})
    plain = read(write(tmp_path / "p.csv", TWO))
    path.write_text(path.read_text().replace("\n", ",\n").replace("\r", ""))
    feed = read(path)
    assert feed[0].entries == plain[0].entries
    (found,) = [one for one in feed.findings if one.check == "unread-columns"]
    assert found.examples == ("sampled_by",)
    assert not [one for one in plain.findings if one.check == "unread-columns"]


def test_two_columns_that_are_one_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", TWO, more={"Model": ["a", "b"]})
    with pytest.raises(SnapshotError, match="column model: the column stands twice"):
        read(path)


def test_a_table_has_the_latest_date_in_it(tmp_path: Path) -> None:
    more = {"date": ["2026-01-31", "2026-02-02"], "organization": ["Runway", ""]}
    feed = read(write(tmp_path / "t.csv", TWO, more=more))
    assert feed[0].published_at == datetime(2026, 2, 2, tzinfo=UTC)
    assert [entry.organization for entry in feed[0].entries] == ["Runway", None]
    assert feed.findings == ()


def test_without_a_date_a_table_is_of_today_or_of_what_its_copy_says(tmp_path: Path) -> None:
    path = write(tmp_path / "my.table.csv", ONE)
    assert vbench.undated(path)
    assert read(path)[0].published_at == NOW
    at = datetime(2026, 5, 6, 7, 8, 9, 10, tzinfo=UTC)
    copy = path.rename(tmp_path / f"my.{vbench.stamp(at)}.csv")
    assert not vbench.undated(copy)
    assert read(copy)[0].published_at == at
    assert vbench.label(copy) == vbench.stamp(at)
