"""Killed with SIGKILL at a random moment and started again, every trial ends exactly once."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evals import record
from evals.media import decode
from evals.request import Request, prepare
from tests.evals.worlds import NOON

SCRIPT = """
import sys
from pathlib import Path
from evals.request import Request
from evals.run import evaluate
home, data = map(Path, sys.argv[1:])
print("begin", flush=True)
evaluate(home, Request("small", metrics=()), data,
         progress=lambda step: print(step.event, step.done, flush=True))
"""
# Scoring is left out: it would add seconds of imports and no other way to die.


def start(home: Path, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home), str(data)], stdout=subprocess.PIPE, text=True
    )


def kill_somewhere(home: Path, data: Path, rng: random.Random) -> int:
    """Start the run, kill it after a random step; how many trials it had acknowledged by then."""
    process = start(home, data)
    assert process.stdout is not None
    acknowledged = 0
    # Steps are told right after a trial is on disk, so killing between two of them hits loading,
    # generating, storing or recording of the next.
    for _ in range(rng.randint(1, 20)):
        line = process.stdout.readline().split()
        if not line:
            break
        acknowledged += line[0] == "ok"
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    process.wait()
    return acknowledged


def check(home: Path, data: Path) -> None:
    """Every planned trial is recorded exactly once, with whole media."""
    planned = prepare(home, Request("small", metrics=()), NOON, data)
    assert planned.missing == ()
    records = record.read_all(home)
    keys = [result.trial.key for item in records for result in item.results]
    assert sorted(keys) == sorted(trial.key for trial in planned.trials)
    for item in records:
        for result in item.results:
            media = result.generation.media
            assert media is not None
            decode((home / "runs" / item.run.id / media.path).read_bytes())


def torment(home: Path, data: Path, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 2)):
        before = len(record.results_of(record.read_all(home)))
        acknowledged = kill_somewhere(home, data, rng)
        after = len(record.results_of(record.read_all(home)))
        assert after >= before + acknowledged
    finished = start(home, data)
    assert finished.stdout is not None
    finished.stdout.read()
    finished.stdout.close()
    assert finished.wait() == 0
    check(home, data)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_killed_anywhere_and_continued(data: Path, home: Path, seed: int) -> None:
    torment(home, data, seed)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(100, 200))
def test_killed_a_hundred_times(data: Path, home: Path, seed: int) -> None:
    torment(home, data, seed)
