"""The errors of the leaderboard, drawn as a tree below `evals.errors`.

::

    ChurnboardError
    ├── InputError
    │   ├── SnapshotError    a file of an outside board is wrong: names file, row and column
    │   ├── UsageError       a router's log is wrong: names file, line and key
    │   └── WorkflowError    a chain of models is none, or cannot be read: names file and step
    ├── RatingError          comparisons cannot be turned into ratings
    ├── VoteError            votes cannot be read or kept: names file, row or line
    ├── PickLogError         the log of picks is damaged or cannot be written
    ├── CycleError           the log of cycles is damaged or cannot be written; exit code 1
    └── ExportError          recommendations.json is invalid, or from a newer version
"""

from __future__ import annotations

from evals.errors import ChurnboardError, InputError


class SnapshotError(InputError):
    """A file of an outside board is wrong; nothing of it is stored."""


class UsageError(InputError):
    """A router's log is wrong, or contradicts what is stored; nothing of it is stored."""


class WorkflowError(InputError):
    """A file holds no chain of models, or one that cannot be; names the place and the step."""


class RatingError(ChurnboardError):
    """Comparisons cannot be turned into ratings: no convergence, or nothing to compare."""


class VoteError(ChurnboardError):
    """The ballot box is damaged or cannot be written, or a file of votes is wrong."""


class PickLogError(ChurnboardError):
    """The log of picks is damaged or cannot be written."""


class CycleError(ChurnboardError):
    """The log of cycles is damaged or cannot be written."""

    exit_code = 1


class ExportError(ChurnboardError):
    """The recommendations are invalid, or were written by a newer version."""
