"""Where state lives (the home) and what ships with the project (data)."""

from __future__ import annotations

import os
from pathlib import Path

from evals.errors import InputError

HOME_VARIABLE = "CHURNBOARD_HOME"


def resolve_home(option: Path | None) -> Path:
    """The folder of runs, editions and the user's own files, as an absolute path.

    The option wins over the environment's CHURNBOARD_HOME, and that over `./home`. The folder need
    not exist: an empty home works, and whoever writes creates what it needs.

    Raises:
        InputError: the path exists and is not a folder.
    """
    named = option if option is not None else Path(os.environ.get(HOME_VARIABLE) or "home")
    home = named.expanduser().absolute()
    if home.exists() and not home.is_dir():
        raise InputError(f"home {home} is a file; give a folder with --home or {HOME_VARIABLE}")
    return home


def data_root() -> Path:
    """The folder of what ships: models, suites, judges, prices and the reference weights.

    Raises:
        InputError: the package was installed without it.
    """
    data = Path(__file__).resolve().parent.parent / "data"
    if not data.is_dir():
        raise InputError(f"the shipped data folder is missing at {data}; install from a checkout")
    return data


def runs_folder(home: Path) -> Path:
    """`<home>/runs`: one folder per run record."""
    return home / "runs"


def shown(path: Path) -> str:
    """`path` as a person would type it: relative to the working folder where it lies beneath."""
    try:
        return path.absolute().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
