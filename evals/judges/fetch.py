"""Weights from the hub, and their pin.

`fetch` downloads what a judge's file names at the commit it names. Whether that is what its authors
published is told by the hash in the file alone. Where nobody has put one there, `pin` writes the
hash of the file that came: trust on first use, which guards against a change from then on, and not
against a wrong file today.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

from evals.content import hash_file
from evals.errors import InputError, LoadError
from evals.home import shown
from evals.judges import pins as judges
from evals.judges.files import read_judge
from evals.judges.pins import Judge
from evals.weights import Weights, snapshot

Download = Callable[[str, str, str], Path]
"""Repository, file and commit -> where the file lies now."""


def fetch(judge: Judge, download: Download | None = None) -> Path:
    """Download what the judge lacks: weights, what is read beside them, and heads.

    A head that is on no hub is left out: its metric alone is unavailable, and says why.

    Args:
        judge: as its file describes it.
        download: fetches one file; the hub's client if not given.

    Returns where the weights lie. The judge's file must be read again to find them.

    Raises:
        InputError: the weights are neither here nor on a hub; says where they are published.
        LoadError: a download failed, or a file is not the one that is pinned.
    """
    get = from_hub if download is None else download
    path = judge.weights.path
    if judge.hub is not None:
        path = _fetched(judge, judge.weights, judge.hub, get)
        for name in judge.beside:
            get(judge.hub[0], name, judge.hub[1])
    if path is None:
        where = f"; it is published at {judge.weights.published}" if judge.weights.published else ""
        raise InputError(
            f"judge {judge.id}: {judge.weights.wanted} is on no hub: put it there yourself{where}"
        )
    for head in judge.heads.values():
        if head.hub is not None:
            _fetched(judge, head, head.hub, get)
    return path


def pin(name: str, roots: tuple[Path, Path], today: date) -> Path:
    """Write the hashes of the files that are here into the judge's file in the home.

    Args:
        name: id of the judge.
        roots: the shipped data and the home; the home's own file of this judge is the one that
            counts, and else the shipped one is copied.
        today: written beside the hash.

    Raises:
        InputError: no such judge, nothing left to pin, a head that is not a table of its own, or a
            source that the copy in the home would not find.
        LoadError: the weights are not on this machine.
    """
    data, home = roots
    mine = home / "judges" / f"{name}.toml"
    described = mine if mine.is_file() else data / "judges" / f"{name}.toml"
    if not described.is_file():
        raise InputError(f'no judge is called "{name}"; churnboard metrics lists them')
    judge = read_judge(described, roots)
    if judge.weights.path is None:
        raise LoadError(f"judge {name}: {judges.unavailable(judge)}")
    lines = described.read_text(encoding="utf-8").splitlines()
    added: dict[str, str] = {}
    for key, item in {"": judge.weights, **judge.heads}.items():
        if item.path is not None and item.sha256 is None:
            added[key] = hash_file(item.path)
            place = _line_of(lines, key, described)
            lines[place:place] = [
                f"# Of the file that was here on {today.isoformat()}: trusted on first use.",
                f'sha256 = "{added[key]}"',
            ]
    if not added:
        raise InputError(f"judge {name}: every file that is here is pinned already")
    mine.parent.mkdir(parents=True, exist_ok=True)
    partial = mine.with_suffix(f".{os.getpid()}")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        if read_judge(partial, roots).weights.path != judge.weights.path:
            raise InputError(
                f"{shown(described)}: its source is relative to that file; name it in full"
            )
        partial.replace(mine)
    finally:
        partial.unlink(missing_ok=True)
    return mine


def from_hub(repository: str, file: str, commit: str) -> Path:
    """Download one file of a repository at a commit into the hub's cache.

    Raises:
        LoadError: not there, no access, or no network; in one line.
    """
    import huggingface_hub

    client = cast("Any", huggingface_hub)
    try:
        return Path(client.hf_hub_download(repository, file, revision=commit))
    except Exception as error:
        detail = (str(error).strip().splitlines() or [""])[0][:200]
        raise LoadError(
            f"{repository}/{file} at {commit[:8]} cannot be downloaded: {type(error).__name__}:"
            f" {detail}"
        ) from error


def _fetched(judge: Judge, item: Weights, hub: tuple[str, str], get: Download) -> Path:
    path = get(hub[0], item.file, hub[1])
    expected = snapshot(*hub) / item.file
    if not expected.is_file():
        raise LoadError(f"judge {judge.id}: {item.wanted} came to {path}, not to {expected}")
    if item.sha256 is not None and hash_file(expected) != item.sha256:
        raise LoadError(
            f"judge {judge.id}: {shown(expected)} is not the file that is pinned"
            f" ({item.sha256[:12]}…): remove it and fetch again, or mistrust the source"
        )
    return expected


def _line_of(lines: list[str], head: str, described: Path) -> int:
    """Where a line goes that belongs to the weights, or to the head of one metric."""
    if not head:
        wanted = re.compile(r"\s*source\s*=")
    else:
        wanted = re.compile(rf"\s*\[\s*heads\s*\.\s*(['\"]?){re.escape(head)}\1\s*\]\s*(#.*)?")
    for place, line in enumerate(lines):
        if wanted.match(line):
            return place + 1
    raise InputError(f"{shown(described)}: write the head of {head} as a table [heads.{head}]")
