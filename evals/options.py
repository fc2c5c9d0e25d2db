"""Options that several commands of `evals` share, and what all of them begin with."""

from __future__ import annotations

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
