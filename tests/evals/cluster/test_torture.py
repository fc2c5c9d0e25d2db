"""Two nodes of three lost, and drivers killed, at random moments: no trial lost, none doubled."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evals import record
from evals.cluster import Ray
from evals.request import Request, prepare
from evals.run import Progress, evaluate
from tests.evals.cluster.conftest import Nodes
from tests.evals.cluster.test_cluster import PLAIN, faulty, once_each, results
from tests.evals.worlds import NOON, Write

pytestmark = pytest.mark.torture

DRIVER = """
import sys
from pathlib import Path
from evals.cluster import Ray
from evals.request import Request
from evals.run import evaluate
home, data = map(Path, sys.argv[1:])
evaluate(home, Request("small", metrics=()), data, executor=Ray(),
         progress=lambda step: print(step.event, step.done, flush=True))
"""


@pytest.mark.parametrize("seed", range(6))
def test_two_nodes_of_three_are_lost(
    three: Nodes, data: Path, home: Path, write: Write, seed: int
) -> None:
    rng = random.Random(seed)
    calls = faulty(data, write, "one", "two", "three", pace_s=0.3)
    moments = sorted(rng.sample(range(1, 20), 2))
    lost = 0

    def removing(step: Progress) -> None:
        nonlocal lost
        if lost < len(moments) and step.done >= moments[lost]:
            lost += 1
            three.remove(abrupt=rng.random() < 0.5)

    outcome = evaluate(home, PLAIN, data, removing, executor=Ray())
    assert lost == 2
    assert outcome.counts == {"ok": 24}
    once_each(home, data)
    assert 24 <= len(calls.read_text().splitlines()) <= 24 + 2 * 2


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_driver_is_continued_and_leaves_no_worker(
    plugin: Path, data: Path, home: Path, write: Write, seed: int
) -> None:
    rng = random.Random(seed)
    calls = faulty(data, write, "one", "two", pace_s=0.1)
    command = [sys.executable, "-c", DRIVER, str(home), str(data)]
    acknowledged = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        for _ in range(rng.randint(3, 14)):
            acknowledged += driver.stdout.readline().startswith("ok")
        driver.send_signal(signal.SIGKILL)
    kept = len(results(home))
    assert kept >= acknowledged
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    once_each(home, data)
    assert not prepare(home, Request("small", metrics=()), NOON, data).missing
    assert len(record.folders(home)) == 2
    # What the dead driver's workers had begun, and no more.
    assert len(calls.read_text().splitlines()) <= 16 + 4
