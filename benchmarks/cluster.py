"""What a cluster adds to a call: `python -m benchmarks.cluster`.

The same trials of a reference model with many steps, a second or more each, through `evals.run` by
this process and by one replica on a Ray cluster of one node on this machine, in turns. Nothing is
scored, so that no work of the driver can hide behind a call. Reported is the median ratio of the
pairs, of the time from the model being loaded to the last trial being recorded; starting a worker
and the cluster is told apart, in seconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from evals import record
from evals.cluster import Ray
from evals.cluster.connecting import connected
from evals.executors import Executor, Local
from evals.run import Progress, Request, evaluate

MODEL = """name = "Reference L, many steps"
task = "text-to-image"
backend = "diffusers"
suites = ["calibration"]

[settings]
source = "reference/images/large"
steps = {steps}
guidance = 2.0
device = "cpu"
"""


@dataclass(frozen=True)
class Run:
    """One side of a pair."""

    ready_s: float
    """Until the model was loaded."""
    trials_s: float
    """From then to the last trial."""
    call_s: float
    """Median seconds of the calls alone."""
    media: tuple[str, ...]


def measured(executor: Executor, steps: int, prompts: int) -> Run:
    """Run the trials into a home that is thrown away."""
    marks: dict[str, float] = {}

    def note(step: Progress) -> None:
        marks[step.event] = time.perf_counter()

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "models").mkdir()
        (home / "models" / "many-steps.toml").write_text(MODEL.format(steps=steps))
        request = Request("calibration", ("many-steps",), (0,), prompts, metrics=())
        begun = time.perf_counter()
        outcome = evaluate(home, request, progress=note, executor=executor)
        assert outcome.counts == {"ok": prompts}, outcome.counts
        (item,) = record.read_all(home)
        made = [result.generation for result in item.results]
        return Run(
            marks["loaded"] - begun,
            marks["ok"] - marks["loaded"],
            statistics.median(one.latency_s or 0.0 for one in made),
            tuple(one.media.sha256 for one in made if one.media is not None),
        )


def main() -> None:
    """Measure alternating pairs, check that both made the same pictures, print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--prompts", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    executors: dict[str, Executor] = {"here": Local(), "cluster": Ray(replicas=1)}
    measured(executors["here"], 1, 1)  # imports are paid for by neither side
    begun = time.perf_counter()
    pairs: list[dict[str, Run]] = []
    with connected(None):
        start_s = time.perf_counter() - begun
        for number in range(options.pairs):
            order = list(executors) if number % 2 == 0 else list(executors)[::-1]
            pair = {
                side: measured(executors[side], options.steps, options.prompts) for side in order
            }
            if pair["here"].media != pair["cluster"].media:
                raise SystemExit("the two sides made different pictures")
            pairs.append(pair)
            for side in executors:
                run = pair[side]
                print(
                    f"{side:8} ready {run.ready_s:6.2f} s   trials {run.trials_s:7.2f} s"
                    f"   a call {run.call_s:6.3f} s"
                )
    ratios = [pair["cluster"].trials_s / pair["here"].trials_s for pair in pairs]
    added = [
        (pair["cluster"].trials_s / options.prompts - pair["cluster"].call_s)
        - (pair["here"].trials_s / options.prompts - pair["here"].call_s)
        for pair in pairs
    ]
    report = {
        "trials": options.prompts,
        "call_s": round(statistics.median(pair["here"].call_s for pair in pairs), 3),
        "ratio_median": round(statistics.median(ratios), 4),
        "ratios": [round(ratio, 4) for ratio in ratios],
        "added_per_trial_s": round(statistics.median(added), 4),
        "worker_ready_s": round(statistics.median(pair["cluster"].ready_s for pair in pairs), 2),
        "cluster_start_s": round(start_s, 2),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
