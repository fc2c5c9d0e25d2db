"""`dashboard`: the same answers as pages in a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from leaderboard.options import HomeOption

APP = Path(__file__).resolve().parents[2] / "app.py"


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("dashboard")(dashboard)


def dashboard(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to serve on")] = 8501,
    home: HomeOption = None,
) -> None:
    """Serve the dashboard on this machine; ends with Ctrl-C."""
    from evals.errors import InputError
    from evals.home import HOME_VARIABLE, resolve_home

    if not APP.is_file():
        raise InputError(f"the dashboard's entry is missing at {APP}; run from a checkout")
    # Streamlit takes the place of this process, so that signals and the exit code are its own.
    environment = os.environ | {HOME_VARIABLE: str(resolve_home(home))}
    command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
    # Streamlit reads .streamlit/config.toml from the working folder.
    os.chdir(APP.parent)
    os.execve(sys.executable, command, environment)  # noqa: S606 - our own argument list
