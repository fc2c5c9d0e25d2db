"""Bytes to a path or an address, whole or not at all.

A file is written beside the old one and moved into its place. So it is at an address where the
file system can move; an object store shows a whole new object, or the old one, of itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

from evals.home import shown
from leaderboard.errors import ExportError
from leaderboard.history.fetch import is_address, shown_address

_WHOLE = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "oci", "r2", "memory"})
"""Protocols that put a whole object in one step."""


def told(target: str) -> str:
    """A path or an address as it may be shown."""
    return shown_address(target) if is_address(target) else shown(Path(target))


def read(target: str) -> bytes | None:
    """What is there; `None` where nothing is. Raises `ExportError` when it cannot be told."""
    try:
        if is_address(target):
            system, path = _system(target)
            # Others may have changed it since this process listed it.
            system.invalidate_cache()
            return cast(bytes, system.cat_file(path))
        return Path(target).read_bytes()
    except FileNotFoundError:
        return None
    except Exception as error:
        raise _refused(target, "read", error) from error


def write(target: str, data: bytes) -> None:
    """Put `data` there in one step. Raises `ExportError`; what was there then stays."""
    try:
        if is_address(target):
            _send(target, data)
        else:
            replace(Path(target), data)
    except ExportError:
        raise
    except Exception as error:
        raise _refused(target, "written", error) from error


def replace(path: Path, data: bytes) -> None:
    """Write a local file beside its old self and move it into place; on the disk on return."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.tmp")
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _send(target: str, data: bytes) -> None:
    system, path = _system(target)
    protocols = {system.protocol} if isinstance(system.protocol, str) else {*system.protocol}
    if protocols & _WHOLE:
        system.pipe_file(path, data)
    elif "file" in protocols:
        replace(Path(path), data)
    else:
        folder, _, name = path.rpartition("/")
        if folder:
            system.makedirs(folder, exist_ok=True)
        scratch = f"{folder}/.{name}.tmp" if folder else f".{name}.tmp"
        system.pipe_file(scratch, data)
        system.mv(scratch, path)
    system.invalidate_cache()
    if system.cat_file(path) != data:
        raise ExportError(f"{told(target)}: what was written does not read back the same")


def _system(target: str) -> tuple[Any, str]:
    # Imported here: fsspec is never needed for a local path.
    from fsspec import core

    return cast(tuple[Any, str], cast(Any, core).url_to_fs(target))


def _refused(target: str, what: str, error: Exception) -> ExportError:
    """Every file system has errors of its own; whichever it is, nothing was changed."""
    if isinstance(error, OSError) and error.strerror:
        return ExportError(f"{told(target)}: cannot be {what}: {error.strerror}")
    lines = [line for line in str(error).splitlines() if line.strip()]
    reason = shown_address(lines[0]) if lines else type(error).__name__
    return ExportError(f"{told(target)}: cannot be {what} ({type(error).__name__}: {reason})")
