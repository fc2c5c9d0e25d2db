"""Run records in, tables out: idempotent, keyed, finite, and rebuilt when damaged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.errors import BusyError, StoreError
from evals.record_types import RunRecord
from evals.types import Failure
from leaderboard.store.database import FILE, writing
from leaderboard.store.evidence import read_evidence
from leaderboard.store.ingest import ingest_records
from leaderboard.store.migrations import migrate
from leaderboard.store.steps import DERIVED, STEPS
from tests.leaderboard.factory import START, WORLD, Made, result, run_record, suite

INFRA = Failure("raised", "connection reset", "infrastructure")


def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    migrate(connection, START)
    return connection


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in an order of its own."""
    tables = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE table_name <> 'migrations' ORDER BY 1"
    ).fetchall()
    return {
        name: sorted(connection.execute(f"FROM {name}").fetchall(), key=repr) for (name,) in tables
    }


def with_failure(record: RunRecord, index: int, failure: Failure) -> RunRecord:
    """The record with one of its results turned into a failure."""
    results = list(record.results)
    old = results[index]
    results[index] = result(
        next(made for made in WORLD if made.id == old.trial.model_id),
        record.run.suite,
        old.trial.prompt_id,
        old.trial.seed,
        at=old.generation.started_at,
        failure=failure,
    )
    return replace(record, results=tuple(results))


def test_migrating_twice_changes_nothing() -> None:
    connection = duckdb.connect()
    assert migrate(connection, START) == tuple(name for name, _ in STEPS)
    assert migrate(connection, START) == ()


def test_a_step_that_fails_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (
        *STEPS,
        ("999_broken", "CREATE TABLE half (a INTEGER); CREATE TABLE half (a INTEGER)"),
    )
    monkeypatch.setattr("leaderboard.store.migrations.STEPS", broken)
    connection = duckdb.connect()
    with pytest.raises(duckdb.Error):
        migrate(connection, START)
    tables = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
    assert "half" not in tables
    assert set(DERIVED) <= tables


def test_a_database_from_the_future_says_upgrade() -> None:
    connection = database()
    connection.execute("INSERT INTO migrations VALUES ('900_later', now())")
    with pytest.raises(StoreError, match=r"900_later.*upgrade"):
        migrate(connection, START)


def test_ingesting_twice_changes_nothing() -> None:
    connection = database()
    record = run_record()
    assert ingest_records(connection, [record]) == ("run-1",)
    before = contents(connection)
    assert ingest_records(connection, [record]) == ()
    assert contents(connection) == before
    assert len(before["generations"]) == len(record.results)
    assert len(before["scores"]) == sum(len(one.scores) for one in record.results)


def test_a_record_that_grew_adds_what_is_new() -> None:
    whole, stepwise = database(), database()
    record = run_record()
    ingest_records(whole, [record])
    unfinished = replace(
        record, run=replace(record.run, finished_at=None), results=record.results[:7]
    )
    ingest_records(stepwise, [unfinished])
    ingest_records(stepwise, [record])
    assert contents(stepwise) == contents(whole)


@given(st.permutations(range(3)))
@settings(max_examples=6, deadline=None)
def test_the_order_of_records_changes_nothing(order: list[int]) -> None:
    world, small = WORLD[2:4], suite(2)
    records = [
        with_failure(run_record(world, small, "a"), 3, INFRA),
        run_record(world, small, "b", START + timedelta(days=1)),
        run_record(world, small, "c", START + timedelta(days=2), epoch=2),
    ]
    straight, shuffled = database(), database()
    ingest_records(straight, records)
    for number in order:
        ingest_records(shuffled, [records[number]])
    assert contents(shuffled) == contents(straight)


def test_a_failure_of_the_infrastructure_gives_way_and_a_result_stays() -> None:
    connection = database()
    again = run_record(id="b", at=START + timedelta(days=1))
    ingest_records(connection, [with_failure(run_record(id="a"), 0, INFRA), again])
    rows = connection.execute("SELECT run_id, count(*) FROM generations GROUP BY 1").fetchall()
    assert dict(rows) == {"a": len(again.results) - 1, "b": 1}
    assert connection.execute("SELECT run_id, kind FROM failures").fetchall() == [("a", "raised")]
    # The scores of a replaced trial come from the run that settled it, once each.
    doubled = connection.execute(
        "SELECT trial_key FROM current_scores GROUP BY trial_key, metric HAVING count(*) > 1"
    ).fetchall()
    assert doubled == []


