"""Does an installation without the development tools work? `make smoke`, in a home thrown away.

Runs the commands as a user does, on the procedural models, and stops at the first that fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = (
    "--help",
    "import arena-monthly data/history/arena_monthly_top8.csv",
    "eval --suite calibration --model renderer --model noise --prompts 2",
    "refresh",
    "half-life",
    "board --json",
    "picks",
)


def main() -> int:
    """Run every command; 0 when all succeed and the last board says what it must."""
    program = Path(sys.executable).with_name("churnboard")
    begun = time.perf_counter()
    answers: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as home:
        for command in COMMANDS:
            done = subprocess.run(
                [program, *command.split()],
                cwd=ROOT,
                env=os.environ | {"CHURNBOARD_HOME": home, "HF_HUB_OFFLINE": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                sys.stderr.write(f"churnboard {command}: exit {done.returncode}\n{done.stderr}\n")
                return 1
            answers[command] = done.stdout
    boards = json.loads(answers["board --json"])["boards"]
    own = next(b for b in boards if b["source"] == "evals" and b["domain"] == "all")
    order = [row["model"] for row in own["rows"]]
    if order != ["renderer", "noise"]:
        sys.stderr.write(f"the exact renderer should beat noise; the board says {order}\n")
        return 1
    sys.stdout.write(f"smoke: {len(COMMANDS)} commands, {time.perf_counter() - begun:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
