"""Copies of what was imported: one JSON object a line, in a file named by its content.

A copy is written whole or not at all and never changed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from evals.home import shown
from evals.media import sync_folder
from leaderboard.errors import UsageError

Made = TypeVar("Made")
SCHEMA = 1


def keep(folder: Path, bodies: Iterable[Mapping[str, Any]]) -> Path:
    """Have the objects on the disk, in their order. Raises `UsageError`."""
    lines = (
        json.dumps({"schema": SCHEMA, **body}, separators=(",", ":"), ensure_ascii=False)
        for body in bodies
    )
    data = "".join(line + "\n" for line in lines).encode()
    path = folder / f"{hashlib.sha256(data).hexdigest()}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".tmp")
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        sync_folder(folder)
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be written: {error.strerror}") from error
    return path


def read(path: Path, make: Callable[[dict[str, Any]], Made]) -> Iterator[Made]:
    """What a copy holds; `make` turns an object into it. Raises `UsageError` naming the line."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        try:
            body = cast("dict[str, Any]", json.loads(line))
            if body["schema"] != SCHEMA:
                raise ValueError("another schema")
            yield make(body)
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{shown(path)}: line {number} is damaged, or a newer churnboard wrote it; restore"
                " that file or remove it"
            ) from error
