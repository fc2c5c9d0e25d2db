"""Every source: a well-formed file is read, a malformed one is an error that says where."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.errors import NotFoundError
from evals.home import data_root
from leaderboard.errors import SnapshotError
from leaderboard.snapshots import Entry, Snapshot, first_fault
from leaderboard.sources import kinds, source

NOW = datetime(2026, 12, 1, tzinfo=UTC)
HEADER = "arena,published_on,rank,model,organization,score"
GOOD = [
    "text-to-image,2026-01-01,1,alpha,Acme,1100.5",
    "text-to-image,2026-01-01,2,beta,,",
    "text-to-image,2026-02-01,1,beta,Beta Co,1090",
]


def file(folder: Path, *lines: str) -> Path:
    path = folder / "boards.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def test_every_kind_is_found_by_its_file() -> None:
    assert "arena-monthly" in kinds()
    for kind in kinds():
        assert source(kind).name


def test_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match='did you mean "arena-monthly"'):
        source("arena_monthly")


def test_a_file_becomes_snapshots(tmp_path: Path) -> None:
    first, second = source("arena-monthly").read(file(tmp_path, *reversed(GOOD)), NOW)
    assert first.published_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert first.entries == (Entry(1, "alpha", "Acme", 1100.5), Entry(2, "beta", None, None))
    assert second.entries[0].score == 1090


def test_the_embedded_file_is_read_whole() -> None:
    boards = source("arena-monthly").read(data_root() / "history" / "arena_monthly_top8.csv", NOW)
    assert len(boards) == 54
    assert sum(len(board.entries) for board in boards) == 432
    assert {board.arena for board in boards} >= {"text-to-image", "text-to-video"}


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("text-to-image,2026-03-01,one,gamma,Acme,1", "row 5, column rank: 'one'"),
        ("text-to-image,2026-03-01,-1,gamma,Acme,1", "row 5, column rank"),
        ("text-to-image,2026-03-01,2,gamma,Acme,1", "row 5, column rank: rank 2 where 1 is due"),
        ("text-to-image,2026-02-01,2,beta,Acme,1", "row 5, column model: 'beta' is on the board"),
        ("text-to-image,2026-03-01,1,,Acme,1", "row 5, column model"),
        ("text-to-image,2026-03-01,1,gamma,Acme,high", "row 5, column score: 'high'"),
        ("text-to-image,2026-03-01,1,gamma,Acme,nan", "row 5, column score"),
        ("text-to-image,2026-03-01,1,gamma,Acme,inf", "row 5, column score"),
        ("text-to-image,2027-03-01,1,gamma,Acme,1", "row 5, column published_on: 2027-03-01"),
        ("text-to-image,01/03/2026,1,gamma,Acme,1", "row 5, column published_on"),
        (",2026-03-01,1,gamma,Acme,1", "row 5, column arena"),
        ("text-to-image,2026-03-01,1,gamma", "row 5, column line: 4 cells"),
        ('text-to-image,2026-03-01,1,"gamma"x,Acme,1', "row 5, column line"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, where: str) -> None:
    path = file(tmp_path, *GOOD, line)
    with pytest.raises(SnapshotError) as caught:
        source("arena-monthly").read(path, NOW)
    assert where in str(caught.value)
    assert "boards.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "row 1, column header"),
        (b"arena,rank\n", "row 1, column published_on: is missing"),
        (HEADER.encode(), "the file has no boards"),
        (b"\xff\xfe", "row 1, column line: not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_an_error(tmp_path: Path, content: bytes, where: str) -> None:
    path = tmp_path / "boards.csv"
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=where):
        source("arena-monthly").read(path, NOW)


def test_a_file_that_is_absent_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        source("arena-monthly").read(tmp_path / "no.csv", NOW)


def test_a_naive_time_is_a_fault() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - what is being refused
    fault = first_fault(Snapshot("arena", "text-to-image", naive, (Entry(1, "a"),)), NOW)
    assert fault is not None
    assert fault.column == "published_at"
