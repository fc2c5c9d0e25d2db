"""Run records: append-only folders that survive a crash at any moment.

::

    <home>/runs/.lock                     held by the one runner
    <home>/runs/<run_id>/run.json         who, when, with what; replaced whole
    <home>/runs/<run_id>/results.jsonl    one line per trial, appended and synced
    <home>/runs/<run_id>/scores.jsonl     scores of media of this run or earlier ones, likewise
    <home>/runs/<run_id>/calls.jsonl      what became of paid calls, likewise
    <home>/runs/<run_id>/media/…          by content hash, synced before the line that names it

A trial is acknowledged when its line and newline are on disk. A crash loses at most the trial in
flight: a last line without newline was never acknowledged and is cut. Scores follow in batches;
what a crash leaves unscored is scored from its media by the next run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TypeVar

from filelock import FileLock, Timeout

from evals import wire
from evals.calls import CallLine
from evals.errors import BusyError, RecordError
from evals.home import runs_folder, shown
from evals.media import sync_folder
from evals.names import id_fault
from evals.record_types import RunRecord, ScoreLine
from evals.types import Result, Run

HEADER = "run.json"
RESULTS = "results.jsonl"
SCORES = "scores.jsonl"
CALLS = "calls.jsonl"
FILES = (RESULTS, SCORES, CALLS)
"""What is appended to. Records of older versions may lack all but the first."""
T = TypeVar("T")
_PARTIAL = ".partial-"
"""Begins the name of a record folder that is not complete yet; such folders are no records."""


@contextlib.contextmanager
def lock(home: Path) -> Generator[None]:
    """Be the only runner of this home. The operating system frees the lock when a process dies.

    Raises:
        BusyError: another runner holds it.
        RecordError: the folder cannot be written.
    """
    folder = runs_folder(home)
    _make_folder(folder)
    held = FileLock(folder / ".lock", timeout=0)
    try:
        held.acquire()
    except Timeout as error:
        raise BusyError(
            f"another run is writing to {shown(folder)}; wait for it, or give another --home"
        ) from error
    except OSError as error:
        raise RecordError(f"{shown(folder)} cannot be locked: {error.strerror}") from error
    try:
        yield
    finally:
        held.release()


class RecordWriter:
    """An open record: made by `create`, closed by `finish` or on leaving its `with` block."""

    def __init__(self, folder: Path, run: Run) -> None:
        self.folder = folder
        self.media_dir = folder / "media"
        self._run = run
        self._calls_lock = Lock()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC
        self._handles = {name: os.open(folder / name, flags) for name in FILES}

    def __enter__(self) -> RecordWriter:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def append(self, result: Result) -> None:
        """Add one result; it is on disk when this returns.

        Raises:
            RecordError: the result is not fit to be recorded, or the disk refuses (the line is
                taken back as a whole, so the record stays readable).
        """
        self._append(RESULTS, wire.result_to_line(result))

    def append_scores(self, lines: Iterable[ScoreLine]) -> None:
        """Add some scores; all of them are on disk when this returns.

        Raises:
            RecordError: as `append`.
        """
        self._append(SCORES, b"".join(map(wire.score_to_line, lines)))

    def append_call(self, call: CallLine) -> None:
        """Add what happened to a paid call; it is on disk when this returns. From any thread.

        Raises:
            RecordError: as `append`.
        """
        with self._calls_lock:
            self._append(CALLS, wire.call_to_line(call))

    def _append(self, name: str, data: bytes) -> None:
        handle = self._handles[name]
        length = os.fstat(handle).st_size
        try:
            written = os.write(handle, data)
            while written < len(data):
                written += os.write(handle, data[written:])
            os.fsync(handle)
        except OSError as error:
            with contextlib.suppress(OSError):  # then reading will cut the torn line
                os.ftruncate(handle, length)
            raise RecordError(
                f"{shown(self.folder / name)} cannot be written: {error.strerror}; free some"
                " space and run the same command again"
            ) from error

    def finish(self, at: datetime) -> None:
        """Note when the run ended, and close the record."""
        self._run = replace(self._run, finished_at=at)
        _write_header(self.folder, self._run)
        self._close()

    def _close(self) -> None:
        while self._handles:
            os.close(self._handles.popitem()[1])


def create(home: Path, run: Run) -> RecordWriter:
    """A new record under `home`, complete on disk from its first moment.

    The folder is prepared under another name and renamed, so that no reader ever sees a record
    without a header.

    Raises:
        RecordError: the id cannot name a folder or is taken, or the disk refuses.
    """
    fault = id_fault(run.id)
    if fault is not None:
        raise RecordError(f"run id {run.id!r} {fault}")
    runs = runs_folder(home)
    folder = runs / run.id
    if folder.exists():
        raise RecordError(f"{shown(folder)} exists already")
    try:
        _make_folder(runs)
        for stray in runs.glob(f"{_PARTIAL}*"):  # of a run killed while it was being created
            shutil.rmtree(stray)
        partial = runs / f"{_PARTIAL}{run.id}"
        (partial / "media").mkdir(parents=True)
        for name in FILES:
            (partial / name).touch()
        _write_header(partial, run)
        partial.rename(folder)
        sync_folder(runs)
        return RecordWriter(folder, run)
    except OSError as error:
        raise RecordError(f"{shown(folder)} cannot be created: {error.strerror}") from error


def folders(home: Path) -> tuple[Path, ...]:
    """The folders of all records, in the order of their ids (which is that of their start)."""
    runs = runs_folder(home)
    if not runs.is_dir():
        return ()
    names = (path for path in runs.iterdir() if path.is_dir() and not path.name.startswith("."))
    return tuple(sorted(names))


def read_header(folder: Path) -> Run:
    """The header of a record alone.

    Raises:
        RecordError: missing, damaged or from a newer version.
    """
    path = folder / HEADER
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{shown(path)} cannot be read: {error}") from error
    return wire.run_from_json(text, shown(path))


def read(folder: Path) -> RunRecord:
    """A whole record. Writes nothing: a torn last line is passed over and noted.

    Raises:
        RecordError: a damaged line, by its number; or a record from a newer version.
    """
    run = read_header(folder)
    results, torn = _read_lines(folder / RESULTS, wire.result_from_line)
    scored, cut = _read_if_there(folder / SCORES, wire.score_from_line)
    return RunRecord(run, results, (*torn, *cut), scored)


def read_calls(home: Path) -> list[CallLine]:
    """What became of the paid calls of every record, oldest first.

    Raises:
        RecordError: a damaged line, by its number.
    """
    return [
        line
        for folder in folders(home)
        for line in _read_if_there(folder / CALLS, wire.call_from_line)[0]
    ]


def read_all(home: Path) -> list[RunRecord]:
    """Every record of the home, oldest first.

    Raises:
        RecordError: as `read`, for the first record that cannot be read.
    """
    return [read(folder) for folder in folders(home)]


def recover(folder: Path) -> tuple[str, ...]:
    """Cut a torn last line off a record that no runner has open; says what was done.

    Raises:
        RecordError: the file cannot be written.
    """
    notes: list[str] = []
    for path in (folder / name for name in FILES):
        torn = _lines(path)[1] if path.name == RESULTS or path.exists() else 0
        if not torn:
            continue
        try:
            os.truncate(path, path.stat().st_size - torn)
        except OSError as error:
            raise RecordError(f"{shown(path)} cannot be written: {error.strerror}") from error
        notes.append(_torn_note(path, torn))
    return tuple(notes)


def results_of(records: Iterable[RunRecord]) -> list[Result]:
    """The results of several records in one list, in order."""
    return [result for record in records for result in record.results]


def _read_lines(
    path: Path, parse: Callable[[bytes, str], T]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """What the complete lines of a file say, and a note if its last one is torn."""
    lines, torn = _lines(path)
    parsed = tuple(
        parse(line, f"{shown(path)} line {number}") for number, line in enumerate(lines, start=1)
    )
    return parsed, (_torn_note(path, torn),) if torn else ()


def _read_if_there(
    path: Path, parse: Callable[[bytes, str], T]
) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """As `_read_lines`; nothing of a file that records of older versions lack."""
    return _read_lines(path, parse) if path.exists() else ((), ())


def _torn_note(path: Path, torn: int) -> str:
    return f"{shown(path)}: the last line was torn by a crash; {torn} bytes are cut"


def _lines(path: Path) -> tuple[list[bytes], int]:
    """Complete lines without their newlines, and how many bytes follow the last newline."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{shown(path)} cannot be read: {error.strerror}") from error
    *lines, rest = data.split(b"\n")
    return lines, len(rest)


def _write_header(folder: Path, run: Run) -> None:
    """Replace `run.json` whole and durably."""
    partial = folder / f"{HEADER}.partial"
    with partial.open("w", encoding="utf-8") as handle:
        handle.write(wire.run_to_json(run))
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(folder / HEADER)
    sync_folder(folder)


def _make_folder(folder: Path) -> None:
    """Create a folder and its parents durably.

    Raises:
        RecordError: the file system refuses.
    """
    absent = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in reversed(absent):
            sync_folder(path.parent)
    except OSError as error:
        raise RecordError(f"{shown(folder)} cannot be created: {error.strerror}") from error
