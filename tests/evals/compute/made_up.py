"""A home with counts for everything that answers are made of, made up in an instant."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.compute import jobs, needed
from evals.compute.files import facts
from evals.compute.jobs import Job
from evals.compute.types import Forward, Tensor


def forward_of(job: Job) -> Forward:
    """A count that grows with the size of what the forward is given, as attention makes it."""
    elements = sum(_elements(value) for value in job.inputs.values())
    linear, attention = 1_000_000 * elements, 10 * elements**2
    moved = 3_000 * elements
    return Forward(10**9, linear + attention, attention, moved, 8 * moved)


def _elements(value: Any) -> int:
    if isinstance(value, Tensor):
        size = 1
        for side in value.shape:
            size *= side
        return size
    if isinstance(value, list):
        return sum(_elements(item) for item in value)
    return value if isinstance(value, int) else 1


def keep(home: Path, job: Job) -> None:
    """As the home keeps a count."""
    folder = jobs.folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{job.key}.json").write_text(json.dumps(asdict(forward_of(job))))


def fill(home: Path) -> Path:
    """Counts of all that ships."""
    known = facts()
    asked = needed.shipped()
    for job in (
        *needed.model_jobs(asked, known),
        *needed.ladder_jobs(known),
        *needed.roofline_jobs(known),
    ):
        keep(home, job)
    return home
