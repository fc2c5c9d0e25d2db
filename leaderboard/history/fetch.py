"""Files at an address (`hf://`, `s3://`, `https://`, …) -> local copies, by fsspec.

A local path never comes here. What an address needs beyond fsspec itself is its own package
(`s3fs` for `s3://`); without it, or without a network, one line says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from evals.errors import InputError
from leaderboard.history.cells import LARGEST_FILE

_CHUNK = 1 << 20
_TABLES = (".parquet", ".csv")


def is_address(text: str) -> bool:
    """True for `scheme://…`, which is no path.

    >>> is_address("hf://datasets/owner/name/full.parquet"), is_address("C:/boards.csv")
    (True, False)
    """
    return re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE) is not None


def shown_address(address: str) -> str:
    """An address without what may be secret in it: user, password and query.

    >>> shown_address("s3://key:secret@bucket/boards.csv?token=1")
    's3://bucket/boards.csv'
    """
    return re.sub(r"://[^/@]*@", "://", address.split("?")[0])


def fetch(
    address: str, into: Path, tell: Callable[[str, int, int | None], None]
) -> tuple[Path, ...]:
    """Copy the file, the files that a `*` stands for, or a folder's tables into `into`.

    Each copy keeps its name and the name of its folder. `tell` hears the name, the bytes done and
    the bytes of all, where known.

    Raises:
        InputError: there is nothing there, it cannot be reached, or it is too large.
    """
    # Imported here: fsspec is never needed for a local path.
    from fsspec import core

    try:
        system, root = cast(tuple[Any, str], cast(Any, core).url_to_fs(address))
        return tuple(_copy(system, remote, into, tell) for remote in _remote(system, root, address))
    except InputError:
        raise
    except Exception as error:
        # Every file system has errors of its own; whichever it is, the file did not come.
        lines = [line for line in str(error).splitlines() if line.strip()]
        reason = shown_address(lines[0]) if lines else type(error).__name__
        raise InputError(
            f"{shown_address(address)}: cannot be fetched ({type(error).__name__}: {reason});"
            " check the address and the network, or download the file and give its path"
        ) from error


def _remote(system: Any, root: str, address: str) -> list[str]:
    # A `?` may begin a query, so only `*` is a pattern.
    if "*" in root:
        found = cast(list[str], system.glob(root))
    elif system.isdir(root):
        found = cast(list[str], system.find(root))
        found = [name for name in found if name.endswith(_TABLES)]
        # The dataset of arena.ai has the newest board once more in `latest-*`.
        found = [name for name in found if name.rpartition("/")[2].startswith("full-")] or found
    else:
        return [root]
    if not found:
        raise InputError(f"{shown_address(address)}: no {' or '.join(_TABLES)} file there")
    return sorted(found)


def _copy(
    system: Any, remote: str, into: Path, tell: Callable[[str, int, int | None], None]
) -> Path:
    folder, _, name = remote.rstrip("/").rpartition("/")
    # Only the last part of each, so that nothing leads out of `into`.
    place = into / (Path(folder).name or "files") / Path(name).name
    place.parent.mkdir(parents=True, exist_ok=True)
    size = cast(int | None, system.size(remote))
    done = 0
    with system.open(remote, "rb") as source, place.open("wb") as copy:
        while chunk := cast(bytes, source.read(_CHUNK)):
            done += len(chunk)
            if done > LARGEST_FILE:
                raise InputError(f"{shown_address(remote)}: larger than {LARGEST_FILE:,} bytes")
            copy.write(chunk)
            tell(place.name, done, size)
    return place
