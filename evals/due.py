"""`eval --due`: evaluating what picks ask for, which whoever knows boards decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, runtime_checkable

import typer

from evals.budget import Limits
from evals.errors import InputError

if TYPE_CHECKING:
    from evals.request import Request
    from evals.run import Outcome, Progress

DueOption = Annotated[
    bool, typer.Option("--due", help="What the picks' best-before dates say, instead of a suite")
]


class Evaluate(Protocol):
    """`evals.run.evaluate`, or what stands in for it."""

    def __call__(
        self,
        home: Path,
        request: Request,
        *,
        progress: Callable[[Progress], None],
        clock: Callable[[], datetime],
    ) -> Outcome:
        """Do what the request's epoch still lacks."""
        ...


@runtime_checkable
class EvaluatesDue(Protocol):
    """What an application gives its commands as `context.obj` to make `eval --due` work."""

    def evaluate_due(self, home: Path, limits: Limits, evaluate: Evaluate) -> None:
        """Evaluate what is due within limits, and say what was done."""
        ...


def evaluate_due(
    context: typer.Context, home: Path, limits: Limits, given: tuple[object, ...], do: Evaluate
) -> None:
    """Hand it to the application.

    Args:
        context: of the command.
        home: whose picks.
        limits: for all of it together.
        given: values of the options that `--due` takes the place of.
        do: evaluates one request.

    Raises:
        InputError: one of those options was given, or the application knows no boards.
    """
    if any(one is not None and one is not False for one in given):
        raise InputError(
            "--due decides what is evaluated; beside it go the limits, the executor and --home"
        )
    if not isinstance(context.obj, EvaluatesDue):
        raise InputError("--due needs the boards of churnboard")
    context.obj.evaluate_due(home, limits, do)
