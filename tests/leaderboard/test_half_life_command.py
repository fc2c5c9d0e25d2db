"""`churnboard half-life`: its JSON, its options, its tables and its one-line errors."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import pytest
from typer.testing import CliRunner

from evals.errors import InputError
from leaderboard import tables
from leaderboard.churn.answers import AtRisk, CauseShare, Change, FindingRow, Noise, Window
from leaderboard.cli import build, main
from leaderboard.snapshots import Entry, Snapshot
from leaderboard.wire import SCHEMA_VERSION, half_lives_json
from tests.leaderboard.dashboard.report_factory import bare, full
from tests.leaderboard.history.histories import REAL, as_lines, board, needs_real, write_tidy

PUBLISHED = {
    *("spells", "exits", "entered", "entered_exits"),
    *("kaplan_meier_days", "kaplan_meier_interval", "kaplan_meier_at_least_days"),
    *("exponential_days", "exponential_at_least_days", "interval"),
}
ESTIMATE = {"days", "interval", "at_least_days", "reason"}
SHAPE: dict[str, set[str] | None] = {
    **dict.fromkeys(("source", "arena", "top", "from", "to", "snapshots", "distinct_boards")),
    **dict.fromkeys(("simulated", "by_score", "aliases")),
    "as_published": PUBLISHED,
    "bridged": PUBLISHED,
    "interval_censored": {"turnbull_days", "weibull_days", "weibull_interval"},
    "half_life": {*ESTIMATE, "method", "draws", "exits", "missing_exits"},
    "replaced_half_time": {*ESTIMATE, "membership"},
    "noise": {field.name for field in fields(Noise)},
    "causes": {field.name for field in fields(CauseShare)},
    "replaced_in_30_days": None,
    "replaced_in_30_days_interval": None,
    "claim_30_days": None,
    "change": {field.name for field in fields(Change)},
    "windows": {field.name for field in fields(Window)},
    "at_risk": {field.name for field in fields(AtRisk)},
    "findings": {field.name for field in fields(FindingRow)},
}
"""Keys of a board, and of what stands beneath them; `None` = a plain value."""


def refuse(text: str) -> NoReturn:
    raise AssertionError(f"{text} is not JSON")


def shown(*arguments: str | Path) -> str:
    """What the command prints; it must succeed."""
    words = ["half-life", *map(str, arguments)]
    done = CliRunner().invoke(build(), words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def told(*arguments: str | Path) -> list[dict[str, Any]]:
    """The boards of its JSON."""
    answer = json.loads(shown(*arguments, "--json"), parse_constant=refuse)
    assert set(answer) == {"schema_version", "edition", "boards"}
    boards: list[dict[str, Any]] = answer["boards"]
    return boards


def refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str | Path
) -> str:
    """The one line on stderr of a command that must fail with exit code 2."""
    monkeypatch.setattr(sys, "argv", ["churnboard", "half-life", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.startswith("error: ")
    assert found.err.count("\n") == 1
    return found.err


def history(source: str = "x", arena: str = "text-to-image") -> list[Snapshot]:
    """Twelve weekly boards of eight models; the fifth place changes hands, and one is renamed."""
    boards: list[Snapshot] = []
    for week in range(12):
        names = [f"m{n}" for n in range(8)]
        names[3] = "old-name" if week < 6 else "new-name"
        strength = {name: 1000.0 - 20 * n for n, name in enumerate(names)}
        strength["m6"] += 60 * (week >= 4)
        order = sorted(strength, key=lambda name: -strength[name])
        entries = [
            Entry(
                n,
                name,
                score=strength[name] + week % 3,
                score_low=strength[name] - 9,
                score_high=strength[name] + 11,
            )
            for n, name in enumerate(order, start=1)
        ]
        boards.append(board(7 * week, *entries, source=source, arena=arena))
    return boards


@pytest.fixture
def observations(tmp_path: Path) -> Path:
    """A tidy file of two boards."""
    boards = [*history(), *history("y", "text-to-video")]
    return write_tidy(tmp_path / "seen.csv", as_lines(boards))


@pytest.mark.parametrize("report", [full(), bare()], ids=["full", "bare"])
def test_the_shape_of_the_json(report: Any) -> None:
    answer = half_lives_json([report], None)
    assert answer["schema_version"] == SCHEMA_VERSION == "2.0"
    (one,) = json.loads(json.dumps(answer, allow_nan=False))["boards"]
    assert set(one) == set(SHAPE)
    for key, inner in SHAPE.items():
        value = one[key]
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                assert set(row) == inner, key
    assert one["from"] == "2026-03-19"
    assert one["to"] == "2026-08-19"
    assert one["claim_30_days"] in ("below", "inside", "above", "unknown")


def test_an_unreached_median_is_null_with_a_bound() -> None:
    (one,) = half_lives_json([bare()], None)["boards"]
    assert one["replaced_half_time"]["days"] is None
    assert one["replaced_half_time"]["at_least_days"] == 91
    assert one["half_life"]["days"] is None
    assert one["half_life"]["reason"] == "the board publishes ranks only"
    assert one["half_life"]["missing_exits"] == 3


def test_observations_need_no_home(observations: Path, home: Path) -> None:
    found = told("--observations", observations)
    assert [(one["source"], one["arena"]) for one in found] == [
        ("x", "text-to-image"),
        ("y", "text-to-video"),
    ]
    assert {one["snapshots"] for one in found} == {12}
    assert not home.exists()
    assert told("--observations", observations) == found


def test_one_source_or_arena(observations: Path) -> None:
    (one,) = told("--observations", observations, "--source", "y")
    assert one["arena"] == "text-to-video"
    (one,) = told("--observations", observations, "--arena", "text-to-image")
    assert one["source"] == "x"


def test_the_days_are_inclusive(observations: Path) -> None:
    days = "--since", "2026-01-08", "--until", "2026-02-05"
    for one in told("--observations", observations, *days):
        assert (one["from"], one["to"], one["snapshots"]) == ("2026-01-08", "2026-02-05", 5)


def test_the_number_of_places(observations: Path) -> None:
    for top in (1, 3):
        for one in told("--observations", observations, "--top", str(top)):
            assert one["top"] == top
            assert len(one["at_risk"]) == top


def test_aliases_can_be_left_out(observations: Path, home: Path) -> None:
    home.mkdir()
    (home / "aliases.toml").write_text(
        '[[alias]]\nnames = ["old-name"]\nsame_as = "new-name"\nkind = "rename"\n'
        'reason = "it says so"\n'
    )
    (merged, _), (plain, _) = (
        told("--observations", observations, *option) for option in ([], ["--no-aliases"])
    )
    assert merged["bridged"]["exits"] == plain["bridged"]["exits"] - 1
    assert merged["as_published"] == plain["as_published"]
    assert "new-name" in merged["aliases"][0]
    assert plain["aliases"] == []


def test_by_score(tmp_path: Path) -> None:
    boards = [
        board(7 * n, Entry(1, "a", score=10.0), Entry(None, "b", score=99.0 + n)) for n in range(4)
    ]
    path = write_tidy(tmp_path / "seen.csv", as_lines(boards))
    (ranked,) = told("--observations", path, "--top", "1")
    (scored,) = told("--observations", path, "--top", "1", "--by", "score")
    assert [row["model"] for row in ranked["at_risk"]] == ["a"]
    assert [row["model"] for row in scored["at_risk"]] == ["b"]
    assert (ranked["by_score"], scored["by_score"]) == (False, True)


def test_what_reading_found_is_said(tmp_path: Path) -> None:
    path = write_tidy(tmp_path / "seen.csv", as_lines(history()[::-1]))
    (one,) = told("--observations", path)
    assert "unsorted-dates" in {finding["check"] for finding in one["findings"]}


def test_the_edition_has_its_own_answer(published_home: Path) -> None:
    words = "half-life", "--json", "--home", str(published_home)
    stored = json.loads(CliRunner().invoke(build(), words).stdout, parse_constant=refuse)
    assert stored["edition"].startswith("leaderboard-")
    arenas = {one["arena"] for one in stored["boards"] if one["source"] == "arena"}
    assert {"text-to-image", "image-edit", "text-to-video", "image-to-video"} <= arenas
    again = json.loads(
        CliRunner().invoke(build(), [*words, "--since", "2000-01-01"]).stdout, parse_constant=refuse
    )
    assert again["edition"] == stored["edition"]
    # Measured afresh over the same days the numbers are the same.
    assert again["boards"] == stored["boards"]


@needs_real
def test_the_real_history_from_its_file() -> None:
    (one,) = told(
        *("--observations", REAL / "arena_ai_daily.csv", "--arena", "text-to-image"),
    )
    assert (one["as_published"]["spells"], one["as_published"]["exits"]) == (17, 12)
    assert one["as_published"]["exponential_days"] == pytest.approx(45, abs=1)
    assert (one["bridged"]["spells"], one["bridged"]["exits"]) == (15, 10)
    assert one["half_life"]["days"] > 0
    assert one["half_life"]["interval"][0] > 0
    assert (one["snapshots"], one["distinct_boards"]) == (153, 29)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--arena", "text-to-imag"), "no such board; there are: x/text-to-image, y/text-to-video"),
        (("--source", "z"), "no such board"),
        (("--since", "2027-01-01"), "no such board in these days"),
        (("--until", "2025-01-01"), "no such board in these days"),
        (("--since", "2026-03-01", "--until", "2026-02-01"), "no such board in these days"),
    ],
)
def test_a_board_that_is_not_there(
    observations: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    says: str,
) -> None:
    line = refused(monkeypatch, capsys, "--observations", observations, *options)
    assert "seen.csv" in line
    assert says in line


@pytest.mark.parametrize(
    "options",
    [("--top", "0"), ("--since", "2026-13-01"), ("--until", "soon"), ("--by", "votes")],
    ids=" ".join,
)
def test_a_wrong_value_names_its_option(observations: Path, options: tuple[str, str]) -> None:
    words = ["half-life", "--observations", str(observations), *options]
    done = CliRunner().invoke(build(), words)
    assert done.exit_code == 2
    assert options[0] in done.stderr
    assert done.stdout == ""


HEAD = "arena,snapshot_date,model,rank,score"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("arena,model,rank\nx,a,1\n", ("row 1", "column snapshot_date")),
        (f"{HEAD}\nx,2026-01-01,a,first,1\n", ("row 2", "column rank")),
        (f"{HEAD}\nx,2026-01-01,a,1,high\n", ("row 2", "column score")),
        (f"{HEAD}\nx,2026-01-01,a,1,5\nx,2026-01-01,a,2,4\n", ("row 3", "column model")),
        (f"{HEAD}\nx,2026-01-01T12:00:00,a,1,5\n", ("row 2", "column snapshot_date")),
        (f"{HEAD}\nx,2099-01-01,a,1,5\n", ("row 2", "column snapshot_date")),
        (f"{HEAD}\nx,2026-01-01,,,\n", ("every board is empty or cut off",)),
    ],
    ids=["missing", "text rank", "text score", "twice", "no zone", "future", "empty"],
)
def test_a_malformed_file_is_named_with_row_and_column(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    says: tuple[str, ...],
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    line = refused(monkeypatch, capsys, "--observations", path)
    for part in ("bad.csv", *says):
        assert part in line


def test_a_file_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "none.csv" in refused(monkeypatch, capsys, "--observations", tmp_path / "none.csv")


def test_an_empty_home_says_what_to_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "churnboard refresh" in refused(monkeypatch, capsys)
    assert "churnboard refresh" in refused(monkeypatch, capsys, "--top", "3")
    assert not (home / "editions").exists()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_keeps_boards_and_numbers_whole(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    tables.show_half_lives([full(), bare(arena="image-to-video"), bare("arena_scrape", "other")])
    lines = capsys.readouterr().out
    assert all(len(line) <= width for line in lines.splitlines())
    for whole in ("text-to-image", "image-to-video", "54 [33, 91]", "61 [40, 97]", "12 of 17"):
        assert whole in lines
    assert "…" not in lines
    assert "> 91" in lines
    assert "no half-life: the board publishes ranks only" in lines.replace("\n", " ")
    assert lines.count("median stay") == 1


def test_an_edition_and_a_file_are_two_questions(tmp_path: Path) -> None:
    file = tmp_path / "boards.csv"
    file.write_text("arena,snapshot_date,model,rank\nx,2026-01-01,a,1\n")
    with pytest.raises(InputError, match="give one of the two"):
        CliRunner().invoke(
            build(),
            ["half-life", "--observations", str(file), "--edition", "any"],
            catch_exceptions=False,
        )
