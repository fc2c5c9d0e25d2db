"""A run record survives a round trip, a crash and a newer version; damage is never read past."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals import record, wire
from evals.errors import BusyError, RecordError
from evals.record_types import Scored
from evals.types import (
    Failure,
    Generation,
    Media,
    MetricSpec,
    Model,
    Prompt,
    Result,
    Run,
    Score,
    Suite,
    Trial,
)
from tests.evals.worlds import NOON

SCORED = Scored(
    "k" * 64,
    "a" * 64,
    (Score("m", "1", 0.5, environment="torch"), Score("n", "1", None, "no facts")),
)
text = st.text(max_size=20)
number = st.floats(allow_nan=False, allow_infinity=False)
moment = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
sha = st.text("0123456789abcdef", min_size=64, max_size=64)
trials = st.builds(Trial, text, text, text, text, text, st.integers(0, 2**32), st.integers(1, 99))
medias = st.builds(
    lambda sha, width, height, size: Media(
        sha, f"media/{sha[:2]}/{sha}.png", "image/png", width, height, size
    ),
    sha,
    st.integers(1, 9999),
    st.integers(1, 9999),
    st.integers(1, 10**9),
)
failures = st.builds(Failure, text, text, st.sampled_from(["model", "infrastructure"]))
generations = st.builds(
    Generation,
    st.sampled_from(["ok", "failed", "skipped"]),
    moment,
    st.none() | number,
    st.none() | medias,
    st.dictionaries(text, number, max_size=3),
    st.none() | number,
    st.none() | text,
    st.none() | failures,
)
scores = st.builds(Score, text, text, number, st.none(), text) | st.builds(
    Score, text, text, st.none(), text, text
)
results = st.builds(Result, trials, generations, st.lists(scores, max_size=3).map(tuple))
prompts = st.builds(
    Prompt,
    text,
    text,
    st.lists(text, max_size=2).map(tuple),
    st.dictionaries(text, text, max_size=2),
)
models = st.builds(
    Model,
    text,
    text,
    st.just("text-to-image"),
    text,
    st.dictionaries(text, text | st.integers() | st.booleans() | st.none(), max_size=3),
    released=st.none() | st.dates(date(2020, 1, 1)),
    anchor=st.sampled_from([None, "upper", "lower"]),
    suites=st.lists(text, max_size=2).map(tuple),
)
specs = st.builds(
    MetricSpec,
    text,
    text,
    text,
    st.sampled_from(["image", "video"]),
    st.sampled_from(["alignment", "quality", "diversity", "motion"]),
    st.booleans(),
    number,
    number,
    st.lists(text, max_size=2).map(tuple),
)
suites = st.builds(
    Suite, text, text, st.just("text-to-image"), st.lists(prompts, max_size=2).map(tuple)
)
ids = st.text(string.ascii_lowercase, min_size=8, max_size=20)
runs = st.builds(
    Run,
    ids,
    moment,
    st.none() | moment,
    st.integers(1, 99),
    suites,
    st.lists(models, max_size=2).map(tuple),
    st.lists(specs, max_size=2).map(tuple),
    st.integers(0, 9999),
    machine=st.dictionaries(text, text, max_size=2),
)

SIMPLE = Run("run1", NOON, None, 1, Suite("s", "S", "text-to-image", ()), (), (), 0)


def result(number: int) -> Result:
    return Result(
        Trial("m", "r", "s", "v", f"p{number}", 0, 1), Generation("ok", NOON, float(number))
    )


def written(home: Path, count: int) -> Path:
    with record.create(home, SIMPLE) as writer:
        for i in range(count):
            writer.append(result(i))
    return writer.folder


@given(results)
def test_a_result_survives_the_round_trip(result: Result) -> None:
    line = wire.result_to_line(result)
    assert line.count(b"\n") == 1
    assert wire.result_from_line(line, "here") == result


@given(runs)
def test_a_header_survives_the_round_trip(run: Run) -> None:
    assert wire.run_from_json(wire.run_to_json(run), "here") == run


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(runs, st.lists(results, max_size=4))
def test_a_record_survives_the_disk(
    tmp_path_factory: pytest.TempPathFactory, run: Run, results: list[Result]
) -> None:
    home = tmp_path_factory.mktemp("home")
    with record.create(home, run) as writer:
        for item in results:
            writer.append(item)
        writer.finish(NOON)
    back = record.read(writer.folder)
    assert back.run == dataclasses.replace(run, finished_at=NOON)
    assert back.results == tuple(results)
    assert back.notes == ()


@given(st.data())
def test_a_torn_last_line_is_cut_and_said(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = written(tmp_path_factory.mktemp("home"), 3)
    path = folder / record.RESULTS
    whole = path.read_bytes()
    length = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:length])
    complete = whole[:length].count(b"\n")
    torn = not whole[:length].endswith(b"\n") and length > 0
    back = record.read(folder)
    assert back.results == tuple(result(i) for i in range(complete))
    assert bool(back.notes) == torn
    assert path.stat().st_size == length  # reading repairs nothing
    assert bool(record.recover(folder)) == torn
    assert record.read(folder) == dataclasses.replace(back, notes=())
    assert record.recover(folder) == ()


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize(
    "damage", [b"{}", b"", b"\x00" * 40, b"\xff", b"[1]", b'{"schema":1}', b'{"schema":true}']
)
def test_a_damaged_line_stops_with_its_number(home: Path, line: int, damage: bytes) -> None:
    folder = written(home, 3)
    path = folder / record.RESULTS
    lines = path.read_bytes().split(b"\n")
    lines[line - 1] = damage
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(RecordError, match=rf"results\.jsonl line {line}: damaged"):
        record.read(folder)
    with pytest.raises(RecordError):
        record.read_all(home)


@pytest.mark.parametrize(
    "change",
    [
        {"scores": [{"metric": "m", "version": "1", "value": float("nan")}]},
        {"scores": [{"metric": "m", "version": "1", "value": None}]},
        {"generation": {"status": "ok", "started_at": "2026-01-01T00:00:00"}},
        {"generation": {"status": "great", "started_at": "2026-01-01T00:00:00Z"}},
    ],
)
def test_a_line_that_says_the_impossible_is_damaged(home: Path, change: dict[str, object]) -> None:
    folder = written(home, 1)
    path = folder / record.RESULTS
    path.write_text(json.dumps(json.loads(path.read_text()) | change) + "\n")
    with pytest.raises(RecordError, match="line 1: damaged"):
        record.read(folder)


def test_media_outside_the_record_is_refused(home: Path) -> None:
    media = Media("a" * 64, "../../secret.png", "image/png", 1, 1, 1)
    with record.create(home, SIMPLE) as writer, pytest.raises(RecordError, match="media path"):
        writer.append(Result(result(0).trial, Generation("ok", NOON, media=media)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_never_written(home: Path, value: float) -> None:
    trial = result(0).trial
    bad = [
        Result(trial, Generation("ok", NOON), (Score("m", "1", value),)),
        Result(trial, Generation("ok", NOON, latency_s=value)),
        Result(trial, Generation("ok", NOON, quantities={"pixels": value})),
    ]
    with record.create(home, SIMPLE) as writer:
        for item in bad:
            with pytest.raises(RecordError):
                writer.append(item)
    assert record.read(writer.folder).results == ()


def test_a_newer_schema_asks_for_an_upgrade(home: Path) -> None:
    folder = written(home, 1)
    (folder / record.SCORES).write_bytes(wire.score_to_line(SCORED))
    for name in (record.HEADER, record.RESULTS, record.SCORES):
        path = folder / name
        before = path.read_text()
        body = json.loads(before)
        path.write_text(json.dumps(body | {"schema": wire.SCHEMA + 1}) + "\n")
        with pytest.raises(RecordError, match=rf"schema {wire.SCHEMA + 1} is newer.*upgrade"):
            record.read(folder)
        path.write_text(before)


def test_an_older_schema_is_taken_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    line = wire.result_to_line(result(7))
    old = json.loads(line)
    old["attempt"] = old.pop("trial")
    now = wire.SCHEMA
    monkeypatch.setattr(wire, "SCHEMA", now + 2)
    monkeypatch.setitem(wire.UPGRADES, now, lambda body: body | {"middle": body.pop("attempt")})
    monkeypatch.setitem(wire.UPGRADES, now + 1, lambda body: body | {"trial": body.pop("middle")})
    assert wire.result_from_line(json.dumps(old).encode(), "here") == result(7)


def test_a_record_of_the_first_schema_keeps_its_scores(home: Path) -> None:
    """They stood beside the results, and there was no file of scores."""
    folder = written(home, 1)
    (folder / record.SCORES).unlink()
    for name in (record.HEADER, record.RESULTS):
        path = folder / name
        body = json.loads(path.read_text())
        if name == record.HEADER:
            for new in ("kind", "checks"):
                del body[new]
        path.write_text(json.dumps(body | {"schema": 1}) + "\n")
    back = record.read(folder)
    assert back.results == (result(0),)
    assert (back.run.kind, back.scored, back.notes) == ("eval", (), ())
    assert record.recover(folder) == ()


def test_a_full_disk_leaves_whole_lines(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def half_then_full(handle: int, data: bytes) -> int:
        if data.startswith(b"{"):
            return write(handle, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with record.create(home, SIMPLE) as writer:
        writer.append(result(0))
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half_then_full)
            with pytest.raises(RecordError, match="No space left"):
                writer.append(result(1))
        writer.append(result(2))
    back = record.read(writer.folder)
    assert back.results == (result(0), result(2))
    assert back.notes == ()


def test_one_runner_at_a_time(home: Path) -> None:
    with record.lock(home):
        with pytest.raises(BusyError) as caught, record.lock(home):
            pass
        assert caught.value.exit_code == 75
    with record.lock(home):
        pass


def test_a_record_is_never_seen_half_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            record.create(home, SIMPLE)
    assert record.folders(home) == ()
    assert record.read_all(home) == []
    folder = written(home, 1)
    assert [path.name for path in folder.parent.iterdir()] == ["run1"]


@pytest.mark.parametrize("name", ["../x", "", "a/b", "CON"])
def test_a_run_id_cannot_leave_the_folder(home: Path, name: str) -> None:
    with pytest.raises(RecordError, match="run id"):
        record.create(home, dataclasses.replace(SIMPLE, id=name))


def test_a_record_is_never_overwritten(home: Path) -> None:
    written(home, 1)
    with pytest.raises(RecordError, match="exists already"):
        record.create(home, SIMPLE)
