"""Is this installation and this home fit for work? One line per question."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from evals.errors import ChurnboardError

PACKAGES = ("torch", "diffusers", "open_clip", "duckdb", "streamlit", "lifelines", "pytz")


@dataclass(frozen=True)
class Check:
    """One question and its answer."""

    name: str
    ok: bool
    detail: str


def check_all(home: Path) -> tuple[Check, ...]:
    """Ask every question about `home` and this installation; nothing is changed."""
    questions: tuple[tuple[str, Callable[[Path], str]], ...] = (
        ("packages", _packages),
        ("home", _home),
        ("registry", _registry),
        ("policy", _policy),
        ("edition", _edition),
        ("recommendations", _recommendations),
    )
    return tuple(_answer(name, question, home) for name, question in questions)


def _answer(name: str, question: Callable[[Path], str], home: Path) -> Check:
    try:
        return Check(name, True, question(home))
    except ChurnboardError as error:
        return Check(name, False, str(error))


def _packages(home: Path) -> str:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise ChurnboardError(f"not installed: {', '.join(missing)}; install churnboard again")
    python = ".".join(map(str, sys.version_info[:3]))
    try:
        own = version("churnboard")
    except PackageNotFoundError:
        own = "from a checkout"
    return f"churnboard {own}, Python {python}, duckdb {version('duckdb')}"


def _home(home: Path) -> str:
    if not home.exists():
        return f"{home} does not exist yet; the first run creates it"
    return f"{home} holds {len(list((home / 'runs').glob('*/run.json')))} run records"


def _registry(home: Path) -> str:
    from evals import registry

    known = registry.load(home)
    return f"{len(known.models)} models, {len(known.suites)} suites"


def _policy(home: Path) -> str:
    from leaderboard.picks.policy import load_policy, policy_path

    load_policy(home)
    return str(policy_path(home))


def _edition(home: Path) -> str:
    from leaderboard import queries

    if not (home / "editions").exists():
        return "none yet; `churnboard refresh` publishes one"
    with queries.open_edition(home) as opened:
        return f"{opened.name}: {len(queries.boards(opened))} boards"


def _recommendations(home: Path) -> str:
    from leaderboard.export import read_recommendations, recommendations_path

    path = recommendations_path(home)
    if not path.exists():
        return "none yet; `churnboard refresh` writes them"
    document = read_recommendations(path)
    return f"{path}: sequence {document['sequence']}, {len(document['picks'])} picks"
