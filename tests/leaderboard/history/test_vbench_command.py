"""From a VBench file to what `import`, `board`, `vbench` and `half-life` say of it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.errors import InputError, NotFoundError
from leaderboard import queries
from leaderboard.cli import build
from leaderboard.errors import SnapshotError
from leaderboard.history.imports import import_boards
from leaderboard.refresh import refresh
from leaderboard.store import history
from leaderboard.store.database import FILE, writing
from tests.leaderboard.history.histories import DAY0, NOW, as_lines, board, write_tidy
from tests.vbench_files import GEN_3, write

TABLE = {
    "Gen-3": GEN_3,
    "still": GEN_3 | {"dynamic_degree": 20.0, "scene": 60.0},
    "part": {name: score for name, score in GEN_3.items() if name != "color"},
}


def run(*arguments: str) -> Any:
    done = CliRunner().invoke(build(), [*arguments, "--json"], catch_exceptions=False)
    return json.loads(done.stdout)


def stored(home: Path) -> Any:
    with writing(home, NOW) as database:
        return history.read_snapshots(database.connection)


def test_import_answers_with_the_totals(home: Path, tmp_path: Path) -> None:
    answer = run("import", "vbench", str(write(tmp_path / "t.csv", TABLE)))
    first, second, third = answer["models"]
    assert first["model"] == "Gen-3"
    assert [first[name] for name in ("quality", "semantic", "total")] == pytest.approx(
        [84.11, 75.17, 82.32], abs=0.01
    )
    assert second["model"] == "still"
    assert (third["semantic"], third["total"]) == (None, None)
    assert third["quality"] == first["quality"]
    assert (answer["boards"], answer["rows"]) == (1, 3)
    # The same file, the same answer, and nothing new.
    again = run("import", "vbench", str(tmp_path / "t.csv"))
    assert again["models"] == answer["models"]
    assert (again["rows"], again["files"]) == (0, answer["files"])


def test_what_is_imported_is_a_board_with_its_parts(home: Path, tmp_path: Path) -> None:
    import_boards(home, "vbench", str(write(tmp_path / "t.csv", TABLE)), DAY0)
    refresh(home, NOW)
    (found,) = run("board", "--task", "text-to-video")["boards"]
    assert (found["source"], found["at"]) == ("vbench", "2026-01-01T00:00:00Z")
    row = found["rows"][0]
    assert (row["rank"], row["model"]) == (1, "Gen-3")
    assert row["rating"] == pytest.approx(82.32, abs=0.01)
    assert row["scores"] == pytest.approx(GEN_3 | {"quality": 84.11, "semantic": 75.17}, abs=0.01)
    assert [one["reason"] for one in found["left_out"]] == ["published without a rank: part"]
    shown = CliRunner().invoke(build(), ["board", "--source", "vbench"]).stdout
    assert "82.32" in shown


def test_tables_do_not_touch_half_lives(home: Path, tmp_path: Path) -> None:
    boards = [board(day, *"abcdefg", arena="text-to-video") for day in (0, 7, 14)]
    import_boards(home, "tidy", str(write_tidy(tmp_path / "b.csv", as_lines(boards))), NOW)
    refresh(home, NOW)
    before = run("half-life") | {"edition": ""}
    import_boards(home, "vbench", str(write(tmp_path / "t.csv", TABLE)), DAY0)
    # A shorter one later is another choice of models, not a feed that broke off.
    short = str(write(tmp_path / "u.csv", {"Gen-3": GEN_3}))
    assert import_boards(home, "vbench", short, DAY0 + timedelta(days=9)).rows == 1
    refresh(home, NOW + timedelta(days=1))
    assert run("half-life") | {"edition": ""} == before
    assert {one["source"] for one in run("half-life", "--since", "2026-01-02")["boards"]} == {"x"}


def test_a_lost_database_is_made_again_with_every_score(home: Path, tmp_path: Path) -> None:
    import_boards(home, "vbench", str(write(tmp_path / "t.csv", TABLE)), DAY0)
    before = stored(home)
    assert before[0].entries[0].scores["color"] == 80.9
    (home / FILE).unlink()
    refresh(home, NOW)
    assert stored(home) == before


def test_a_date_may_be_given_once(home: Path, tmp_path: Path) -> None:
    path = str(write(tmp_path / "t.csv", TABLE))
    run("import", "vbench", path, "--date", "2026-01-31")
    assert f"{stored(home)[0].published_at:%Y-%m-%d}" == "2026-01-31"
    # Without it, the table is the one that is there.
    assert import_boards(home, "vbench", path, NOW).rows == 0
    dated = write(tmp_path / "d.csv", {"Gen-3": GEN_3}, more={"date": ["2026-02-02"]})
    with pytest.raises(InputError, match=r"d\.csv: says itself when"):
        import_boards(home, "vbench", str(dated), NOW, published_at=DAY0)
    tidy = write_tidy(tmp_path / "b.csv", as_lines([board(0, "a")]))
    with pytest.raises(InputError, match="leave --date out"):
        import_boards(home, "tidy", str(tidy), NOW, published_at=DAY0)


def test_another_table_of_the_same_day_is_refused_by_dimension(home: Path, tmp_path: Path) -> None:
    day = {"date": ["2026-01-31"]}
    import_boards(home, "vbench", str(write(tmp_path / "t.csv", {"a": GEN_3}, more=day)), NOW)
    before = stored(home)
    other = write(tmp_path / "u.csv", {"a": GEN_3 | {"color": 81.5}}, more=day)
    with pytest.raises(SnapshotError, match=r"u\.csv: row 2, column color: 'a' .*80\.9 .*81\.5 "):
        import_boards(home, "vbench", str(other), NOW)
    assert stored(home) == before


def test_a_fault_is_named_by_the_file_that_was_given(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", {"a": GEN_3 | {"color": 200.0}})
    with pytest.raises(SnapshotError, match=r"^\S*/t\.csv: row 2, column color: 200"):
        import_boards(home, "vbench", str(path), NOW)


def test_weights_turn_the_order(home: Path, tmp_path: Path) -> None:
    import_boards(home, "vbench", str(write(tmp_path / "t.csv", TABLE)), DAY0)
    refresh(home, NOW)
    answer = run("vbench")
    assert [one["model"] for one in answer["models"]] == ["Gen-3", "still"]
    assert answer["without_total"] == {"part": ["color"]}
    (turn,) = answer["turns"]
    assert (turn["upper"], turn["lower"], turn["side"]) == ("Gen-3", "still", "below")
    less = run("vbench", "--quality-weight", str(turn["at"] * 0.99))
    assert [(one["model"], one["rank"], one["vbench_rank"]) for one in less["models"]] == [
        ("still", 1, 2),
        ("Gen-3", 2, 1),
    ]
    assert less["leads"] == answer["leads"]
    static = run("vbench", "--weight", "dynamic_degree=0")
    assert static["models"][0]["model"] == "still"
    assert static["weights"]["dimensions"] == {"dynamic_degree": 0}
    file = run("vbench", "--table", str(tmp_path / "t.csv"))
    assert file["models"] == answer["models"]
    assert file["edition"] is None
    shown = CliRunner().invoke(build(), ["vbench", "--weight", "dynamic_degree=0"]).stdout
    assert "no total: part: no score of color" in shown
    assert "82.32 (1)" in shown


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--weight", "dynamic_degree"], "give NAME=WEIGHT"),
        (["--weight", "scene=1", "--weight", "scene=2"], "scene is given twice"),
        (["--weight", "scen=1"], 'did you mean "scene"'),
        (["--quality-weight", "-1"], "weight of quality"),
        (["--table", "t.csv", "--edition", "e"], "give one of the two"),
    ],
)
def test_wrong_weights_are_one_line(home: Path, arguments: list[str], error: str) -> None:
    done = CliRunner().invoke(build(), ["vbench", *arguments])
    assert isinstance(done.exception, InputError)
    assert error in str(done.exception)


def test_without_a_table_it_says_how_to_get_one(home: Path) -> None:
    refresh(home, NOW)
    done = CliRunner().invoke(build(), ["vbench"])
    assert isinstance(done.exception, NotFoundError)
    assert "churnboard import vbench FILE" in str(done.exception)
    with queries.open_edition(home) as edition:
        assert queries.snapshots(edition) == ()
