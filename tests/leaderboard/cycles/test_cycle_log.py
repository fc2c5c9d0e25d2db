"""The log of cycles: what a crash tore is cut, and what is damaged stops with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from leaderboard.cli import build
from leaderboard.cycles import log as cycle_log
from leaderboard.errors import CycleError
from tests.leaderboard.cycles.homes import at_slot


def test_a_torn_line_of_the_log_is_cut(aged: Path) -> None:
    path = cycle_log.log_path(aged)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"at": "2026-03-03T00:0')
    assert not at_slot(aged, 0.2).ran
    at_slot(aged, 1)
    assert path.read_bytes().startswith(whole)
    assert cycle_log.read_log(aged)[-1].event == "done"


def test_a_damaged_line_stops_with_its_number(aged: Path) -> None:
    path = cycle_log.log_path(aged)
    path.write_bytes(b"garbage\n" + path.read_bytes())
    with pytest.raises(CycleError, match="line 1"):
        at_slot(aged, 1)
    found = CliRunner().invoke(build(), ["cycle", "--at", "2026-03-04T00:07"])
    assert found.exit_code == 1
