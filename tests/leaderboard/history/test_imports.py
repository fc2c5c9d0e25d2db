"""Importing: everything is kept, nothing twice, nothing of a wrong file, from any address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from typer.testing import CliRunner

from evals.errors import InputError, NotFoundError
from leaderboard import queries
from leaderboard.cli import build
from leaderboard.errors import SnapshotError
from leaderboard.history.imports import import_boards
from leaderboard.refresh import refresh
from leaderboard.snapshots import Entry, Feed, Snapshot
from leaderboard.store import history, migrations
from leaderboard.store.database import FILE, writing
from tests.leaderboard.history.histories import FULL, NOW, as_lines, board, write_tidy

BOARDS = [
    board(0, FULL, "b", "c", Entry(None, "u", score=1.5)),
    board(1, FULL, "c", "b", "d"),
    board(1, "e", arena="image-edit"),
]


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    """An empty file system at `memory://`."""
    system = MemoryFileSystem()
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


def tidy(folder: Path, boards: list[Snapshot], name: str = "boards.csv") -> str:
    return str(write_tidy(folder / name, as_lines(boards)))


def stored(home: Path) -> list[Snapshot]:
    with writing(home, NOW) as database:
        return list(history.read_snapshots(database.connection))


def contents(home: Path) -> tuple[list[Any], list[str]]:
    """Every stored row and every kept file."""
    with writing(home, NOW) as database:
        rows = [
            database.connection.execute(f"FROM {table} ORDER BY ALL").fetchall()
            for table in ("snapshots", "imports", "import_findings")
        ]
    return rows, sorted(str(path) for path in (home / "history").rglob("*"))


def test_every_column_survives_the_store(home: Path, tmp_path: Path) -> None:
    done = import_boards(home, "tidy", tidy(tmp_path, BOARDS), NOW)
    assert (done.boards, done.rows) == (3, 9)
    assert stored(home) == sorted(BOARDS, key=lambda one: one.key)


NUMBERS = st.floats(-1e6, 1e6)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1)
ENTRIES = st.builds(
    Entry,
    rank=st.none() | st.integers(1, 500),
    model=NAMES,
    organization=st.none() | NAMES,
    score=st.none() | NUMBERS,
    score_low=st.none() | NUMBERS,
    score_high=st.none() | NUMBERS,
    votes=st.none() | st.integers(0, 10**12),
    licence=st.none() | NAMES,
    price_usd=st.none() | NUMBERS,
    price_unit=st.none() | NAMES,
    released=st.none() | st.dates(),
    model_id=st.none() | NAMES,
    kind=st.none() | NAMES,
)


@given(st.lists(ENTRIES, min_size=1, max_size=6, unique_by=lambda entry: entry.model))
@settings(max_examples=25, deadline=None)
def test_whatever_was_published_comes_back(entries: list[Entry]) -> None:
    connection = duckdb.connect()
    migrations.migrate(connection, NOW)
    feed = Feed((board(0, *entries),))
    assert history.ingest_feed(connection, "one", "f.csv", feed, (), NOW) == len(entries)
    assert history.read_snapshots(connection) == feed.snapshots
    assert history.ingest_feed(connection, "two", "g.csv", feed, (), NOW) == 0
    assert history.read_snapshots(connection) == feed.snapshots


def test_a_second_time_changes_nothing(home: Path, tmp_path: Path) -> None:
    path = tidy(tmp_path, BOARDS)
    import_boards(home, "tidy", path, NOW)
    before = contents(home)
    assert import_boards(home, "tidy", path, NOW + timedelta(days=1)).rows == 0
    assert contents(home) == before


def test_a_later_file_extends_the_history(home: Path, tmp_path: Path) -> None:
    import_boards(home, "tidy", tidy(tmp_path, BOARDS[:1]), NOW)
    done = import_boards(home, "tidy", tidy(tmp_path, BOARDS, "more.csv"), NOW)
    assert done.rows == 5
    assert stored(home) == sorted(BOARDS, key=lambda one: one.key)


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (board(0, replace(FULL, votes=1), "b", "c", Entry(None, "u", score=1.5)), "column votes"),
        (board(0, FULL, "b", "c"), "column model: 'u' .*: there there, not there here"),
        (board(0, FULL, "b", "c", "v", Entry(None, "u", score=1.5)), "row 5, column model: 'v'"),
    ],
)
def test_a_file_that_contradicts_a_stored_board_stores_nothing(
    home: Path, tmp_path: Path, other: Snapshot, where: str
) -> None:
    import_boards(home, "tidy", tidy(tmp_path, BOARDS), NOW)
    before = contents(home)
    path = tidy(tmp_path, [other, board(9, "new", "names")], "other.csv")
    with pytest.raises(SnapshotError, match=f"other.csv: .*{where}"):
        import_boards(home, "tidy", path, NOW)
    assert contents(home) == before


@pytest.mark.parametrize(
    "spoilt",
    [
        "x,t2i,2026-02-01,m,,one,,,,,,,,,,",
        "x,t2i,2026-02-01T10:00:00,m,,1,,,,,,,,,,",
        "x,t2i,2027-02-01,m,,1,,,,,,,,,,",
        "x,text-to-image,2026-01-01,b,,7,,,,,,,,,,",
    ],
)
def test_nothing_of_a_malformed_file_is_stored(home: Path, tmp_path: Path, spoilt: str) -> None:
    path = write_tidy(tmp_path / "boards.csv", [*as_lines(BOARDS), spoilt])
    with pytest.raises(SnapshotError, match=r"boards\.csv: row 11, column"):
        import_boards(home, "tidy", str(path), NOW)
    assert stored(home) == []
    assert not (home / "history").exists()


def test_unusable_boards_are_refused_by_name_and_the_rest_is_stored(
    home: Path, tmp_path: Path
) -> None:
    lines = as_lines([board(0, *"abcdef"), board(1, "a"), board(3, *"abcdeg")])
    path = write_tidy(tmp_path / "boards.csv", [*lines, "x,text-to-image,2026-01-03,,,,,,,,,,,,,"])
    done = import_boards(home, "tidy", str(path), NOW)
    assert {noted.finding.check: noted.finding.count for noted in done.findings} == {
        "unsorted-dates": 1,
        "empty-feed": 1,
        "truncated-feed": 1,
    }
    assert [len(one.entries) for one in stored(home)] == [6, 6]
    refresh(home, NOW)
    with queries.open_edition(home) as edition:
        kept = {found.name: found.count for found in queries.import_findings(edition)}
    assert kept == {noted.finding.check: noted.finding.count for noted in done.findings}


def test_a_truncated_board_is_judged_against_what_is_stored(home: Path, tmp_path: Path) -> None:
    import_boards(home, "tidy", tidy(tmp_path, [board(0, *"abcdef")]), NOW)
    with pytest.raises(SnapshotError, match=r"short.csv: no usable board: .*fewer than half"):
        import_boards(home, "tidy", tidy(tmp_path, [board(1, "a")], "short.csv"), NOW)
    assert len(stored(home)) == 1


def test_files_of_a_folder_are_stored_together_or_not_at_all(home: Path, tmp_path: Path) -> None:
    tidy(tmp_path, [BOARDS[0]], "a.csv")
    tidy(tmp_path, [replace(BOARDS[0], entries=BOARDS[0].entries[:3])], "b.csv")
    with pytest.raises(
        SnapshotError, match=r"b\.csv: text-to-image of 2026-01-01 differs .*a\.csv"
    ):
        import_boards(home, "tidy", str(tmp_path), NOW)
    assert stored(home) == []
    tidy(tmp_path, [BOARDS[1]], "b.csv")
    assert import_boards(home, "tidy", str(tmp_path), NOW).boards == 2
    (tmp_path / "none").mkdir()
    with pytest.raises(SnapshotError, match=r"no \.parquet or \.csv file in that folder"):
        import_boards(home, "tidy", str(tmp_path / "none"), NOW)


def test_likely_renames_are_said_until_an_alias_covers_them(home: Path, tmp_path: Path) -> None:
    path = tidy(tmp_path, [board(0, "rocket-preview", *"abc"), board(1, "rocket", *"abc")])
    (noted,) = import_boards(home, "tidy", path, NOW).findings
    assert (noted.arena, noted.finding.check) == ("text-to-image", "likely-renames")
    assert noted.finding.examples[0].startswith("rocket-preview -> rocket: ")
    (home / "aliases.toml").write_text(
        '[[alias]]\nkind = "rename"\nnames = ["rocket-preview"]\n'
        'same_as = "rocket"\nreason = "so"\n'
    )
    assert import_boards(home, "tidy", path, NOW).findings == ()


def test_a_lost_database_is_made_again_from_the_kept_files(home: Path, tmp_path: Path) -> None:
    import_boards(home, "tidy", tidy(tmp_path, BOARDS[:1]), NOW)
    import_boards(home, "tidy", tidy(tmp_path, BOARDS, "more.csv"), NOW)
    before = stored(home)
    (home / FILE).unlink()
    refresh(home, NOW)
    assert stored(home) == before


def test_an_older_database_is_migrated_with_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = duckdb.connect()
    steps = migrations.STEPS
    monkeypatch.setattr(migrations, "STEPS", steps[:6])
    migrations.migrate(connection, NOW)
    connection.execute(
        "INSERT INTO snapshots VALUES"
        " ('k1', 'x', 'text-to-image', '2026-01-01T00:00:00Z', 1, 'a', 'Acme', 5.5),"
        " ('k2', 'x', 'text-to-image', '2026-01-01T00:00:00Z', 2, 'b', NULL, NULL)"
    )
    monkeypatch.setattr(migrations, "STEPS", steps)
    migrations.migrate(connection, NOW)
    same = board(0, Entry(1, "a", "Acme", 5.5), Entry(2, "b"))
    assert history.read_snapshots(connection) == (same,)
    # The rows have the keys that new ones get: the same board once more adds nothing.
    feed = Feed((same,))
    assert history.ingest_feed(connection, "id", "f.csv", feed, (), NOW) == 0


def arena_file(path: Path) -> Path:
    """A file as the arena.ai dataset has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        "model_name": ["a", "b"],
        "rating": [1100.0, 1000.0],
        "rank": [1, 2],
        "category": ["overall", "overall"],
        "leaderboard_publish_date": ["2026-01-01", "2026-01-01"],
    }
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_a_copy_of_a_dataset_file_remembers_its_arena(home: Path, tmp_path: Path) -> None:
    for arena in ("text-to-image", "text-to-video"):
        arena_file(tmp_path / "set" / arena / "full-00000-of-00001.parquet")
        arena_file(tmp_path / "set" / arena / "latest-00000-of-00001.parquet")
    done = import_boards(home, "arena-dataset", str(tmp_path / "set"), NOW)
    assert done.boards == 2
    assert [path.name.split(".")[1] for path in done.files] == ["text-to-image", "text-to-video"]
    before = stored(home)
    assert {one.arena for one in before} == {"text-to-image", "text-to-video"}
    (home / FILE).unlink()
    refresh(home, NOW)
    assert stored(home) == before


