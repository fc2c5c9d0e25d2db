"""Outside boards, one file each: a file -> snapshots. A source never touches the database.

A source module has `NAME` (the source its snapshots carry where the file names none) and
`read(path, now)`, which returns the boards of the file or raises `SnapshotError` with file, row
and column. Where the file's own place says what its content does not, it has `label(path)` too:
what the name of a kept copy must carry. A module is found by its file name, with `-` for `_`; its
docstring's first line is what `churnboard import --help` says of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import cast

from evals.errors import NotFoundError
from evals.names import hint
from leaderboard.snapshots import Feed


@dataclass(frozen=True)
class Source:
    """A kind of file that can be imported."""

    kind: str
    """As typed on the command line: `arena-monthly`."""
    name: str
    """The source on its snapshots: `arena`."""
    read: Callable[[Path, datetime], Feed]
    label: Callable[[Path], str | None]
    """What the name of a kept copy must carry beside the content's hash."""


def kinds() -> tuple[str, ...]:
    """Every kind of file that can be imported."""
    return tuple(
        sorted(
            module.name.replace("_", "-")
            for module in pkgutil.iter_modules(__path__)
            if not module.name.startswith("_")
        )
    )


def source(kind: str) -> Source:
    """Look a source up by kind. Raises `NotFoundError` with the nearest one."""
    if kind not in kinds():
        raise NotFoundError(f"no source {kind!r}{hint(kind, kinds())}")
    module = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")
    read = cast(Callable[[Path, datetime], Feed], module.read)
    label = cast(Callable[[Path], str | None], getattr(module, "label", _no_label))
    return Source(kind, cast(str, module.NAME), read, label)


def _no_label(_path: Path) -> None:
    return None
