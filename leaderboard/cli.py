"""`churnboard`: the one command line.

Groups of commands are the modules of `leaderboard.commands`, found by their files, and
`evals.commands`. Mounting them imports nothing heavy: `--help` and whatever only reads answers in
half a second.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn, cast

import typer

import evals.commands
import leaderboard.commands
from evals.errors import ChurnboardError

# A mistyped option or value. typer brings a click of its own, and names of it only the children.
_UsageError = cast(Any, typer.BadParameter.__base__)


def build() -> typer.Typer:
    """The application with every command mounted."""
    app = typer.Typer(
        name="churnboard",
        help="Which generative image and video models to call this week, at what cost,"
        " and for how long to believe it.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_globals)
    evals.commands.register(app)
    for module in sorted(m.name for m in pkgutil.iter_modules(leaderboard.commands.__path__)):
        importlib.import_module(f"leaderboard.commands.{module}").register(app)
    return app


def main() -> None:
    """Run the command line. An error of the user's is one line on stderr and its exit code."""
    try:
        code = build()(standalone_mode=False)
    except ChurnboardError as error:
        _fail(str(error), error.exit_code)
    except _UsageError as error:
        if not error.format_message():  # nothing was asked for, and the help says what could be
            error.show()
            sys.exit(error.exit_code)
        context = error.ctx
        command = context.command_path if context is not None else "churnboard"
        _fail(f"{error.format_message().rstrip('.')}; see {command} --help", error.exit_code)
    except typer.Abort:
        _fail("stopped", 130)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, exit_code: int) -> NoReturn:
    # Whatever was quoted into the message, it stays one line.
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    sys.exit(exit_code)


def _globals(
    context: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option("--home", help="Folder of all state (else CHURNBOARD_HOME, ./home)"),
    ] = None,
) -> None:
    from leaderboard.commands.cycle import Due

    context.obj = Due()
    if home is not None:
        import os

        from evals.home import HOME_VARIABLE

        os.environ[HOME_VARIABLE] = str(home)


if __name__ == "__main__":
    main()
