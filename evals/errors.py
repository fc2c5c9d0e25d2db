"""The errors of churnboard, drawn as a tree.

::

    ChurnboardError                  one line: the thing, the place, the fix; exit code 2
    ├── InputError                   a file or an argument written by a person is wrong
    │   ├── RegistryError            a model, suite, price or judge file
    │   └── NotFoundError            an id that is not registered (with the nearest one that is)
    ├── BackendError                 a model could not be called; carries who is to blame
    │   ├── LoadError                weights missing, unsafe or damaged
    │   └── GenerationError          the model ran and failed, or returned nothing usable
    ├── MediaError                   bytes that are not the picture or clip they should be
    ├── ScoreError                   a metric could not be computed on this generation
    ├── RecordError                  a run record is damaged or from the future
    ├── StoreError                   the database cannot be opened, migrated or written
    └── BusyError                    another runner holds the lock; exit code 75
"""

from __future__ import annotations

from typing import Literal

Blame = Literal["model", "infrastructure"]


class ChurnboardError(Exception):
    """Base of every error that a user can cause or cure. `str()` is one line."""

    exit_code = 2


class InputError(ChurnboardError):
    """A file or argument written by a person is wrong."""


class RegistryError(InputError):
    """A model, suite, price or judge file is wrong: names file, key and nearest valid key."""


class NotFoundError(InputError):
    """An id that is not registered; says the nearest one that is."""


class BackendError(ChurnboardError):
    """A model could not be called.

    `blame` decides what the failure means: a failure of the model loses its comparisons, a
    failure of the infrastructure is missing data and is tried again by the next run.
    """

    default_kind = "backend"

    def __init__(
        self, message: str, *, blame: Blame = "infrastructure", kind: str | None = None
    ) -> None:
        super().__init__(message)
        self.blame: Blame = blame
        self.kind: str = kind if kind is not None else self.default_kind
        """Short stable word, kept as `Failure.kind`."""


class LoadError(BackendError):
    """Weights are missing, unsafe to open or damaged."""

    default_kind = "load_failed"


class GenerationError(BackendError):
    """The model ran and failed, or returned nothing usable.

    `billed` says of a paid call that failed whether it may have cost money all the same: then its
    reservation stays spent, and it is not made again unasked.
    """

    default_kind = "raised"

    def __init__(
        self,
        message: str,
        *,
        blame: Blame = "infrastructure",
        kind: str | None = None,
        billed: bool = False,
    ) -> None:
        super().__init__(message, blame=blame, kind=kind)
        self.billed = billed


class MediaError(ChurnboardError):
    """Bytes that are not the picture or clip they should be."""


class ScoreError(ChurnboardError):
    """A metric could not be computed on this generation; the message is stored as the reason."""


class RecordError(ChurnboardError):
    """A run record is damaged, or was written by a newer version."""


class StoreError(ChurnboardError):
    """The database cannot be opened, migrated or written."""


class BusyError(ChurnboardError):
    """Another runner holds the lock."""

    exit_code = 75
