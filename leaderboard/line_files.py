"""Files of lines that only grow: read the whole lines, add some durably or none of them.

A line exists when its newline is on the disk. A last line without one never was, and is passed
over by readers and cut by the next writer, of which there is one at a time: the caller sees to
that.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from evals.media import sync_folder


def whole_lines(path: Path) -> tuple[list[bytes], int]:
    """The lines of a file without their newlines, and how many bytes they take with them.

    A file that is not there has none. Raises `OSError` when it cannot be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    *lines, torn = data.split(b"\n")
    return lines, len(data) - len(torn)


def append_lines(path: Path, whole: int, data: bytes) -> None:
    """Put `data` behind the first `whole` bytes; all of it is on the disk when this returns.

    The file and its folder are made if they are missing. Raises `OSError` when the disk refuses;
    the file then ends after `whole` bytes as before.
    """
    folder = path.parent
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.ftruncate(handle, whole)
        try:
            written = os.pwrite(handle, data, whole)
            while written < len(data):
                written += os.pwrite(handle, data[written:], whole + written)
            os.fsync(handle)
        except OSError:
            with contextlib.suppress(OSError):  # a torn line is cut by the next writer
                os.ftruncate(handle, whole)
            raise
    finally:
        os.close(handle)
    if whole == 0:
        sync_folder(folder)
