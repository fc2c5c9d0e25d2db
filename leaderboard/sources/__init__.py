"""Outside boards, one file each: a file -> snapshots. A source never touches the database.

A source module has `NAME` (the source its snapshots carry where the file names none) and
`read(path, now)`, which returns the boards of the file or raises `SnapshotError` with file, row
and column. It may have more:

- `label(path)`, where the file's own place says what its content does not: what the name of a kept
  copy must carry;
- `undated(path)` and `stamp(time)`, where files may not say when they were published: is this one
  of them, and how the label of its copy says it;
- `SELECTION = True`, where boards list models of somebody's choice, so that none ever leaves;
- `answer(boards)`: what `import --json` tells of them beside how many they are.

A module is found by its file name, with `-` for `_`; its docstring's first line is what
`churnboard import --help` says of it.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from evals import plugins
from evals.errors import NotFoundError
from evals.names import hint
from leaderboard.snapshots import Feed, Snapshot

Answer = Callable[[Sequence[Snapshot]], dict[str, Any]]


@dataclass(frozen=True)
class Dating:
    """How files of a kind are dated that do not say it themselves."""

    undated: Callable[[Path], bool]
    stamp: Callable[[datetime], str]
    """A time as the label in the name of a copy, from which `read` takes it."""


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
    dating: Dating | None
    """`None`: every file of this kind says when its boards were published."""
    selection: bool
    """True where boards list models of somebody's choice: none has left that is not listed."""
    answer: Answer
    """What `import --json` tells of the boards beside how many they are."""


def kinds() -> tuple[str, ...]:
    """Every kind of file that can be imported."""
    return plugins.kinds(__path__)


def source(kind: str) -> Source:
    """Look a source up by kind. Raises `NotFoundError` with the nearest one."""
    if kind not in kinds():
        raise NotFoundError(f"no source {kind!r}{hint(kind, kinds())}")
    module = importlib.import_module(f"{__name__}.{kind.replace('-', '_')}")
    read = cast(Callable[[Path, datetime], Feed], module.read)
    label = cast(Callable[[Path], str | None], getattr(module, "label", _no_label))
    undated = getattr(module, "undated", None)
    dating = None if undated is None else Dating(undated, module.stamp)
    chosen = cast(bool, getattr(module, "SELECTION", False))
    answer = cast(Answer, getattr(module, "answer", _no_more))
    return Source(kind, cast(str, module.NAME), read, label, dating, chosen, answer)


def selections() -> frozenset[str]:
    """Sources whose boards list models of somebody's choice: they have no churn to measure."""
    return frozenset(one.name for one in map(source, kinds()) if one.selection)


def _no_label(_path: Path) -> None:
    return None


def _no_more(_boards: Sequence[Snapshot]) -> dict[str, Any]:
    return {}
