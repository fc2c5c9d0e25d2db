"""A file of prompts → a suite in the home. A suite that is there is never changed by it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals import frame_files, prompt_files, registry
from evals.errors import InputError, NotFoundError
from evals.home import shown
from evals.media import sync_folder
from evals.names import fold, hint, id_fault
from evals.prompt_files import FORMATS, PromptList
from evals.suite_files import to_toml
from evals.tomlfile import LARGEST_FILE
from evals.types import TASKS, Suite, Task


@dataclass(frozen=True)
class ImportedSuite:
    """What an import did."""

    suite: Suite
    format: str
    path: Path
    written: bool
    """False: the suite was there with the same prompts, and its file was left as it is."""
    repeats: tuple[str, ...]
    """Which places of the file repeat an earlier one; each prompt is kept once."""


def import_suite(
    home: Path,
    source: Path,
    name: str,
    format: str | None = None,
    task: str | None = None,
    data: Path | None = None,
) -> ImportedSuite:
    """Make a suite of a file of prompts. A second time changes nothing.

    Args:
        home: its `suites` folder gets the file, whole or not at all.
        source: the file of prompts.
        name: id of the suite.
        format: see `evals.prompt_files`; None = tell it from the content.
        task: None = what prompts of that format are for.
        data: the shipped folder; None for this installation's.

    Raises:
        InputError: the file or the id is wrong, or a suite of that id has other prompts: that
            would be a new version, and whoever wants it says so by another id.
    """
    fault = id_fault(name)
    if fault is not None:
        raise InputError(f"--as {name!r} {fault}")
    tasks: Mapping[str, Task] = {one: one for one in TASKS}
    if task is not None and task not in tasks:
        raise NotFoundError(f'no task is called "{task}"{hint(task, tasks)}')
    if task in frame_files.NEEDED:
        raise InputError(
            f"--task {task}: its prompts begin with pictures, and a list has none; see"
            " `churnboard suites animate`"
        )
    known = registry.load(home, data)
    _refuse_clash(name, known.suites)
    found = prompt_files.parse(_content(source), shown(source), format)
    suite = _suite(name, source, found, tasks[task] if task else None)
    path = home / "suites" / f"{name}.toml"
    if name in known.suites:
        there = known.suites[name]
        if there.version == suite.version:
            return ImportedSuite(there, found.format, path, False, found.repeats)
        way = f", or remove {shown(path)} first" if path.exists() else ""
        raise InputError(
            f'suite "{name}" is there as version {there.version}; {shown(source)} makes version'
            f" {suite.version}, and ratings never mix versions: give another --as{way}"
        )
    comment = f"Imported as {found.format}; a changed prompt is a new version, rated anew."
    _write(path, to_toml(suite, comment))
    return ImportedSuite(suite, found.format, path, True, found.repeats)


def _content(source: Path) -> str:
    try:
        if source.stat().st_size > LARGEST_FILE:
            raise InputError(f"{shown(source)}: larger than {LARGEST_FILE:,} bytes; split it")
        return source.read_bytes().decode("utf-8")
    except OSError as error:
        raise InputError(f"{shown(source)} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{shown(source)}: not UTF-8 at byte {error.start}") from error


def _suite(name: str, source: Path, found: PromptList, task: Task | None) -> Suite:
    kind = FORMATS[found.format]
    # A file may be called anything; a title is one line of printable characters.
    stem = "".join(letter for letter in source.stem if letter.isprintable())[:100]
    title = f"{kind.title}, imported from {stem or 'a file'}"
    return Suite(name, title, task if task is not None else kind.task, found.prompts)


def _refuse_clash(name: str, known: Mapping[str, Suite]) -> None:
    for other in known:
        if other != name and fold(other) == fold(name):
            raise InputError(
                f'--as "{name}": differs from suite "{other}" only in case or Unicode form'
            )


def _write(path: Path, text: str) -> None:
    data = text.encode()
    if len(data) > LARGEST_FILE:
        raise InputError(f"{shown(path)} would be larger than {LARGEST_FILE:,} bytes; split it")
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):  # names that begin with a dot are read by nobody
            partial.unlink()
        raise InputError(f"{shown(path)} cannot be written: {error.strerror}") from error
