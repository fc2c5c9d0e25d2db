"""How long one headline half-life takes: 200 drawn histories of 60 models on 150 boards.

Side by side in one process: this project, and the plain way to get the same survival curves from
the same drawn strengths (a loop over events, and lifelines' Kaplan-Meier once per draw). The
plain way is run on a tenth of the draws and scaled up.

    python -m benchmarks.half_life [--turns 3]
"""

from __future__ import annotations

import argparse
import json
from statistics import median
from time import perf_counter

import numpy as np
from lifelines import KaplanMeierFitter

from benchmarks.markets import Cell, boards
from leaderboard.churn.headline import Worlds, draw_worlds, half_life, stay_curve
from leaderboard.churn.panel import panel
from leaderboard.churn.scatter import fit_scatter
from leaderboard.snapshots import Snapshot

DRAWS = 200
SHARE = 10
MODELS, BOARDS = 60, 150


def history(cell: Cell, seed: int = 0) -> tuple[Snapshot, ...]:
    """A market's boards with 60 models over 150 boards."""
    made = boards(cell, seed)[:BOARDS]
    # The oldest models go until sixty are left: they are far below the top by then.
    keep = sorted({e.model for board in made for e in board.entries}, reverse=True)[:MODELS]
    return tuple(
        Snapshot(b.source, b.arena, b.published_at, tuple(e for e in b.entries if e.model in keep))
        for b in made
        if any(e.model in keep for e in b.entries)
    )


def plain(worlds: Worlds, k: int, draws: int) -> float:
    """Median stay, the plain way."""
    medians: list[float] = []
    for d in range(draws):
        came, went, strength = worlds.came[d], worlds.went[d], worlds.strength[d]
        events = np.unique(np.clip([0.0, *came, *went], 0.0, worlds.end))
        top: dict[int, float] = {}
        lengths: list[float] = []
        ended: list[bool] = []
        for at in events:
            listed = [i for i in range(len(came)) if came[i] <= at < went[i]]
            now = set(sorted(listed, key=lambda i: -strength[i])[:k])
            for model in [m for m in top if m not in now]:
                since = top.pop(model)
                if np.isfinite(since) and at < worlds.end:
                    lengths.append(at - since)
                    ended.append(True)
            for model in now:
                top.setdefault(model, at if at > 0 else -np.inf)
        lengths += [worlds.end - since for since in top.values() if np.isfinite(since)]
        ended += [False] * (len(lengths) - len(ended))
        medians.append(KaplanMeierFitter().fit(lengths, ended).median_survival_time_)
    return float(np.median(medians))


def main() -> None:
    """Measure and print a table and one JSON object."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--turns", type=int, default=3)
    turns = arguments.parse_args().turns
    cells = {
        "frozen strengths": Cell("frozen", cadence=2.0, days=300.0, shown=2.0),
        "shared errors": Cell(
            "shared", cadence=2.0, days=300.0, shown=2.0, votes="cumulative", noise=60.0
        ),
        "drifting strengths": Cell(
            "drifting", cadence=2.0, days=300.0, shown=2.0, drift=10.0, noise=20.0
        ),
    }
    rows: dict[str, dict[str, float]] = {}
    for name, cell in cells.items():
        made = history(cell)
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(turns):
            start = perf_counter()
            data = panel(made)
            worlds = draw_worlds(data, fit_scatter(data), cell.k, DRAWS, 0)
            found = half_life(worlds, stay_curve(worlds))
            ours.append(perf_counter() - start)
            if worlds.strength.ndim == 2:
                start = perf_counter()
                other = plain(worlds, cell.k, DRAWS // SHARE)
                theirs.append((perf_counter() - start) * SHARE)
        rows[name] = {
            "models": len(data.models),
            "boards": len(data.days),
            "seconds": median(ours),
            "half_life_days": found.days or float("nan"),
        }
        if theirs:
            rows[name] |= {"plain_seconds": median(theirs), "plain_median_days": other}
    print("| strengths | models | boards | seconds | the plain way | ratio |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, row in rows.items():
        plainly = row.get("plain_seconds")
        print(
            f"| {name} | {row['models']} | {row['boards']} | {row['seconds']:.2f} |"
            + (f" {plainly:.1f} | {plainly / row['seconds']:.0f} |" if plainly else " | |")
        )
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
