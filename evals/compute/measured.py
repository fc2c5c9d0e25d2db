"""Measured points as the home keeps them: one file per device, replaced as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from evals.compute.answers import Measured
from evals.compute.jobs import write_whole
from evals.errors import InputError
from evals.home import shown


def measured_points(home: Path) -> tuple[Measured, ...]:
    """Everything that was measured in this home, by device and name.

    Raises:
        InputError: a file there is damaged.
    """
    found: list[Measured] = []
    for path in sorted((home / "compute" / "measured").glob("*.json")):
        try:
            rows = cast("list[dict[str, Any]]", json.loads(path.read_bytes()))
            found += [Measured(**row) for row in rows]
        except (OSError, ValueError, TypeError) as error:
            fix = "remove it and run `churnboard compute --measure` again"
            raise InputError(f"{shown(path)} is damaged ({error}); {fix}") from error
    return tuple(sorted(found, key=lambda one: (one.device, one.name)))


def keep(home: Path, points: Sequence[Measured]) -> Path:
    """Keep what was measured on one device in the place of its earlier points; the path.

    Args:
        home: that keeps them.
        points: of one device, at least one.

    Raises:
        InputError: it cannot be written.
    """
    name = re.sub(r"[^a-z0-9]+", "-", points[0].device.lower()).strip("-")
    path = home / "compute" / "measured" / f"{name}.json"
    write_whole(path, json.dumps([asdict(point) for point in points], indent=2))
    return path
