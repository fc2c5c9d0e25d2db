"""Homes that cycles start from: built once, and copied for whoever changes one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.leaderboard.cycles.homes import at_slot, first_evaluation
from tests.leaderboard.cycles.homes import build as build_home


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Evaluated once, an hour before the first slot; a pick lasts seven days."""
    home = build_home(tmp_path_factory.mktemp("evaluated") / "home")
    first_evaluation(home)
    return home


@pytest.fixture(scope="session")
def first_slot(evaluated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after the cycle of day 0."""
    home = tmp_path_factory.mktemp("first") / "home"
    shutil.copytree(evaluated, home, symlinks=True)
    at_slot(home, 0)
    return home


@pytest.fixture
def fresh(evaluated: Path, home: Path) -> Path:
    """A home of one's own, evaluated and without an edition."""
    shutil.copytree(evaluated, home, symlinks=True)
    return home


@pytest.fixture
def aged(first_slot: Path, home: Path) -> Path:
    """A home of one's own after the cycle of day 0."""
    shutil.copytree(first_slot, home, symlinks=True)
    return home