def test_an_address_is_fetched_and_kept(
    home: Path, tmp_path: Path, memory: MemoryFileSystem
) -> None:
    file = arena_file(tmp_path / "full-0.parquet")
    memory.pipe("/data/text-to-image/full-0.parquet", file.read_bytes())
    memory.pipe("/data/text-to-video/full-0.parquet", file.read_bytes())
    memory.pipe("/data/README.md", b"# not a table")
    heard: list[tuple[str, int, int | None]] = []
    done = import_boards(
        home,
        "arena-dataset",
        "memory://data",
        NOW,
        lambda what, done, of: heard.append((what, done, of)),
    )
    size = file.stat().st_size
    assert ("full-0.parquet", size, size) in heard
    assert {one.arena for one in stored(home)} == {"text-to-image", "text-to-video"}
    assert all(path.read_bytes() == file.read_bytes() for path in done.files)
    one = "memory://data/text-to-image/full-0.parquet"
    assert import_boards(home, "arena-dataset", one, NOW).rows == 0
    assert import_boards(home, "arena-dataset", "memory://data/*/full-*.parquet", NOW).rows == 0


def test_a_fault_at_an_address_is_named_by_the_address(
    home: Path, memory: MemoryFileSystem
) -> None:
    memory.pipe("/data/boards.csv", b"arena,snapshot_date,model,rank\na,2026-01-01,m,one\n")
    with pytest.raises(SnapshotError, match=r"^memory://data/boards\.csv .*: row 2, column rank"):
        import_boards(home, "tidy", "memory://data/boards.csv", NOW)
    assert stored(home) == []


