"""The certificate of picks: the policy against always top-1 on markets whose truth is known.

    python -m benchmarks.picks [--markets 30] [--seed 4000] [--kinds 0 5] [--workers 2]

Prints switches, flaps and regret against true strength, and the reliability of `p_still_right`.
What was chosen was chosen on seeds below 4000; what is certified runs on seeds from there on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np

from benchmarks.pick_markets import KINDS, Kind, Market, market
from leaderboard.picks.backtest import Step, flaps, line, plainly, switches, top_one, walk
from leaderboard.picks.policy import Rules

CERTIFIED = 4000
"""First seed of the markets that nothing was chosen on."""
CLOSE = 10.0
"""True points between models that it is no use to switch between."""
EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
Claim = tuple[str, int, float, bool]
"""Role, days ahead, what was said, and whether it came true."""


@dataclass(frozen=True)
class Tally:
    """What a policy did on some markets, in sums."""

    markets: int = 0
    switches: int = 0
    close: int = 0
    """Switches between models truly within `CLOSE` points."""
    flaps: int = 0
    regret: float = 0.0
    """Sum over markets of the mean over time of true points below the best."""

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(
            *(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True))
        )


@dataclass(frozen=True)
class Result:
    """One market, or many."""

    policy: Tally = field(default_factory=Tally)
    plain: Tally = field(default_factory=Tally)
    claims: tuple[Claim, ...] = ()


def judge(kind: Kind, seed: int, rules: Rules | None = None, ahead: bool = True) -> Result:
    """One market."""
    made = market(kind, seed)
    steps = walk(made.boards, rules or Rules(), priced=True, draws=400, ahead=ahead)
    held = [step.holder("hero") for step in steps]
    wanted = rules or Rules()
    return Result(
        _tally(made, steps, held, wanted),
        _tally(made, steps, plainly(steps, top_one), wanted),
        tuple(_claims(steps)),
    )


def _tally(
    made: Market, steps: Sequence[Step], chosen: Sequence[str | None], rules: Rules
) -> Tally:
    moves = switches([step.at for step in steps], chosen)
    close = sum(abs(made.strength[old] - made.strength[new]) < CLOSE for _, old, new in moves)
    found = line("", "hero", steps, chosen, made.strength, rules)
    return Tally(1, len(moves), close, flaps(moves), found.regret_points or 0.0)


def _claims(steps: Sequence[Step]) -> Iterable[Claim]:
    """What was said of every pick, and whether it held its role on every board until then."""
    end = steps[-1].at if steps else None
    for number, step in enumerate(steps):
        for one in step.decisions:
            if one.outlook is None or end is None:
                continue
            for days, said in ((7, one.outlook.days_7), (30, one.outlook.days_30)):
                until = step.at + timedelta(days=days)
                if said is None or until > end:
                    continue
                later = [after for after in steps[number + 1 :] if after.at <= until]
                if later:
                    kept = all(after.holder(one.role) == one.model for after in later)
                    yield one.role, days, said, kept


def together(results: Iterable[Result]) -> Result:
    """Many as one."""
    found = Result()
    for one in results:
        found = Result(
            found.policy.plus(one.policy), found.plain.plus(one.plain), found.claims + one.claims
        )
    return found


@dataclass(frozen=True)
class Bin:
    """Claims of one size."""

    low: float
    high: float
    claims: int
    said: float
    true: float


def reliability(claims: Sequence[Claim]) -> list[Bin]:
    """Claims by size; empty bins are left out."""
    said = np.array([one[2] for one in claims])
    true = np.array([one[3] for one in claims])
    bins: list[Bin] = []
    for low, high in pairwise(EDGES):
        inside = (said >= low) & ((said < high) | (high == EDGES[-1]))
        if inside.any():
            bins.append(
                Bin(
                    low,
                    high,
                    int(inside.sum()),
                    float(said[inside].mean()),
                    float(true[inside].mean()),
                )
            )
    return bins


def row(name: str, found: Result) -> str:
    """One line of the Markdown table: the policy / always top-1."""
    ours, theirs, n = found.policy, found.plain, found.policy.markets
    return (
        f"| {name} | {n} | {ours.switches / n:.1f} / {theirs.switches / n:.1f}"
        f" | {ours.close / n:.2f} / {theirs.close / n:.2f}"
        f" | {ours.flaps / n:.2f} / {theirs.flaps / n:.2f}"
        f" | {ours.regret / n:.2f} / {theirs.regret / n:.2f} |"
    )


def table(claims: Sequence[Claim]) -> list[str]:
    """The reliability table, by role and days."""
    lines = ["| role, days | said | claims | mean said | came true |", "|---|---|--:|--:|--:|"]
    for role in ("hero", "workhorse"):
        for days in (7, 30):
            some = [one for one in claims if one[0] == role and one[1] == days]
            if not some:
                continue
            said, true = np.mean([one[2] for one in some]), np.mean([one[3] for one in some])
            lines.append(f"| {role}, {days} | all | {len(some)} | {said:.3f} | {true:.3f} |")
            lines += [
                f"| {role}, {days} | {one.low:.1f}–{one.high:.1f} | {one.claims}"
                f" | {one.said:.3f} | {one.true:.3f} |"
                for one in reliability(some)
            ]
    return lines


HEAD = (
    "| market | n | switches | within 10 points | flaps | regret, points |\n"
    "|---|--:|--:|--:|--:|--:|"
)


def main() -> None:
    """Run, and print both tables and one JSON object."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--markets", type=int, default=30, help="of each kind")
    arguments.add_argument("--seed", type=int, default=CERTIFIED)
    arguments.add_argument("--kinds", type=int, nargs="*", default=list(range(len(KINDS))))
    arguments.add_argument("--save", type=Path, help="write every claim as JSON")
    arguments.add_argument("--workers", type=int, default=2)
    chosen = arguments.parse_args()
    print(HEAD, flush=True)
    every: list[Result] = []
    kinds = [KINDS[number] for number in cast(list[int], chosen.kinds)]
    seeds = range(chosen.seed, chosen.seed + chosen.markets)
    with ProcessPoolExecutor(chosen.workers, get_context("spawn")) as pool:
        for one in kinds:
            found = together(pool.map(partial(judge, one), seeds))
            every.append(found)
            print(row(one.name, found), flush=True)
    whole = together(every)
    print(row("all", whole), "\n")
    print("\n".join(table(whole.claims)))
    if chosen.save is not None:
        chosen.save.write_text(json.dumps(whole.claims))
    print(json.dumps({"policy": asdict(whole.policy), "always_top_1": asdict(whole.plain)}))


if __name__ == "__main__":
    main()
