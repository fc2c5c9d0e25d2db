"""A declared clock of four models of known strength, and the file that says it."""

from __future__ import annotations

from pathlib import Path

STRENGTHS = {"first": 0.0, "second": 0.4, "third": 0.8, "best": 1.2}
CLOCK = """\
simulated = true
first_board = 2025-01-06
every_days = 7
boards = 8
prompts = 20

[[release]]
model = "first"
released = 2024-12-01

[[release]]
model = "second"
released = 2024-12-15

[[release]]
model = "third"
released = 2025-01-13
withdrawn = 2025-02-03

[[release]]
model = "best"
released = 2025-01-21
"""


def written(folder: Path, text: str = CLOCK) -> Path:
    path = folder / "clock.toml"
    path.write_text(text)
    return path
