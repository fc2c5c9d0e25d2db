"""Suites of one's own: written to the home whole or not at all, and never changed by a command."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from evals.errors import InputError
from evals.home import shown
from evals.media import sync_folder
from evals.names import fold, id_fault
from evals.registry import Registry
from evals.suites.files import to_toml
from evals.tomlfile import LARGEST_FILE
from evals.types import Suite


def check_id(name: str, argument: str, known: Mapping[str, Suite]) -> None:
    """Refuse what cannot be the id of a new suite; InputError begins with the argument."""
    fault = id_fault(name)
    if fault is not None:
        raise InputError(f"{argument} {name!r} {fault}")
    for other in known:
        if other != name and fold(other) == fold(name):
            raise InputError(
                f'{argument} "{name}": differs from suite "{other}" only in case or Unicode form'
            )


def there(known: Registry, suite: Suite, origin: str, argument: str) -> Suite | None:
    """The suite that is registered under this id, if its prompts are the same.

    Args:
        known: all that is registered.
        suite: about to be written.
        origin: what it was made of, for the error.
        argument: the one that names the id.

    Raises:
        InputError: a suite of that id has other prompts: that would be a new version, and whoever
            wants it says so by another id.
    """
    registered = known.suites.get(suite.id)
    if registered is None or registered.version == suite.version:
        return registered
    path = file_of(known.home, suite.id)
    way = f", or remove {shown(path)} first" if path.exists() else ""
    raise InputError(
        f'suite "{suite.id}" is there as version {registered.version}; {origin} makes version'
        f" {suite.version}, and ratings never mix versions: give another {argument}{way}"
    )


def file_of(home: Path, name: str) -> Path:
    """Where a suite of one's own is kept."""
    return home / "suites" / f"{name}.toml"


def write(
    home: Path, suite: Suite, comment: str, frames: Mapping[str, bytes] | None = None
) -> Path:
    """Write a suite and the pictures that it begins with; the path of its file.

    The pictures come first, so that a suite never names what is not there. What a crash leaves of
    them is in nobody's way, and is taken over by the next try.

    Args:
        home: its `suites` folder gets the file.
        suite: not registered yet.
        comment: one line on top of the file.
        frames: path of each start frame, as the suite has it -> the picture file's bytes.

    Raises:
        InputError: too large, other pictures lie in the way, or the disk refuses.
    """
    path = file_of(home, suite.id)
    data = to_toml(suite, comment).encode()
    if len(data) > LARGEST_FILE:
        raise InputError(f"{shown(path)} would be larger than {LARGEST_FILE:,} bytes; split it")
    for place, picture in (frames or {}).items():
        target = path.parent / place
        if not _holds(target, picture):
            _write(target, picture)
    _write(path, data)
    return path


def _holds(path: Path, data: bytes) -> bool:
    """Whether a picture is there already; InputError if another one is."""
    try:
        if path.read_bytes() == data:
            return True
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror}") from error
    raise InputError(
        f"{shown(path)} is another picture, and is not overwritten: remove {shown(path.parent)},"
        " or give another id"
    )


def _write(path: Path, data: bytes) -> None:
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
