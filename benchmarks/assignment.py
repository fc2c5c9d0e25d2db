"""The best plan under a budget, beside HiGHS: `python -m benchmarks.assignment`.

Chains of 14 steps with 20 candidates each, of three kinds of random cost and value (in the
correlated kinds dearer is better, which is hard), at a tight and a looser budget. Both solvers are
exact and are held against each other; in turns within one process, processor time.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, milp  # pyright: ignore[reportUnknownVariableType]

from leaderboard.workflows.assignment import Option, best

STEPS, CANDIDATES = 14, 20
KINDS = ("free", "linear", "concave")
SHARES = (0.05, 0.3)
"""Of the way from the cheapest plan to the dearest: the budgets."""


def chain(
    rng: np.random.Generator, kind: str, steps: int = STEPS, candidates: int = CANDIDATES
) -> list[list[Option]]:
    """Steps with random candidates of a kind."""
    found: list[list[Option]] = []
    for _ in range(steps):
        cost = rng.lognormal(-3, 1.2, candidates)
        value = {
            "free": rng.uniform(0.05, 0.5, candidates),
            "linear": 0.5 * cost / cost.max(),
            "concave": 0.5 * np.sqrt(cost / cost.max()),
        }[kind]
        found.append([Option(float(c), float(v)) for c, v in zip(cost, value, strict=True)])
    return found


def highs(steps: list[list[Option]], budget: float) -> float:
    """The highest value under the budget by HiGHS's branch and bound, without a gap."""
    cost = np.array([option.cost for step in steps for option in step])
    value = np.array([option.value for step in steps for option in step])
    one_each = np.kron(np.eye(STEPS), np.ones(CANDIDATES))
    found: Any = milp(
        -value,
        integrality=np.ones(len(value)),
        bounds=(0, 1),
        constraints=[LinearConstraint(one_each, 1, 1), LinearConstraint(cost / budget, 0, 1)],
        options={"mip_rel_gap": 0},
    )
    return -float(found.fun)


def own(steps: list[list[Option]], budget: float) -> float:
    """The highest value under the budget by this project."""
    found = best(steps, budget)
    if found is None:
        raise SystemExit("no plan fits a budget that the cheapest one fits")
    return found.value


def timed(solve: Callable[[], float]) -> tuple[float, float]:
    """The value, and the processor's seconds."""
    begun = time.process_time()
    value = solve()
    return value, time.process_time() - begun


def main() -> None:
    """Measure every kind, print a line for each, then all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chains", type=int, default=5, help="of each kind and budget")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    report: dict[str, dict[str, float]] = {}
    for kind in KINDS:
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(options.chains):
            steps = chain(rng, kind)
            low = sum(min(option.cost for option in step) for step in steps)
            high = sum(max(option.cost for option in step) for step in steps)
            for share in SHARES:
                budget = low + share * (high - low)
                mine, seconds = timed(lambda steps=steps, budget=budget: own(steps, budget))
                other, peer = timed(lambda steps=steps, budget=budget: highs(steps, budget))
                if abs(mine - other) > 1e-5:
                    raise SystemExit(f"{kind}: {mine} here, {other} by HiGHS")
                ours.append(seconds)
                theirs.append(peer)
        report[kind] = {
            "median_s": round(median(ours), 4),
            "worst_s": round(max(ours), 4),
            "highs_median_s": round(median(theirs), 4),
            "highs_worst_s": round(max(theirs), 4),
            "median_ratio": round(median(p / s for s, p in zip(ours, theirs, strict=True)), 2),
        }
        line = report[kind]
        print(
            f"{kind:8} {line['median_s']:7.4f} s, worst {line['worst_s']:7.4f}"
            f"   HiGHS {line['highs_median_s']:7.4f} s, worst {line['highs_worst_s']:7.4f}"
            f"   ratio {line['median_ratio']:.1f}"
        )
    print(json.dumps(report))


if __name__ == "__main__":
    main()
