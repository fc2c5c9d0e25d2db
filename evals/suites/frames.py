"""Where a suite's file says that its start frames and targets lie, and what lies there.

Only names and hashes are read here; `evals.start_frames` opens the pictures.
"""

from __future__ import annotations

import hashlib
import itertools
import stat
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from evals.media import LARGEST_BYTES
from evals.types import StartFrame, Task

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""Of the formats that `evals.media` decodes, in small or capital letters."""
NEEDED: tuple[Task, ...] = ("image-edit", "image-to-video", "upscale")
"""Tasks that begin with a picture: every prompt of a suite for one names it."""
REFUSED: tuple[Task, ...] = ("text-to-image", "text-to-video")
"""Tasks that begin with words alone."""
TARGETED: tuple[Task, ...] = ("upscale", "image-edit")
"""Tasks of which a prompt may say what picture is wanted."""


def task_fault(task: Task, named: bool) -> str | None:
    """What is wrong with a prompt that names a start frame, or that names none; None if nothing.

    >>> task_fault("image-to-video", named=False)
    'is missing: image-to-video begins with a picture'
    >>> task_fault("text-to-video", named=True)
    'text-to-video begins with words alone; leave it out, or name another task'
    >>> task_fault("upscale", named=True) is None
    True
    """
    if task in NEEDED and not named:
        return f"is missing: {task} begins with a picture"
    if task in REFUSED and named:
        return f"{task} begins with words alone; leave it out, or name another task"
    return None


def target_fault(task: Task) -> str | None:
    """What is wrong with a prompt that names a target; None if nothing.

    >>> target_fault("text-to-image")
    'is of upscale and image-edit, and text-to-image has no one right picture; leave it out'
    """
    if task in TARGETED:
        return None
    return f"is of {' and '.join(TARGETED)}, and {task} has no one right picture; leave it out"


def path_fault(text: str) -> str | None:
    """Why `text` cannot say where a start frame or target lies; None if it can.

    It is relative to the folder of the suite's file, with forward slashes on every system.

    >>> path_fault("frames/p1.png") is None
    True
    >>> path_fault("../p1.png")
    'leaves the folder of the suite'
    """
    if not text.isprintable() or "\\" in text:
        return "must be written with forward slashes, as folder/name.png"
    if text.startswith("/") or PureWindowsPath(text).drive:
        return "is absolute; write it relative to the suite's folder, as folder/name.png"
    parts = text.split("/")
    if ".." in parts:
        return "leaves the folder of the suite"
    if "." in parts or "" in parts:
        return "must be written plainly, as folder/name.png"
    if PurePosixPath(text).suffix.lower() not in SUFFIXES:
        return f"is no picture by its name, which ends in none of {', '.join(SUFFIXES)}"
    return None


def find(folder: Path, text: str) -> StartFrame | str:
    """The picture at `text` beneath the folder of a suite, or why there is none.

    A file is hashed again in the same process only if its size or its time of change is another.
    """
    fault = path_fault(text)
    if fault is not None:
        return fault
    path = folder / text
    try:
        status = path.stat()
        if _leaves(folder, text):
            return "is a link that leaves the folder of the suite; copy the picture"
        if not stat.S_ISREG(status.st_mode):
            return "is no file beside the suite"
        if not 0 < status.st_size <= LARGEST_BYTES:
            return f"has {status.st_size:,} bytes, and may have 1 to {LARGEST_BYTES:,}"
        return StartFrame(_sha256(path, status.st_size, status.st_mtime_ns), text)
    except FileNotFoundError:
        return "is no file beside the suite"
    except OSError as error:
        return f"cannot be read: {error.strerror}"


def _leaves(folder: Path, text: str) -> bool:
    """Whether links on the way from the folder to a file lead out of it."""
    way = itertools.accumulate(text.split("/"), lambda place, part: f"{place}/{part}")
    # Few pictures are links, and to resolve a path is the slowest thing to do to it.
    if not any((folder / place).is_symlink() for place in way):
        return False
    return not (folder / text).resolve().is_relative_to(folder.resolve())


@lru_cache(maxsize=65_536)
def _sha256(path: Path, size: int, changed_ns: int) -> str:
    del size, changed_ns  # they are part of what the answer is remembered by
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
