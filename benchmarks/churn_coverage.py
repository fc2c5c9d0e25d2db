"""Is the half-life right, and does its interval hold what it says? Measured on simulated boards.

Each cell is a kind of market with a known true half-life (`benchmarks.markets`). In every cell many
markets are drawn and each board is measured three ways: naive (Kaplan-Meier as published), bridged
(absences of a week closed) and the headline (noise taken out). Reported are the bias of the median
estimate and how often the 95 % interval holds the truth; an estimate that is not given is a miss.

    python -m benchmarks.churn_coverage [--markets 200] [--seed 0] [--jobs 2] [--beyond]
                                        [--cell NAME ...] [--write docs/churn_coverage.md]

Exit status 1 when the certificate does not hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.markets import BEYOND, CELLS, Cell, boards, truth
from leaderboard.churn.answers import Estimate
from leaderboard.churn.headline import draw_worlds, half_life, stay_curve
from leaderboard.churn.panel import panel
from leaderboard.churn.published import kaplan_meier
from leaderboard.churn.scatter import fit_scatter
from leaderboard.churn.spells import Spell, bridged, spells

WAYS = ("naive", "bridged", "headline")
BIAS, BIAS_UNDER_DRIFT = 0.10, 0.15
POOLED, EACH = (0.93, 0.98), 0.90


@dataclass(frozen=True)
class Row:
    """One way of measuring in one cell."""

    cell: Cell
    truth: float
    way: str
    median: float
    coverage: float
    missing: float
    """Share of markets without an estimate."""

    @property
    def bias(self) -> float:
        """Of the median estimate, relative to the truth."""
        return self.median / self.truth - 1


def measure(cell: Cell, seed: int) -> tuple[Estimate, ...]:
    """One market, three ways."""
    history = boards(cell, seed)
    found = spells(history, cell.k)
    data = panel(history).standard()
    worlds = draw_worlds(data, fit_scatter(data), cell.k, draws=200, seed=seed)
    return (
        kaplan_meier(_seen(found)),
        kaplan_meier(_seen(bridged(found))),
        half_life(worlds, stay_curve(worlds)),
    )


def _seen(found: Sequence[Spell]) -> list[Spell]:
    return [spell for spell in found if spell.entry_seen]


def rows(cell: Cell, found: Sequence[tuple[Estimate, ...]]) -> list[Row]:
    """Summary of many markets of one cell."""
    true = truth(cell)
    made: list[Row] = []
    for number, way in enumerate(WAYS):
        estimates = [one[number] for one in found]
        # A median that is not reached is longer than any: it counts as such, and as a miss.
        days = [np.inf if e.days is None else e.days for e in estimates]
        made.append(
            Row(
                cell,
                true,
                way,
                float(np.median(days)),
                float(np.mean([_holds(e, true) for e in estimates])),
                float(np.mean([e.days is None for e in estimates])),
            )
        )
    return made


def _holds(estimate: Estimate, true: float) -> bool:
    if estimate.days is None or estimate.interval is None:
        return False
    low, high = estimate.interval
    return low <= true and (high is None or true <= high)


def failures(headline: Sequence[Row]) -> list[str]:
    """What the certificate does not hold for."""
    found: list[str] = []
    for row in headline:
        limit = BIAS_UNDER_DRIFT if row.cell.drift else BIAS
        if abs(row.bias) >= limit:
            found.append(f"{row.cell.name}: bias {row.bias:+.1%}, allowed {limit:.0%}")
        if row.coverage < EACH:
            found.append(f"{row.cell.name}: coverage {row.coverage:.1%}, at least {EACH:.0%}")
    pooled = float(np.mean([row.coverage for row in headline]))
    if not POOLED[0] <= pooled <= POOLED[1]:
        found.append(f"pooled coverage {pooled:.1%}, allowed {POOLED[0]:.0%} to {POOLED[1]:.0%}")
    return found


def table(measured: Sequence[Row]) -> str:
    """Markdown: one line per cell, three ways beside one another."""
    lines = [
        "| market | true days | naive | bridged | headline | bias: naive | bridged | headline |"
        " coverage: naive | bridged | headline | without a number |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for cell in dict.fromkeys(row.cell for row in measured):
        three = [row for row in measured if row.cell == cell]
        lines.append(
            f"| {cell.name} | {three[0].truth:.1f} | "
            + " | ".join(f"{row.median:.1f}" for row in three)
            + " | "
            + " | ".join(f"{row.bias:+.1%}" for row in three)
            + " | "
            + " | ".join(f"{row.coverage:.1%}" for row in three)
            + f" | {three[-1].missing:.1%} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Run, print, and judge."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--markets", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--jobs", type=int, default=2)
    arguments.add_argument("--beyond", action="store_true", help="the harder cells too")
    arguments.add_argument("--cell", action="append", help="only this one")
    arguments.add_argument(
        "--write", type=Path, help="put the tables into this file's marked place"
    )
    given = arguments.parse_args()
    chosen = [c for c in (*CELLS, *BEYOND) if (c.name in given.cell if given.cell else True)]
    if not given.beyond and not given.cell:
        chosen = list(CELLS)
    measured: list[Row] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for cell in chosen:
            seeds = range(given.seed, given.seed + given.markets)
            found = list(pool.map(partial(measure, cell), seeds, chunksize=10))
            three = rows(cell, found)
            measured += three
            line = three[-1]
            print(
                f"{cell.name}: truth {line.truth:.1f}, naive {three[0].median:.1f}, headline"
                f" {line.median:.1f} ({line.bias:+.1%}), coverage {line.coverage:.1%}",
                file=sys.stderr,
                flush=True,
            )
    certified = [row for row in measured if row.cell in CELLS]
    headline = [row for row in certified if row.way == "headline"]
    others = [row for row in measured if row.cell in BEYOND]
    parts = [table(certified)] if certified else []
    broken = failures(headline) if not given.cell else []
    if headline:
        pooled = float(np.mean([row.coverage for row in headline]))
        verdict = "; ".join(broken) if broken else "holds"
        parts.append(
            f"{given.markets} markets a cell from seed {given.seed}; pooled coverage of the"
            f" headline {pooled:.1%}. Certificate: {verdict}."
        )
    if others:
        parts += ["Beyond the certificate:", table(others)]
    text = "\n\n".join(parts)
    print(text)
    if given.write:
        _replace(given.write, text)
    return 1 if broken else 0


def _replace(path: Path, text: str) -> None:
    begin, end = "<!-- measured: begin -->", "<!-- measured: end -->"
    page = path.read_text()
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}")


if __name__ == "__main__":
    sys.exit(main())
