"""Options that several commands of `evals` share, and what all of them begin with."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.home import resolve_home

if TYPE_CHECKING:
    from evals.registry import Registry

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of runs and your own files (else CHURNBOARD_HOME, ./home)"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON")]


def registered(home: Path | None) -> Registry:
    """All that is registered, beneath the home that an option or the environment names."""
    from evals import registry

    return registry.load(resolve_home(home))


def day_of(text: str | None) -> date:
    """A day that a person typed, today without one.

    Raises:
        InputError: it is none.
    """
    if text is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        from evals.errors import InputError

        raise InputError(f"{text!r} is no day; write it like 2026-01-31") from None
