"""Where a file of weights lies: in a folder, in the hub's cache, or inside an installed package.

A judge's file names the place as its `source`::

    judges/weights/lpips-alex         folder: beside the file, in the home or in the data
    hf://owner/name@<commit>          the hub's cache, where `evals.judges.fetch` downloads to
    package:torchmetrics/some/folder  a folder inside an installed package

Nothing is downloaded, imported or opened here, as every command that lists judges passes through.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from evals import tomlfile

HUB, PACKAGE = "hf://", "package:"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Weights:
    """One file of weights and the hash that pins it."""

    path: Path | None
    """Where it lies; None while it is not on this machine."""
    sha256: str | None
    """As `sha256sum` prints it; None = nobody has pinned it yet, and it is not used."""
    wanted: str
    """The file as its description names it, for people."""
    file: str = ""
    """Its name within the source."""
    hub: tuple[str, str] | None = None
    """Repository and commit that hold it, if a hub does."""
    published: str | None = None
    """Address at which people get a file that no hub repository holds."""


@dataclass(frozen=True)
class Source:
    """A place that holds weights."""

    name: str
    """As the description writes it."""
    folder: Path | None
    """Where the place is on this machine; None while it is not there."""
    hub: tuple[str, str] | None = None

    def weights(self, file: str, sha256: str | None, published: str | None = None) -> Weights:
        """One of its files, whether it is there or not."""
        path = None if self.folder is None else self.folder / file
        found = path if path is not None and path.is_file() else None
        place = self.name if self.hub is None else self.hub[0]
        return Weights(found, sha256, f"{place}/{file}", file, self.hub, published)


def find(described: Path, key: str, source: str, roots: tuple[Path, ...]) -> Source:
    """The place that `source` names.

    Args:
        described: the judge's file, for relative folders and for the error.
        key: key in that file, for the error.
        source: as written there.
        roots: folders that a relative one may lie in, beside the file's own.

    Raises:
        RegistryError: a hub source without a commit.
    """
    if source.startswith(HUB):
        repository, _, commit = source.removeprefix(HUB).partition("@")
        if not _REPOSITORY.fullmatch(repository) or not _COMMIT.fullmatch(commit):
            raise tomlfile.key_error(
                described, key, "write hf://owner/name@commit, the commit in 40 hex digits"
            )
        folder = snapshot(repository, commit)
        return Source(source, folder if folder.is_dir() else None, (repository, commit))
    if source.startswith(PACKAGE):
        return Source(source, _inside(source.removeprefix(PACKAGE)))
    tried = [described.parent / source, *(root / source for root in roots)]
    return Source(source, next((place.resolve() for place in tried if place.is_dir()), None))


def snapshot(repository: str, commit: str) -> Path:
    """Folder of the hub's cache that holds a repository's files at one commit.

    By the layout of the cache, as the client's own look-up takes longer to import than a command
    that only reads may take; the place of the cache is the client's.
    """
    return repository_folder(repository) / "snapshots" / commit


def repository_folder(repository: str) -> Path:
    """Folder of the hub's cache that holds all of a repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"


def _inside(place: str) -> Path | None:
    package, _, rest = place.partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0]) / rest
    return folder if folder.is_dir() else None
