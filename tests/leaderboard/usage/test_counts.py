"""Counts through time: read, refused where wrong, kept once, and made again from their copies."""

from __future__ import annotations

import json
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from leaderboard.cli import build
from leaderboard.errors import UsageError
from leaderboard.store.counts import read_counts as stored
from leaderboard.store.database import FILE, writing
from leaderboard.usage.counts import Count, holds_counts, read_counts
from leaderboard.usage.kept_counts import import_counts, ingest_counts

NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
GOOD = "date,class,model,count\n2026-09,ai,a,30\n2026-09,ai,b,5\n2026-09,traditional,,70\n"


def written(folder: Path, text: str, name: str = "counts.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def in_store(home: Path) -> tuple[Count, ...]:
    with writing(home, NOW) as database:
        ingest_counts(database, home)
        return stored(database.connection, date.max)


def test_a_row_is_a_date_a_count_and_whose(tmp_path: Path) -> None:
    found = [count for _, count in read_counts(written(tmp_path, GOOD), NOW)]
    assert found == [
        Count("counts", date(2026, 9, 1), "a", "ai", 30),
        Count("counts", date(2026, 9, 1), "b", "ai", 5),
        Count("counts", date(2026, 9, 1), None, "traditional", 70),
    ]
    lines = [
        {"date": "2026-09", "class": "ai", "model": "a", "count": 30},
        {"date": "2026-09-01", "model": "b", "count": 5},
        {"date": "2026-09", "class": "traditional", "model": None, "count": 70},
    ]
    text = "\n".join(map(json.dumps, lines))
    assert [c for _, c in read_counts(written(tmp_path, text, "c.jsonl"), NOW)] == found


def test_a_log_is_told_from_counts(tmp_path: Path) -> None:
    assert holds_counts(written(tmp_path, GOOD))
    assert holds_counts(written(tmp_path, '{"date": "2026-01", "count": 1, "model": "a"}\n'))
    assert not holds_counts(written(tmp_path, "day,model,calls\n2026-01-01,a,3\n"))
    assert not holds_counts(written(tmp_path, '{"at": "2026-03-01T12:00:00Z", "model": "a"}\n'))
    assert not holds_counts(written(tmp_path, "{nothing\n"))


@pytest.mark.parametrize(
    ("text", "line", "key", "said"),
    [
        ("date,model,count\n2026-09,a,-1\n", 2, "count", "whole number from 0"),
        ("date,model,count\n2026-09,a,1.5\n", 2, "count", "whole number from 0"),
        ("date,model,count\n2026-11,a,1\n", 2, "date", "is not over"),
        ("date,model,count\n2026-11-15,a,1\n", 2, "date", "is not over"),
        ("date,model,count\n1826-11,a,1\n", 2, "date", "a century ago"),
        ("date,model,count\nsoon,a,1\n", 2, "date", "no day and no month"),
        ("date,count\n2026-09,1\n", 2, "model", "whose is the count"),
        ("date,class,count\n2026-09,robots,1\n", 2, "class", "none of ai, traditional"),
        ("date,modle,count\n2026-09,a,1\n", 1, "modle", "model"),
        ("date,model,model,count\n2026-09,a,a,1\n", 1, "model", "stands twice"),
        ("date,model\n2026-09,a\n", 1, "count", "the column is missing"),
        ("date,model,count\n2026-09,a\n", 2, "line", "2 cells"),
        ("date,model,count\n2026-09,a,1\n2026-09-01,a,1\n", 3, "date", "in line 2 already"),
        ("date,model,count\n", 1, "count", "the file has no count"),
        ('{"date": "2026-09", "model": "a", "count": true}', 1, "count", "whole number"),
        ('{"date": "2026-09", "model": "a", "count": NaN}', 1, "line", "no JSON"),
        ('{"date": "2026-09", "model": "a", "count": 1, "prompt": "x"}', 1, "prompt", "no key"),
        ('{"date": "2026-09", "model": 3, "count": 1}', 1, "model", "printable"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, said: str
) -> None:
    with pytest.raises(UsageError) as error:
        read_counts(written(tmp_path, text, "file"), NOW)
    assert f"file: line {line}, key {key}: " in str(error.value)
    assert said in str(error.value)


def test_a_second_time_changes_nothing_and_a_lost_database_is_made_again(tmp_path: Path) -> None:
    home, path = tmp_path / "home", written(tmp_path, GOOD)
    first, second = import_counts(home, path, NOW), import_counts(home, path, NOW)
    assert (first.rows, first.new, second.new, second.file) == (3, 3, 0, None)
    longer = written(tmp_path, GOOD + "2026-10,ai,a,40\n", "longer.csv")
    assert import_counts(home, longer, NOW).new == 1
    before = in_store(home)
    assert len(before) == 4
    (home / FILE).unlink()
    assert in_store(home) == before


def test_what_contradicts_is_refused_and_nothing_of_it_is_stored(tmp_path: Path) -> None:
    home = tmp_path / "home"
    import_counts(home, written(tmp_path, GOOD), NOW)
    other = "date,class,model,count\n2026-10,ai,a,7\n2026-09,ai,a,31\n"
    with pytest.raises(UsageError, match="line 3, key count: that is stored already"):
        import_counts(home, written(tmp_path, other), NOW)
    whole = "date,class,count\n2026-10,ai,7\n2026-09,ai,35\n"
    with pytest.raises(UsageError, match="line 3, key model: ai of 2026-09-01 is counted as"):
        import_counts(home, written(tmp_path, whole), NOW)
    assert len(in_store(home)) == 3


def test_a_damaged_copy_is_named(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = import_counts(home, written(tmp_path, GOOD), NOW)
    assert done.file is not None
    done.file.write_text(done.file.read_text() + "{}\n")
    (home / FILE).unlink()
    with pytest.raises(UsageError, match="line 4 is damaged"):
        in_store(home)


@given(st.integers(0, 2**32))
def test_the_order_of_rows_says_nothing(seed: int) -> None:
    import tempfile

    header, *rows = GOOD.splitlines()
    random.Random(seed).shuffle(rows)
    with tempfile.TemporaryDirectory() as folder:
        plain = read_counts(written(Path(folder), GOOD), NOW)
        mixed = read_counts(written(Path(folder), "\n".join([header, *rows])), NOW)
    assert {count.id for _, count in plain} == {count.id for _, count in mixed}


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    path, home = written(tmp_path, GOOD), str(tmp_path / "home")
    said = CliRunner().invoke(build(), ["usage", "import", str(path), "--home", home])
    assert "3 of 3 counts are new; counts: 2026-09-01 to 2026-09-01" in said.output
    again = CliRunner().invoke(build(), ["usage", "import", str(path), "--home", home])
    assert "nothing new: all 3 counts were imported before" in again.output
    told = CliRunner().invoke(build(), ["usage", "import", str(path), "--home", home, "--json"])
    assert json.loads(told.output)["new"] == 0
