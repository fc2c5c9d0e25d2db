"""What a branch of a hub repository stood for when it was first asked: a commit, from then on.

The answer is kept where the hub's own client keeps it, in `refs/` of its cache. So a model whose
file says `main` stays the same model until somebody downloads the branch anew, and planning it a
second time needs no network.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evals.errors import InputError
from evals.weights import repository_folder

NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
COMMIT = re.compile(r"[0-9a-f]{40}")
_BRANCH = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)*")
TIMEOUT_S = 15.0


def revision_fault(revision: str) -> str | None:
    """Why `revision` can be neither commit, branch nor tag; None if it can.

    >>> revision_fault("main") is None
    True
    >>> revision_fault("../x")
    'is no commit, branch or tag'
    """
    fits = len(revision) <= 200 and _BRANCH.fullmatch(revision) and ".." not in revision
    return None if fits else "is no commit, branch or tag"


def commit_of(repository: str, revision: str, online: bool = True) -> str:
    """The commit that `revision` names: itself, what the hub's cache says, or what the hub says.

    Args:
        repository: `owner/name`.
        revision: a commit of 40 hex digits, a branch or a tag.
        online: whether the hub may be asked where the cache does not know.

    Raises:
        InputError: nobody knows; says what to do.
    """
    if COMMIT.fullmatch(revision):
        return revision
    fault = revision_fault(revision)
    if fault is not None:
        raise InputError(f'"{revision}" {fault} of {repository}')
    reference = repository_folder(repository) / "refs" / revision
    known = _read(reference)
    if known is not None:
        return known
    asked = "the hub was not asked"
    if online:
        try:
            commit = _ask(repository, revision)
        except Exception as error:  # noqa: BLE001 - the client raises its own errors, those of its
            # transport and those of proxies; whatever it is, there is no answer.
            asked = f"the hub did not answer ({type(error).__name__})"
        else:
            _write(reference, commit)
            return commit
    raise InputError(
        f'what "{revision}" of {repository} is, is not known: it is not in the hub\'s cache, and'
        f" {asked}; run `hf download {repository} --revision {revision}` where there is a network,"
        f" or write a commit of 40 hex digits as its revision"
    )


@dataclass(frozen=True)
class Listing:
    """What a hub says of a repository at a commit."""

    sizes: Mapping[str, int]
    """File -> bytes."""
    gated: bool
    """Whether it is given only to those who accepted its terms."""
    allowed: bool
    """Whether it would be given to whoever is logged in here."""
    licence: str | None

    def absent(self, names: Iterable[str], folder: Path) -> int:
        """Bytes of the files among `names` that are not in `folder`, a snapshot of the cache."""
        lacking = (name for name in names if not (folder / name).exists())
        return sum(self.sizes.get(name, 0) for name in lacking)


def listing(repository: str, commit: str) -> Listing:
    """Ask the hub what a repository holds, and on what terms.

    Raises:
        Exception: as the hub's client and its transport raise.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError

    api = HfApi()
    told = api.model_info(repository, revision=commit, files_metadata=True, timeout=TIMEOUT_S)
    allowed = True
    if told.gated:
        try:
            api.auth_check(repository)
        except GatedRepoError:
            allowed = False
    card = told.card_data
    licence = card and (card.get("license_name") or card.get("license"))
    sizes = {one.rfilename: one.size or 0 for one in told.siblings or ()}
    return Listing(sizes, bool(told.gated), allowed, str(licence) if licence else None)


def free_space() -> int:
    """Bytes that are free where the hub's cache is, or will be."""
    from huggingface_hub import constants

    place = Path(constants.HF_HUB_CACHE).absolute()
    there = next(folder for folder in (place, *place.parents) if folder.exists())
    return shutil.disk_usage(there).free


def _ask(repository: str, revision: str) -> str:
    from huggingface_hub import HfApi

    commit = HfApi().model_info(repository, revision=revision, timeout=TIMEOUT_S).sha
    if commit is None or not COMMIT.fullmatch(commit):
        raise ValueError(f"the hub answered {commit!r:.60}, which is no commit")
    return commit


def _read(reference: Path) -> str | None:
    try:
        commit = reference.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return commit if COMMIT.fullmatch(commit) else None


def _write(reference: Path, commit: str) -> None:
    """Keep the answer; a cache that may not be written to is asked for again next time."""
    partial = reference.with_name(f"{reference.name}.{os.getpid()}.tmp")
    try:
        reference.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(commit, encoding="utf-8")
        partial.replace(reference)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink()
