"""A file of prompts → a suite in the home. A suite that is there is never changed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evals import registry
from evals.errors import InputError, NotFoundError
from evals.home import shown
from evals.names import hint
from evals.suites import frames as frame_files
from evals.suites import own as own_suites
from evals.suites import prompts as prompt_files
from evals.suites.prompts import FORMATS, PromptList
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
        format: see `evals.suites.prompts`; None = tell it from the content.
        task: None = what prompts of that format are for.
        data: the shipped folder; None for this installation's.

    Raises:
        InputError: the file or the id is wrong, or a suite of that id has other prompts: that
            would be a new version, and whoever wants it says so by another id.
    """
    known = registry.load(home, data)
    own_suites.check_id(name, "--as", known.suites)
    tasks: Mapping[str, Task] = {one: one for one in TASKS}
    if task is not None and task not in tasks:
        raise NotFoundError(f'no task is called "{task}"{hint(task, tasks)}')
    if task in frame_files.NEEDED:
        raise InputError(
            f"--task {task}: its prompts begin with pictures, and a list has none; see"
            " `churnboard suites animate`"
        )
    found = prompt_files.parse(_content(source), shown(source), format)
    suite = _suite(name, source, found, tasks[task] if task else None)
    registered = own_suites.there(known, suite, shown(source), "--as")
    if registered is not None:
        path = own_suites.file_of(home, name)
        return ImportedSuite(registered, found.format, path, False, found.repeats)
    comment = f"Imported as {found.format}; a changed prompt is a new version, rated anew."
    path = own_suites.write(home, suite, comment)
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
