"""VBench tables for tests: the published row, tables that hypothesis makes, and files of them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from evals.vbench import DIMENSIONS

GEN_3 = {
    "subject_consistency": 97.10,
    "background_consistency": 96.62,
    "temporal_flickering": 98.61,
    "motion_smoothness": 99.23,
    "dynamic_degree": 60.14,
    "aesthetic_quality": 63.34,
    "imaging_quality": 66.82,
    "object_class": 87.81,
    "multiple_objects": 53.64,
    "human_action": 96.40,
    "color": 80.90,
    "spatial_relationship": 65.09,
    "scene": 54.57,
    "appearance_style": 24.31,
    "temporal_style": 24.71,
    "overall_consistency": 26.69,
}
"""The row of Gen-3 on the public board, in per cent."""
Table = Mapping[str, Mapping[str, float]]


def _hundredths(name: str) -> st.SearchStrategy[float]:
    """Scores as tables print them: above the least reachable, and above what may be a fraction."""
    low = max(200, int(10_000 * DIMENSIONS[name].low) + 1)
    return st.integers(low, 10_000).map(lambda value: value / 100)


ROWS = st.fixed_dictionaries({name: _hundredths(name) for name in DIMENSIONS})
TABLES: st.SearchStrategy[Table] = st.lists(ROWS, min_size=1, max_size=8).map(
    lambda rows: {f"m{number}": row for number, row in enumerate(rows)}
)
"""Model -> dimension -> per cent."""


def write(
    path: Path,
    table: Table,
    columns: Sequence[str] = tuple(DIMENSIONS),
    cell: Callable[[float], str] = lambda percent: f"{percent:.2f}",
    more: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """A file of the table; what a model lacks is blank. `more`: further columns, by name."""
    extra = more or {}
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow([*extra, *columns[:3], "model", *columns[3:]])
        for number, (model, row) in enumerate(table.items()):
            cells = [cell(row[name]) if name in row else "" for name in columns]
            start = [values[number] for values in extra.values()]
            lines.writerow([*start, *cells[:3], model, *cells[3:]])
    return path