@pytest.mark.parametrize(
    "address", ["memory://data/none.csv", "nosuch://data/none.csv", "http://127.0.0.1:9/none.csv"]
)
def test_what_cannot_be_fetched_is_one_line(
    home: Path, memory: MemoryFileSystem, address: str
) -> None:
    with pytest.raises(InputError, match="cannot be fetched") as caught:
        import_boards(home, "tidy", address, NOW)
    assert str(caught.value).startswith(address)
    assert "\n" not in str(caught.value)
    assert not home.exists()


def test_a_file_that_is_too_large_is_not_fetched_whole(
    home: Path, memory: MemoryFileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaderboard.history.fetch.LARGEST_FILE", 10)
    memory.pipe("/data/boards.csv", b"arena,snapshot_date,model,rank\n")
    with pytest.raises(InputError, match="larger than 10 bytes"):
        import_boards(home, "tidy", "memory://data/boards.csv", NOW)


def test_an_unknown_kind_names_the_nearest(home: Path) -> None:
    with pytest.raises(NotFoundError, match='did you mean "tidy"'):
        import_boards(home, "tydy", "boards.csv", NOW)


def test_the_command_says_what_was_found_and_what_to_do_next(home: Path, tmp_path: Path) -> None:
    path = tidy(tmp_path, [board(0, *"ab"), board(1, *"ab")])
    runner = CliRunner()
    first = runner.invoke(build(), ["import", "tidy", path])
    assert "text-to-image: repeated-boards (1): boards that repeat" in first.stderr
    assert first.stdout.splitlines() == [
        "4 new rows stored; 2 boards read",
        "next: churnboard refresh, then churnboard half-life",
    ]
    again = runner.invoke(build(), ["import", "tidy", path])
    assert again.stdout == "nothing new: all 2 boards were imported before\n"
    answer = json.loads(runner.invoke(build(), ["import", "tidy", path, "--json"]).stdout)
    assert (answer["kind"], answer["boards"], answer["rows"]) == ("tidy", 2, 0)
    assert answer["findings"][0]["check"] == "repeated-boards"
    assert Path(answer["files"][0]).is_file()
