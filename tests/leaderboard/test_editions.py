"""Published editions: whole, immutable, swapped in one step, read without reaching further."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from evals.errors import NotFoundError, StoreError
from leaderboard.edition import connect_read_only, open_edition
from leaderboard.store.database import writing
from leaderboard.store.editions import prune, publish
from leaderboard.store.ingest import ingest_records
from tests.leaderboard.factory import START, run_record


def published(home: Path, at: datetime, record: str = "run-1") -> Path:
    with writing(home, at) as database:
        ingest_records(database.connection, [run_record(id=record, at=at)])
        return publish(home, database, at)


def count(home: Path) -> int:
    with open_edition(home) as opened:
        row = opened.cursor().execute("SELECT count(*) FROM runs").fetchone()
        assert row is not None
        return int(row[0])


def test_the_current_edition_is_the_last_published(home: Path) -> None:
    first = published(home, START)
    second = published(home, START + timedelta(days=1), "run-2")
    assert (home / "editions" / "current").resolve() == second
    assert count(home) == 2
    with open_edition(home, first.stem) as opened:
        assert opened.path == first
        assert opened.cursor().execute("SELECT count(*) FROM runs").fetchone() == (1,)


def test_a_reader_keeps_its_edition_while_the_next_is_published(home: Path) -> None:
    published(home, START)
    with open_edition(home) as opened:
        published(home, START + timedelta(days=1), "run-2")
        prune(home, 1)
        assert opened.cursor().execute("SELECT count(*) FROM runs").fetchone() == (1,)
    assert count(home) == 2


def test_an_edition_cannot_be_written(home: Path) -> None:
    path = published(home, START)
    assert path.stat().st_mode & 0o222 == 0
    with open_edition(home) as opened, pytest.raises(duckdb.Error):
        opened.cursor().execute("DELETE FROM runs")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT * FROM rows",
    ],
)
def test_a_reader_reaches_nothing_else(home: Path, sql: str) -> None:
    published(home, START)
    rows = [1, 2, 3]
    with open_edition(home) as opened, pytest.raises(duckdb.Error):
        opened.cursor().execute(sql).fetchall()
    assert rows


def test_old_editions_go_and_the_current_one_stays(home: Path) -> None:
    paths = [published(home, START + timedelta(days=n), f"run-{n}") for n in range(4)]
    assert set(prune(home, 2)) == set(paths[:2])
    assert sorted((home / "editions").glob("leaderboard-*")) == paths[2:]
    assert prune(home, 2) == ()
    assert count(home) == 4


def test_the_current_edition_survives_a_clock_that_went_back(home: Path) -> None:
    published(home, START + timedelta(days=9))
    published(home, START, "run-2")
    prune(home, 1)
    assert count(home) == 2


def test_a_crash_before_the_swap_leaves_the_old_edition(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(home, START)

    def crash(folder: Path, name: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leaderboard.store.editions._point", crash)
    with pytest.raises(StoreError, match="cannot be published"):
        published(home, START + timedelta(days=1), "run-2")
    assert count(home) == 1


def test_no_edition_says_how_to_make_one(home: Path) -> None:
    with pytest.raises(NotFoundError, match="churnboard refresh"), open_edition(home):
        pass


def test_an_unknown_edition_names_the_newest(home: Path) -> None:
    path = published(home, START)
    with pytest.raises(NotFoundError, match=path.stem), open_edition(home, "leaderboard-x"):
        pass


def test_a_damaged_edition_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "leaderboard-x.duckdb"
    path.write_bytes(b"nothing" * 1000)
    with pytest.raises(StoreError, match="churnboard refresh"):
        connect_read_only(path)
