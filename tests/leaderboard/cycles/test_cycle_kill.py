"""Killed with SIGKILL at any point of a cycle and run again, what routers read is always whole."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from evals import record
from leaderboard.cycles import log as cycle_log
from leaderboard.export import read_recommendations, recommendations_path
from tests.leaderboard.cycles.homes import (
    BEGIN,
    DAILY,
    DAY,
    STRENGTHS,
    at_slot,
)

ROOT = Path(__file__).parents[3]
CHILD = """
import os, signal, sys, threading
from datetime import datetime
from pathlib import Path
from leaderboard.cycle import cycle
from tests.leaderboard.cycles.homes import DAILY, Ticking, evaluate

home, at, step, count, seconds = sys.argv[1:]
left = None if step else float("inf")

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def guarded(real):
    # Just before something is made durable or given its name.
    def call(*args, **named):
        global left
        if left is not None:
            left -= 1
            if left <= 0:
                die()
        return real(*args, **named)
    return call

for name in ("fsync", "rename", "replace", "truncate", "unlink"):
    setattr(os, name, guarded(getattr(os, name)))

def tell(told):
    global left
    if told == step and left is None:
        left = int(count)
        if left == 0:
            die()

if float(seconds):
    timer = threading.Timer(float(seconds), die)
    timer.daemon = True
    timer.start()
cycle(Path(home), DAILY, Ticking(datetime.fromisoformat(at)), evaluate, tell=tell)
"""
STEPS = (
    "looking for what is due",
    "evaluated",
    "reading run records",
    "rating models",
    "picking",
    "measuring half-lives",
    "publishing",
    "refreshed",
    "told",
)


def run(home: Path, minutes: int, step: str = "", count: int = 0, seconds: float = 0) -> int:
    """One cycle in a process of its own; its exit code."""
    at = BEGIN + 7 * DAY + timedelta(minutes=minutes)
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(home), at.isoformat(), step, str(count), str(seconds)],
        cwd=ROOT,
        capture_output=True,
        check=False,
    ).returncode


def sequence(home: Path) -> int:
    """Of the file, which is valid and names qualified models alone."""
    told = read_recommendations(recommendations_path(home))
    assert {pick["model"] for pick in told["picks"]} <= set(STRENGTHS) - {"tiny"}
    return int(told["sequence"])


def finish(home: Path, last: int) -> None:
    """Run to the end: the slot is done once, and everything due was evaluated once."""
    assert run(home, 30) == 0
    assert sequence(home) >= last
    slot = (BEGIN + 7 * DAY).replace(minute=0)
    done = [entry for entry in cycle_log.read_log(home) if entry.event == "done"]
    assert [entry.slot for entry in done].count(slot) == 1
    results = record.results_of(record.read_all(home))
    again = [result.trial.key for result in results if result.trial.epoch > 1]
    assert len(again) == len(set(again)) == 80
    assert {result.trial.epoch for result in results} == {1, 2}
    assert not at_slot(home, 7.5, DAILY).ran


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("looking for what is due", 40),
        ("evaluated", 1),
        ("picking", 2),
        ("publishing", 3),
        ("publishing", 8),
    ],
)
def test_killed_at_a_named_point(aged: Path, step: str, count: int) -> None:
    last = sequence(aged)
    assert run(aged, 0, step, count) == -signal.SIGKILL
    assert sequence(aged) >= last
    finish(aged, last)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(50))
def test_killed_fifty_times(aged: Path, seed: int) -> None:
    rng = random.Random(seed)
    last = sequence(aged)
    for number in range(rng.randint(1, 3)):
        if rng.random() < 0.6:
            run(aged, number, rng.choice(STEPS), rng.randint(0, 12))
        else:
            run(aged, number, seconds=rng.uniform(0.05, 3.0))
        assert sequence(aged) >= last
        last = sequence(aged)
    finish(aged, last)
