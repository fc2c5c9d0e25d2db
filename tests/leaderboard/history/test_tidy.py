"""The generic format: what is read, and that every malformed file is named by row and column."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from leaderboard.errors import SnapshotError
from leaderboard.history import tidy
from leaderboard.snapshots import Entry, Feed
from leaderboard.sources import kinds, source
from leaderboard.sources.tidy import read
from tests.leaderboard.history.histories import (
    DAY0,
    FULL,
    HEADER,
    NOW,
    REAL,
    as_lines,
    board,
    needs_real,
    write_tidy,
)

GOOD = (
    "s,t2i,2026-01-01,alpha,Acme,1,1100,1090,1110,50,MIT,2,image,2025-01-01,i1,web",
    "s,t2i,2026-01-01,beta,,2,1000,,,,,,,,,",
    "s,t2i,2026-01-02,alpha,Acme,1,1101,1091,1111,60,MIT,2,image,2025-01-01,i1,web",
)


def test_every_column_is_read(tmp_path: Path) -> None:
    (snapshot,) = read(write_tidy(tmp_path / "f.csv", as_lines([board(0, FULL)])), NOW)
    assert snapshot == board(0, FULL)


def test_only_the_required_columns_are_needed(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("arena,snapshot_date,model,score\na,2026-01-01,m,5\n")
    (snapshot,) = read(path, NOW)
    assert (snapshot.source, snapshot.entries) == ("tidy", (Entry(None, "m", score=5.0),))


def test_a_time_with_its_zone_is_kept_in_utc(tmp_path: Path) -> None:
    path = write_tidy(tmp_path / "f.csv", ["s,a,2026-01-01T02:30:00+02:00,m,,1,,,,,,,,,,"])
    assert read(path, NOW)[0].published_at == datetime(2026, 1, 1, 0, 30, tzinfo=UTC)


def test_the_unranked_stand_below_by_falling_score(tmp_path: Path) -> None:
    lines = [f"s,a,2026-01-01,{cells},,,,,,,,," for cells in ("u,,,9", "v,,,99", "w,,1,5", "x,,,")]
    (snapshot,) = read(write_tidy(tmp_path / "f.csv", lines), NOW)
    assert [entry.model for entry in snapshot.entries] == ["w", "v", "u", "x"]


def test_equal_ranks_are_ties_and_gaps_are_as_published(tmp_path: Path) -> None:
    lines = [f"s,a,2026-01-01,{m},,{r},,,,,,,,,," for m, r in (("u", 1), ("v", 1), ("w", 4))]
    (snapshot,) = read(write_tidy(tmp_path / "f.csv", lines), NOW)
    assert [entry.rank for entry in snapshot.entries] == [1, 1, 4]


@pytest.mark.parametrize("price", ["0", "-3", ""])
def test_a_price_that_is_none_is_kept_and_unknown(tmp_path: Path, price: str) -> None:
    path = write_tidy(tmp_path / "f.csv", [f"s,a,2026-01-01,m,,1,,,,,,{price},image,,,"])
    (entry,) = read(path, NOW)[0].entries
    assert entry.price_usd == (float(price) if price else None)
    assert entry.known_price_usd is None


def test_a_line_with_nothing_but_its_board_is_an_empty_board(tmp_path: Path) -> None:
    path = write_tidy(tmp_path / "f.csv", [*GOOD, "s,t2i,2026-01-03,,,,,,,,,,,,,"])
    assert read(path, NOW)[-1].entries == ()


def test_the_form_of_the_text_does_not_matter(tmp_path: Path) -> None:
    plain = read(write_tidy(tmp_path / "f.csv", GOOD), NOW)
    text = (tmp_path / "f.csv").read_text()
    for number, form in enumerate(
        (text.replace("\n", "\r\n"), "\ufeff" + text, text.replace("\n", "\r"), text + "\n\n")
    ):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(form.encode())
        assert read(path, NOW) == plain


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    """A line break in quotes is a line for the editor: the fault stands in row 5, not in 3."""
    path = tmp_path / "f.csv"
    path.write_text(f'{HEADER}\ns,a,2026-01-01,"a\nname\nin three",,1,,,,,,,,,,\n' + "s,a,x,m")
    with pytest.raises(SnapshotError, match="row 5, column line: 4 cells, expected 16"):
        read(path, NOW)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("s,t2i,2026-01-03,m,,one,,,,,,,,,,", "row 5, column rank: 'one' is no whole number"),
        ("s,t2i,2026-01-03,m,,1.5,,,,,,,,,,", "row 5, column rank"),
        ("s,t2i,2026-01-03,m,,0,,,,,,,,,,", "row 5, column rank: rank 0"),
        ("s,t2i,2026-01-03,m,,inf,,,,,,,,,,", "row 5, column rank"),
        ("s,t2i,2026-01-03,m,,1,high,,,,,,,,,", "row 5, column score: 'high' is no number"),
        ("s,t2i,2026-01-03,m,,1,nan,,,,,,,,,", "row 5, column score"),
        ("s,t2i,2026-01-03,m,,1,1e200,,,,,,,,,", "row 5, column score: 1e\\+200 is on no sc"),
        ("s,t2i,2026-01-03,m,,1,1,-1e200,,,,,,,,", "row 5, column ci_low: -1e\\+200 is on no sc"),
        ("s,t2i,2026-01-03,m,,1,1,-inf,,,,,,,,", "row 5, column ci_low"),
        ("s,t2i,2026-01-03,m,,1,1,5,4,,,,,,,", "row 5, column ci_low: 5.0 is above"),
        ("s,t2i,2026-01-03,m,,1,1,,,-7,,,,,,", "row 5, column votes: -7"),
        ("s,t2i,2026-01-03,m,,1,1,,,many,,,,,,", "row 5, column votes"),
        ("s,t2i,2026-01-03,m,,1,1,,,9999999999999999999,,,,,,", "row 5, column votes: .* more"),
        ("s,t2i,2026-01-03,m,,3000000000,1,,,,,,,,,", "row 5, column rank: .* so long"),
        ("s,t2i,2026-01-03,m,,1,1,,,,,nan,,,,", "row 5, column price_usd"),
        ("s,t2i,2026-01-03,m,,1,1,,,,,,,soon,,", "row 5, column release_date: 'soon'"),
        ("s,t2i,2026-01-03T10:00:00,m,,1,,,,,,,,,,", "row 5, column snapshot_date: .*zone"),
        ("s,t2i,03.01.2026,m,,1,,,,,,,,,,", "row 5, column snapshot_date"),
        ("s,t2i,2026-02-30,m,,1,,,,,,,,,,", "row 5, column snapshot_date"),
        ("s,t2i,2027-01-03,m,,1,,,,,,,,,,", "row 5, column snapshot_date: 2027-01-03 is in the f"),
        ("s,t2i,,m,,1,,,,,,,,,,", "row 5, column snapshot_date: is blank"),
        ("s,,2026-01-03,m,,1,,,,,,,,,,", "row 5, column arena: is blank"),
        ("s,t2i,2026-01-03,,,1,,,,,,,,,,", "row 5, column model: is blank"),
        ("s,t2i,2026-01-02,alpha,,2,,,,,,,,,,", "row 5, column model: 'alpha' is on the board tw"),
        ("s,t2i,2026-01-03,m,,1", "row 5, column line: 6 cells"),
        ('s,t2i,2026-01-03,"m"x,,1,,,,,,,,,,', "row 5, column line"),
        ('s,t2i,2026-01-03,"m,,1,,,,,,,,,,', "row 5, column line"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, where: str) -> None:
    path = write_tidy(tmp_path / "boards.csv", [*GOOD, line])
    with pytest.raises(SnapshotError, match=where) as caught:
        read(path, NOW)
    assert "boards.csv: row" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"", "row 1, column header: the file is empty"),
        (b" \n\n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "row 1, column header: a binary file"),
        (b"PAR1 and nothing that follows", "row 1, column header: a damaged Parquet file"),
        (b"arena,model,rank\n", "row 1, column snapshot_date: is missing"),
        (b"arena,snapshot_dat,model,rank\n", 'snapshot_date: is missing; did you mean "snapshot_d'),
        (b"arena,snapshot_date,model\n", 'row 1, column rank: is missing, and so is "score"'),
        (b"arena,arena,model,rank\n", "row 1, column arena: the column stands twice"),
        (HEADER.encode(), "row 2, column model: the file has no boards"),
        (b"arena,model\na,\xff\n", "row 2, column line: not UTF-8"),
    ],
)
def test_a_file_that_is_no_history_is_named(tmp_path: Path, content: bytes, where: str) -> None:
    path = tmp_path / "boards.csv"
    path.write_bytes(content)
    with pytest.raises(SnapshotError, match=where):
        read(path, NOW)


def test_a_source_that_always_ranks_needs_the_column(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("arena,snapshot_date,model,score\na,2026-01-01,m,5\n")
    for kind in ("arena-scrape", "artificial-analysis", "arena-dataset"):
        with pytest.raises(SnapshotError, match="row 1, column rank: is missing"):
            source(kind).read(path, NOW)


def test_dates_that_go_back_are_counted(tmp_path: Path) -> None:
    feed = read(write_tidy(tmp_path / "f.csv", [GOOD[2], GOOD[0], GOOD[1]]), NOW)
    assert [(found.check, found.count) for found in feed.findings] == [("unsorted-dates", 1)]
    assert feed.findings[0].examples == ("row 3: t2i of 2026-01-01",)
    assert read(write_tidy(tmp_path / "g.csv", GOOD), NOW).findings == ()


def test_a_column_that_nothing_is_read_from_is_said(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("arena,snapshot_date,model,rank,organisation\na,2026-01-01,m,1,Acme\n")
    (found,) = read(path, NOW).findings
    assert (found.check, found.examples) == ("unread-columns", ("organisation",))


@given(st.permutations(range(6)))
def test_the_order_of_lines_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("order")
    lines = as_lines([board(0, FULL, "b", "c"), board(3, "b", "c", "d")])
    straight = read(write_tidy(folder / "a.csv", lines), NOW)
    shuffled = read(write_tidy(folder / "b.csv", [lines[i] for i in order]), NOW)
    assert shuffled.snapshots == straight.snapshots


def test_parquet_and_csv_are_read_alike(tmp_path: Path) -> None:
    boards = [board(0, FULL, "b"), board(1, "b", FULL)]
    as_csv = read(write_tidy(tmp_path / "f.csv", as_lines(boards)), NOW)
    rows = [(one, entry) for one in boards for entry in one.entries]
    columns: dict[str, list[object]] = {
        "source": [one.source for one, _ in rows],
        "arena": [one.arena for one, _ in rows],
        "snapshot_date": [one.published_at.date() for one, _ in rows],
        "model": [entry.model for _, entry in rows],
        "organization": [entry.organization for _, entry in rows],
        # What a column of whole numbers with a blank in it becomes in many tools.
        "rank": [float(entry.rank or 0) for _, entry in rows],
        "score": [entry.score for _, entry in rows],
        "ci_low": [entry.score_low for _, entry in rows],
        "ci_high": [entry.score_high for _, entry in rows],
        "votes": [entry.votes for _, entry in rows],
        "license": [entry.licence for _, entry in rows],
        "price_usd": [entry.price_usd for _, entry in rows],
        "price_unit": [entry.price_unit for _, entry in rows],
        "release_date": [entry.released for _, entry in rows],
        "model_id": [entry.model_id for _, entry in rows],
        "snapshot_kind": [entry.kind for _, entry in rows],
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "f.parquet")
    assert read(tmp_path / "f.parquet", NOW) == as_csv


def dataset(folder: Path, *rows: tuple[str, str, str, int]) -> Path:
    """A file as the arena.ai dataset has them, from (date, category, model, rank)."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "full-00000-of-00001.parquet"
    columns = {
        "model_name": [model for _, _, model, _ in rows],
        "organization": ["acme" for _ in rows],
        "license": ["Proprietary" for _ in rows],
        "rating": [1200.0 - rank for *_, rank in rows],
        "rating_lower": [1190.0 - rank for *_, rank in rows],
        "rating_upper": [1210.0 - rank for *_, rank in rows],
        "variance": [26.0 for _ in rows],
        "vote_count": [500 + rank for *_, rank in rows],
        "rank": [rank for *_, rank in rows],
        "category": [category for _, category, _, _ in rows],
        "leaderboard_publish_date": [at for at, *_ in rows],
    }
    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_the_dataset_names_its_arena_by_its_folder(tmp_path: Path) -> None:
    path = dataset(
        tmp_path / "text-to-video",
        ("2026-01-01", "overall", "a", 1),
        ("2026-01-01", "portraits", "a", 2),
        ("2026-01-01", "overall", "b", 2),
    )
    feed = source("arena-dataset").read(path, NOW)
    (snapshot,) = feed
    assert (snapshot.source, snapshot.arena) == ("arena_hf", "text-to-video")
    assert snapshot.published_at == DAY0
    assert snapshot.entries[1] == Entry(2, "b", "acme", 1198, 1188, 1208, 502, "Proprietary")
    (found,) = feed.findings
    assert (found.check, found.count, found.examples) == ("other-categories", 1, ("portraits",))


