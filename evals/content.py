"""Identity of weights on disk: the hash of a folder's files, so that a change is a new revision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from evals.errors import RegistryError
from evals.home import shown
from evals.types import digest


def hash_file(path: Path) -> str:
    """sha256 (hex) of a file. Read once per process unless its size or time of change differs."""
    stat = path.stat()
    return _hash_file(path.resolve(), stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=4096)
def _hash_file(path: Path, _size: int, _changed: int) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def hash_folder(
    folder: Path, within: Iterable[Path] = (), suffixes: frozenset[str] | None = None
) -> str:
    """sha256 (hex) over the relative names and contents of a folder's files.

    Args:
        folder: what to hash; hidden files and folders are passed over.
        within: links may lead here as well as within the folder (components that models share).
        suffixes: only files that end so (with the dot); None for all.

    Raises:
        RegistryError: a symbolic link leads elsewhere, or a file cannot be read.
    """
    roots = [folder.resolve(), *(root.resolve() for root in within)]
    entries: list[list[str]] = []
    for path in _files(folder, roots, frozenset()):
        if suffixes is not None and path.suffix not in suffixes:
            continue
        try:
            entries.append([path.relative_to(folder).as_posix(), hash_file(path)])
        except OSError as error:
            raise RegistryError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    return digest(entries)


def _files(folder: Path, roots: list[Path], above: frozenset[Path]) -> Iterable[Path]:
    """Files beneath `folder` in a fixed order; linked folders are followed, loops are not."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in roots):
            raise RegistryError(f"{shown(path)}: a link that leaves {shown(roots[0])}")
        if not path.is_dir():
            yield path
        elif real not in above:
            yield from _files(path, roots, above | {real})