def test_a_failure_by_the_model_is_settled() -> None:
    connection = database()
    own = Failure("invalid_media", "all black", "model")
    again = run_record(id="b", at=START + timedelta(days=1))
    ingest_records(connection, [with_failure(run_record(id="a"), 0, own), again])
    assert connection.execute("SELECT count(*) FROM generations WHERE run_id = 'b'").fetchone() == (
        0,
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_whole(value: float) -> None:
    connection = database()
    record = run_record()
    one = record.results[5]
    broken = replace(one, scores=(replace(one.scores[0], value=value),))
    results = (*record.results[:5], broken, *record.results[6:])
    with pytest.raises(duckdb.ConstraintException):
        ingest_records(connection, [replace(record, results=results)])
    assert connection.execute("SELECT count(*) FROM generations").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_evidence_is_of_the_newest_version_revision_and_epoch() -> None:
    connection = database()
    world = (Made("a", 20), Made("b", 21))
    later = START + timedelta(days=1)
    ingest_records(
        connection,
        [
            run_record(world, suite(8), "old-version"),
            run_record(world, suite(6), "old-revision", later, revision="r1"),
            run_record(world, suite(6), "new", later + timedelta(hours=1), revision="r2", epoch=2),
        ],
    )
    (evidence,) = read_evidence(connection)
    assert evidence.suite_version == suite(6).version
    assert len(evidence.samples) == 2 * 6 * 2
    assert {sample.at for sample in evidence.samples} == {later + timedelta(hours=1)}
    what = " ".join(entry.what for entry in evidence.left_out)
    assert suite(8).version in what
    assert "a revision r1" in what


def test_only_one_process_writes(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path / ".leaderboard.lock"),
        pytest.raises(BusyError) as caught,
        writing(tmp_path, START),
    ):
        pass
    assert caught.value.exit_code == 75


@pytest.mark.parametrize("damage", ["byte", "emptied", "truncated", "garbage"])
def test_a_damaged_database_is_set_aside_and_made_again(tmp_path: Path, damage: str) -> None:
    record = run_record()
    with writing(tmp_path, START) as opened:
        ingest_records(opened.connection, [record])
        before = contents(opened.connection)
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    if damage == "byte":
        # Every block: whichever holds the rows, its checksum no longer fits.
        for place in range(20_000, len(content), 4096):
            content[place] ^= 0xFF
    elif damage == "emptied":
        content = bytearray(len(content))
    elif damage == "truncated":
        content = content[: len(content) // 2]
    else:
        content = bytearray(b"not a database" * 1000)
    path.write_bytes(bytes(content))
    with writing(tmp_path, START + timedelta(days=1)) as opened:
        ingest_records(opened.connection, [record])
        assert contents(opened.connection) == before
        notes = opened.notes
    assert len(notes) == 1
    assert "damaged" in notes[0]
    (aside,) = (p for p in tmp_path.glob(f"{FILE}.damaged-*") if p.suffix != ".wal")
    assert aside.read_bytes() == bytes(content)


def test_a_damaged_log_is_set_aside_with_its_database(tmp_path: Path) -> None:
    record = run_record(WORLD[2:], suite(4))
    live, home = tmp_path / "live", tmp_path / "home"
    home.mkdir()
    with writing(live, START) as opened:
        opened.connection.execute("FORCE CHECKPOINT")
        ingest_records(opened.connection, [record])
        before = contents(opened.connection)
        # What a crash leaves behind: committed rows in the log alone.
        for name in (FILE, f"{FILE}.wal"):
            (home / name).write_bytes((live / name).read_bytes())
    log = bytearray((home / f"{FILE}.wal").read_bytes())
    log[len(log) // 2] ^= 0xFF
    (home / f"{FILE}.wal").write_bytes(log)
    with writing(home, START + timedelta(days=1)) as opened:
        notes = opened.notes
        ingest_records(opened.connection, [record])
        assert contents(opened.connection) == before
    assert len(notes) == 1
    (aside,) = home.glob("*.damaged-*.wal")
    assert aside.read_bytes() == log


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(StoreError, match="cannot be written"), writing(place / "home", START):
        pass