def test_every_kind_reads_the_form_it_is_for(tmp_path: Path) -> None:
    path = write_tidy(tmp_path / "f.csv", GOOD)
    for kind in set(kinds()) - {"arena-monthly", "vbench"}:  # forms of their own
        feed = source(kind).read(path, NOW)
        assert isinstance(feed, Feed)
        assert [len(snapshot.entries) for snapshot in feed] == [2, 1]


@needs_real
@pytest.mark.parametrize(
    ("kind", "name", "boards", "lines"),
    [
        ("arena-scrape", "arena_ai_daily.csv", 765, 30358),
        ("artificial-analysis", "aa_web_spring.csv", 152, 12769),
        ("arena-dataset", "arena_official_2026summer.csv", 30, 1447),
    ],
)
def test_the_real_histories_are_read_whole(kind: str, name: str, boards: int, lines: int) -> None:
    feed = source(kind).read(REAL / name, NOW)
    assert len(feed) == boards
    assert sum(len(snapshot.entries) for snapshot in feed) == lines
    assert feed.findings == ()


def test_shuffling_a_long_file_changes_nothing(tmp_path: Path) -> None:
    lines = as_lines([board(day, *"abcdefgh") for day in range(40)])
    straight = read(write_tidy(tmp_path / "a.csv", lines), NOW)
    random.Random(0).shuffle(lines)
    shuffled = read(write_tidy(tmp_path / "b.csv", lines), NOW)
    assert shuffled.snapshots == straight.snapshots


PAGE = (Path(__file__).parents[3] / "docs" / "import.md").read_text()


def test_the_example_in_the_docs_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "f.csv").write_text(example)
    feed = read(tmp_path / "f.csv", NOW)
    assert ([len(snapshot.entries) for snapshot in feed], feed.findings) == ([2], ())


def test_every_kind_column_and_check_is_in_the_docs() -> None:
    folder = Path(tidy.__file__).parents[1]
    called = re.compile(r"(?:Finding|_finding|_lines|_moves|_refused)\(\s*\"([a-z-]+)\"")
    files = [path for at in (".", "history", "sources") for path in (folder / at).glob("*.py")]
    checks = {name for path in files for name in called.findall(path.read_text())}
    # What aliases did is said by `half-life`, not on importing.
    checks -= {"renamed", "alias-clash", "vendors-respelt"}
    assert len(checks) >= 18
    words = {*kinds(), *tidy.TIDY.values(), *checks}
    assert [word for word in sorted(words) if f"`{word}`" not in PAGE] == []
