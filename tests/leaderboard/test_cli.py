"""The command line: readable answers, stable JSON, one-line errors, and nothing heavy to read."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.errors import ChurnboardError
from evals.home import HOME_VARIABLE
from leaderboard.answers import BoardRow, Pick
from leaderboard.cli import build
from leaderboard.export import read_recommendations
from tests.leaderboard.factory import WORLD, Made, run_record, write

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "pandas", "lifelines", "scipy", "pyarrow", "numpy", "matplotlib", "streamlit")
READING = (
    ["--help"],
    ["board"],
    ["board", "--json"],
    ["board", "--sensitivity"],
    ["board", "--prices-at", "2026-07-01"],
    ["prices"],
    ["prices", "show", "nvidia-h100"],
    ["picks"],
    ["export"],
    ["export", "--format", "litellm"],
    ["half-life"],
)


def run(home: Path, *arguments: str) -> str:
    """What a command prints on stdout; it must succeed."""
    done = CliRunner().invoke(build(), [*arguments, "--home", str(home)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def answer(home: Path, *arguments: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(run(home, *arguments, "--json"))
    return parsed


def process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, through the real entry point."""
    return subprocess.run(
        [sys.executable, "-m", "leaderboard.cli", *arguments],
        cwd=ROOT,
        env=os.environ | {HOME_VARIABLE: str(home), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", READING, ids=" ".join)
def test_reading_imports_nothing_heavy(published_home: Path, arguments: list[str]) -> None:
    code = (
        "import sys, contextlib, io\n"
        "from leaderboard.cli import build\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    build()({arguments!r}, standalone_mode=False)\n"
        f"print('imported', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {HOME_VARIABLE: str(published_home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["imported"]


def test_the_json_of_boards(published_home: Path) -> None:
    found = answer(published_home, "board", "--source", "evals")
    assert found["schema_version"] == "2.0"
    assert found["edition"].startswith("leaderboard-")
    assert {board["domain"] for board in found["boards"]} == {"all", "flat", "shaded", "sketch"}
    board = found["boards"][0]
    assert set(board) == {
        *("source", "task", "domain", "at", "suite", "simulated", "reference", "metrics"),
        *("weights", "left_out", "silent_changes", "rows"),
    }
    assert set(board["suite"]) == {"id", "version"}
    assert {tuple(row) for row in board["rows"]} == {tuple(f.name for f in fields(BoardRow))}
    assert board["rows"][0]["anchor"] == "upper"
    assert board["rows"][-1]["anchor"] == "lower"
    ratings = [row["rating"] for row in board["rows"]]
    assert ratings == sorted(ratings, reverse=True)


def test_the_json_of_picks(published_home: Path) -> None:
    found = answer(published_home, "picks")
    assert set(found) == {
        *("schema_version", "edition", "picks", "none", "refused"),
        *("decisions", "frontier", "log", "traffic"),
    }
    for pick in found["picks"]:
        assert set(pick) == {f.name for f in fields(Pick)} - {"suite_id"} | {"suite"}
        assert pick["role"] in ("hero", "workhorse")
        assert pick["simulated"] is True
    anchors = {"renderer", "noise"}
    assert not anchors & {pick["model"] for pick in found["picks"]}


def test_json_is_documented(published_home: Path) -> None:
    page = (ROOT / "docs" / "json.md").read_text()
    documents = (
        answer(published_home, "board", "--sensitivity"),
        answer(published_home, "picks"),
        answer(published_home, "half-life"),
        answer(published_home, "doctor"),
        answer(published_home, "prices"),
    )
    undocumented = {key for one in documents for key in keys(one)} - set(
        re.findall(r"`([a-z_0-9]+)`", page)
    )
    assert not undocumented


def keys(value: object) -> set[str]:
    """Every key in a document, but those of `scores`, which are names of metrics."""
    if isinstance(value, list):
        return {key for item in value for key in keys(item)}
    if not isinstance(value, dict):
        return set()
    inner = {key for name, item in value.items() if name != "scores" for key in keys(item)}
    return set(value) | inner


@pytest.mark.parametrize("option", [["--task", "text-to-image"], ["--domain", "flat"]])
def test_filters(published_home: Path, option: list[str]) -> None:
    for board in answer(published_home, "board", *option)["boards"]:
        assert board[option[0].lstrip("-")] == option[1]


def test_a_table_shows_names_as_text(published_home: Path) -> None:
    shown = run(published_home, "board", "--domain", "flat")
    assert "anchor" in shown
    assert "<b>*Sly*</b>" in shown
    assert "unknown" in shown


def test_the_default_table_says_what_else_there_is(published_home: Path) -> None:
    shown = run(published_home, "board")
    assert "--domain: flat, shaded, sketch" in shown
    assert "--source: arena" in shown


def test_outside_boards_are_shown_with_their_date(published_home: Path) -> None:
    assert "arena, published 2026-10-07" in run(published_home, "board", "--source", "arena")


def test_export_prints_the_path_last_and_plain(published_home: Path) -> None:
    *_, last = run(published_home, "export").splitlines()
    assert read_recommendations(Path(last))["picks"]


def test_export_goes_where_it_is_told_and_can_be_verified(
    published_home: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "picks.json"
    assert run(published_home, "export", "--to", str(copy)).splitlines() == [str(copy)]
    told = run(published_home, "verify", str(copy), "--after", "0", "--at", "2026-11-24")
    assert "sequence" in told
    copy.write_bytes(copy.read_bytes().replace(b"hero", b"zero", 1))
    done = process(published_home, "verify", str(copy))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_verify_says_why_not_in_one_line(published_home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "picks.json"
    run(published_home, "export", "--to", str(copy))
    for more, why in (
        (("--at", "2031-01-01T00:00:00Z"), "expired"),
        (("--at", "2020-01-01"), "from the future"),
        (("--at", "2026-11-24", "--after", "99"), "replayed"),
        (("--at", "soon"), "no time"),
    ):
        with pytest.raises(ChurnboardError, match=why):
            run(published_home, "verify", str(copy), *more)


def test_export_for_litellm_names_what_it_leaves_out(published_home: Path, tmp_path: Path) -> None:
    target = tmp_path / "litellm.json"
    done = CliRunner().invoke(
        build(),
        ["export", "--format", "litellm", "--to", str(target), "--home", str(published_home)],
        catch_exceptions=False,
    )
    assert done.stdout.splitlines() == [str(target)]
    assert "left out: " in done.stderr
    assert json.loads(target.read_text())["model_list"] == []
    assert run(published_home, "export", "-f", "litellm").splitlines()[-1].endswith("litellm.yaml")


def test_an_error_is_one_line_with_its_exit_code(home: Path) -> None:
    done = process(home, "board")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "churnboard refresh" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("half-life", "--top", "0"), "--top"),
        (("half-life", "--since", "yesterday"), "--since"),
        (("half-life", "--by", "price"), "--by"),
        (("half-lif",), "half-life"),
        (("board", "--nope"), "--nope"),
        (("import", "tidy"), "path"),
    ],
)
def test_a_mistyped_command_is_one_line_too(
    home: Path, arguments: tuple[str, ...], names: str
) -> None:
    done = process(home, *arguments)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert names in line
    assert line.endswith("--help")


def test_an_unknown_board_names_those_there_are(published_home: Path) -> None:
    done = process(published_home, "board", "--task", "text-to-vidoe")
    assert done.returncode == 2
    assert "evals/text-to-image/all" in done.stderr


def test_every_command_says_what_it_does() -> None:
    for command in build().registered_commands:
        assert command.callback is not None
        assert (command.callback.__doc__ or "").strip(), command.name


def test_refresh_import_and_gc(home: Path) -> None:
    write(home, run_record())
    history = ROOT / "data" / "history" / "arena_monthly_top8.csv"
    assert "432 new rows stored; 54 boards read" in run(
        home, "import", "arena-monthly", str(history)
    )
    assert "nothing new" in run(home, "import", "arena-monthly", str(history))
    assert "1 runs with news" in run(home, "refresh")
    assert answer(home, "refresh")["runs"] == []
    (gone,) = run(home, "gc", "--keep", "1").splitlines()
    assert not Path(gone).exists()
    assert run(home, "picks")


def test_doctor_finds_what_is_wrong(home: Path) -> None:
    assert answer(home, "doctor")["ok"]
    home.mkdir(exist_ok=True)
    (home / "policy.toml").write_text("[hero]\nmax_cost = 1\n")
    done = CliRunner().invoke(build(), ["doctor", "--json"])
    assert done.exit_code == 1
    (bad,) = [check for check in json.loads(done.stdout)["checks"] if not check["ok"]]
    assert bad["name"] == "policy"
    assert "max_cost_usd" in bad["detail"]


def test_doctor_compares_ratings_with_the_truth(home: Path) -> None:
    trained = tuple(
        Made(f"ckpt-{n}", 18.0 + n, training_run="one" if n < 6 else None) for n in range(9)
    )
    write(home, run_record((*WORLD[:2], *trained)))
    run(home, "refresh")
    found = answer(home, "doctor", "--calibration")
    assert found["spearman"] > 0.9
    low, high = found["interval"]
    assert low <= found["spearman"] <= high
    assert {m["model"] for m in found["models"] if m["anchor"]} == {"renderer", "noise"}
    counted = {m["model"] for m in found["models"] if m["counted"]}
    assert counted == {"ckpt-0", "ckpt-2", "ckpt-5", "ckpt-6", "ckpt-7", "ckpt-8"}
    assert "Spearman" in run(home, "doctor", "--calibration")


def test_doctor_without_trained_models_says_so(home: Path) -> None:
    write(home, run_record(WORLD[:2]))
    run(home, "refresh")
    done = process(home, "doctor", "--calibration")
    assert done.returncode == 2
    assert "fewer than three trained models" in done.stderr
