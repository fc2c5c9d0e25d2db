"""Wall time of the commands that only read: `python -m benchmarks.cli_latency [--home HOME]`.

Each command is a whole process, started as a user starts it. The first round is reported apart
(`cold`: Python's and the system's caches may be empty), then the median of the others.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = (("--help",), ("board",), ("board", "--json"), ("picks",), ("export",))


def seconds(arguments: tuple[str, ...], home: Path) -> float:
    """Run one command to its end; a failing one ends the benchmark with its own words."""
    program = Path(sys.executable).with_name("churnboard")
    begun = time.perf_counter()
    done = subprocess.run(
        [program, *arguments],
        env=os.environ | {"CHURNBOARD_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    if done.returncode:
        raise SystemExit(f"`churnboard {' '.join(arguments)}` failed; `make demo` makes a home")
    return time.perf_counter() - begun


def main() -> None:
    """Measure every command and print a line for each, then all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("home"), help="with an edition in it")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    report: dict[str, dict[str, float]] = {}
    for arguments in COMMANDS:
        cold, *warm = [seconds(arguments, options.home) for _ in range(options.rounds)]
        name = " ".join(arguments)
        report[name] = {"cold_s": round(cold, 3), "median_s": round(statistics.median(warm), 3)}
        print(f"{name:14} {report[name]['median_s']:6.3f} s   cold {cold:6.3f} s")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
