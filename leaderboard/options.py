"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="Folder of runs and editions (else CHURNBOARD_HOME, ./home)"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON")]
EditionOption = Annotated[
    str | None, typer.Option("--edition", help="An older edition by name; else the current one")
]
TaskOption = Annotated[
    str | None, typer.Option("--task", "-t", help="Only this task, such as text-to-image")
]
DomainOption = Annotated[
    str | None, typer.Option("--domain", "-d", help="Only this domain; `all` is every prompt")
]
