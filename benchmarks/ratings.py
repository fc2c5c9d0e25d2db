"""Ratings of a million votes, side by side: `python -m benchmarks.ratings [--arena-rank PYTHON]`.

The same simulated votes as arrays of codes, on one core, in turns within one run: this project's
fit, evalica, the way FastChat's leaderboard is computed (written here from its method: unique rows
of the votes, logistic regression with ties as half-wins by L-BFGS) and, where the interpreter of an
environment that has it is named, arena-rank in a process of its own. To make one::

    uv venv /tmp/arena && VIRTUAL_ENV=/tmp/arena uv pip install arena-rank
    python -m benchmarks.ratings --arena-rank /tmp/arena/bin/python

Reported are medians, ratios to this project's figure of the same kind, and how far the strengths
are from this project's under the same model of ties (Davidson, or half-wins).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import evalica
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from leaderboard.ratings.bradley_terry import chances, solve
from leaderboard.ratings.votes import CLUSTERS, Cluster, Votes, count_votes, rate_votes, vote_draws

Floats = NDArray[np.float64]
SPREAD = 0.7
TIE = -0.5


@dataclass(frozen=True)
class Way:
    """One way to rate: what is timed, returns strengths (M,), or nothing to compare."""

    name: str
    kind: str
    """Figures of one kind are set against its first way, which is this project's."""
    ties: str
    run: Callable[[], Floats | None]
    share: float = 1.0
    """Of the whole work that one call does; seconds are scaled up by it, and that is said."""


def simulated(count: int, models: int, prompts: int, voters: int, seed: int) -> Votes:
    """Votes by Davidson's model on pairs chosen at random."""
    random = np.random.default_rng(seed)
    theta = SPREAD * random.normal(size=models)
    left = random.integers(0, models, count)
    right = (left + random.integers(1, models, count)) % models
    win, loss, _ = chances(theta[left] - theta[right], np.exp(np.float64(TIE)))
    drawn = random.random(count)
    outcome = np.where(drawn < win, 1, np.where(drawn < win + loss, -1, 0))
    names = tuple(f"model-{number:03}" for number in range(models))
    by = (random.integers(0, prompts, count), random.integers(0, voters, count))
    return Votes(names, left, right, outcome, *by)


def fastchat_rows(votes: Votes) -> tuple[NDArray[Any], Floats]:
    """Unique (left, right, outcome) rows, and how often each was seen."""
    rows = np.stack([votes.left, votes.right, votes.outcome], axis=1).astype(np.int32)
    unique, count = np.unique(rows, axis=0, return_counts=True)
    return unique, count.astype(np.float64)


def fastchat_fit(rows: NDArray[Any], count: Floats, models: int) -> Floats:
    """Logistic regression without a penalty; a tie is half a win."""
    left, right, label = rows[:, 0], rows[:, 1], (rows[:, 2] + 1) / 2

    def loss(theta: Floats) -> tuple[float, Floats]:
        chance = expit(theta[left] - theta[right])
        value = -(count * (label * np.log(chance) + (1 - label) * np.log(1 - chance))).sum()
        pull = -(label - chance) * count
        return value, np.bincount(left, pull, models) - np.bincount(right, pull, models)

    options = {"gtol": 1e-6, "maxiter": 100}
    return minimize(loss, np.zeros(models), jac=True, method="L-BFGS-B", options=options).x


def fastchat_bootstrap(votes: Votes, draws: int) -> None:
    """Resample the counts of the unique rows, and fit each sample."""
    rows, count = fastchat_rows(votes)
    random = np.random.default_rng(0)
    for sample in random.multinomial(int(count.sum()), count / count.sum(), size=draws):
        seen = sample > 0
        fastchat_fit(rows[seen], sample[seen].astype(np.float64), len(votes.models))


def ours(votes: Votes, half_wins: bool) -> Floats:
    """The point alone, from the votes on."""
    wins, ties = count_votes(votes)
    if half_wins:
        wins, ties = wins + ties / 2, np.zeros_like(ties)
    return solve(wins[None], ties[None], ridge=0.0).theta[0]


def ways(votes: Votes, draws: int, evalica_draws: int) -> list[Way]:
    """Everything that runs in this process."""
    words = [evalica.Winner.Y, evalica.Winner.Draw, evalica.Winner.X]
    winners = [words[each] for each in (votes.outcome + 1).tolist()]
    index = pd.Index(range(len(votes.models)))
    sides = (votes.left, votes.right, winners)

    def of_evalica(method: Callable[..., Any]) -> Floats:
        return np.log(method(*sides, index=index).scores.sort_index().to_numpy())

    def evalica_bootstrap() -> None:
        evalica.bootstrap(
            evalica.newman,
            *sides,
            index=index,
            n_resamples=evalica_draws,
            bootstrap_method="percentile",
            random_state=0,
        )

    def draw(cluster: Collection[Cluster]) -> None:
        vote_draws(votes, draws, 0, cluster)

    return [
        Way("churnboard", "point", "Davidson", lambda: ours(votes, half_wins=False)),
        Way("churnboard", "point", "half-wins", lambda: ours(votes, half_wins=True)),
        Way("evalica newman", "point", "Davidson", lambda: of_evalica(evalica.newman)),
        Way(
            "evalica bradley_terry", "point", "half-wins", lambda: of_evalica(evalica.bradley_terry)
        ),
        Way(
            "FastChat's method",
            "point",
            "half-wins",
            lambda: fastchat_fit(*fastchat_rows(votes), len(votes.models)),
        ),
        Way(
            "churnboard, by prompt and voter",
            "sandwich",
            "Davidson",
            lambda: rate_votes(votes).theta,
        ),
        Way("churnboard, by vote", "sandwich", "Davidson", lambda: rate_votes(votes, ()).theta),
        Way(
            "churnboard, by prompt and voter",
            f"{draws} bootstraps",
            "Davidson",
            lambda: draw(CLUSTERS),
        ),
        Way("churnboard, by vote", f"{draws} bootstraps", "Davidson", lambda: draw(())),
        Way(
            "evalica newman, by vote",
            f"{draws} bootstraps",
            "Davidson",
            evalica_bootstrap,
            share=(evalica_draws + 1) / (draws + 1),  # it fits the votes themselves once too
        ),
        Way(
            "FastChat's method, by vote",
            f"{draws} bootstraps",
            "half-wins",
            lambda: fastchat_bootstrap(votes, draws),
        ),
    ]


class ArenaRank:
    """arena-rank in its own process, asked a line at a time so that the turns alternate."""

    def __init__(self, python: Path, votes: Votes, folder: Path) -> None:
        file = folder / "votes.npz"
        np.savez(file, left=votes.left, right=votes.right, outcome=votes.outcome)
        self._begun = time.perf_counter()
        side = Path(__file__).with_name("arena_rank_side.py")
        self._process = subprocess.Popen(
            [python, side, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        _, self.theta = self.ask("sandwich")
        self.first = time.perf_counter() - self._begun
        """Seconds from the start of the process: imports, compilation and one fit."""
        self.ask("point")

    def ask(self, what: str) -> tuple[float, Floats]:
        """Seconds of one fit, from its table of votes on, and the strengths."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(what, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("arena-rank ended early: is it installed in that environment?")
        answer = json.loads(line)
        return answer["seconds"], np.array(answer["theta"])

    def __enter__(self) -> ArenaRank:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def apart(theta: Floats, reference: Floats) -> float:
    """Largest difference on the natural-log scale, both centred."""
    return float(np.abs((theta - theta.mean()) - (reference - reference.mean())).max())


def measure(
    asked: list[Way], arena: ArenaRank | None, repeats: int
) -> list[tuple[Way, float, Floats | None]]:
    """Median seconds of each way over alternating turns, and its strengths."""
    if arena is not None:
        asked = [
            *asked,
            Way("arena-rank", "point", "half-wins", lambda: arena.ask("point")[1]),
            Way("arena-rank, by vote", "sandwich", "half-wins", lambda: arena.ask("sandwich")[1]),
        ]
    taken: dict[int, list[float]] = {number: [] for number in range(len(asked))}
    found: dict[int, Floats | None] = {}
    for turn in range(repeats):
        order = list(enumerate(asked))
        for number, way in order if turn % 2 == 0 else reversed(order):
            begun = time.perf_counter()
            found[number] = way.run()
            taken[number].append((time.perf_counter() - begun) / way.share)
    return [(way, statistics.median(taken[n]), found[n]) for n, way in enumerate(asked)]


def table(rows: list[tuple[Way, float, Floats | None]], first: float | None) -> list[str]:
    """The lines of a Markdown table."""
    lines = [
        "| work | program | ties | seconds | ratio | differs by |",
        "|---|---|---|--:|--:|--:|",
    ]
    base: dict[str, float] = {}
    truth: dict[str, Floats] = {}
    kinds = list(dict.fromkeys(way.kind for way, _, _ in rows))
    for way, seconds, theta in sorted(rows, key=lambda row: kinds.index(row[0].kind)):
        base.setdefault(way.kind, seconds)
        far = ""
        if theta is not None and truth.setdefault(way.ties, theta) is not theta:
            far = f"{apart(theta, truth[way.ties]):.0e}"
        scaled = f" (scaled up from {way.share:.0%})" if way.share < 1 else ""
        ratio = f"{seconds / base[way.kind]:.1f}"
        lines.append(
            f"| {way.kind} | {way.name}{scaled} | {way.ties} | {seconds:.3f} | {ratio} | {far} |"
        )
    if first is not None:
        lines.append(
            f"| sandwich | arena-rank, first call with imports and compilation | half-wins"
            f" | {first:.3f} | {first / base['sandwich']:.1f} | |"
        )
    return lines


def main() -> None:
    """Simulate, measure in turns, print the table and then all as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--votes", type=int, default=1_000_000)
    parser.add_argument("--models", type=int, default=60)
    parser.add_argument("--prompts", type=int, default=100_000)
    parser.add_argument("--voters", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--draws", type=int, default=100, help="bootstraps")
    parser.add_argument("--evalica-draws", type=int, default=4, help="as many are run, then scaled")
    parser.add_argument("--arena-rank", type=Path, help="interpreter of an environment with it")
    parser.add_argument("--all-cores", action="store_true", help="else one, for every side")
    options = parser.parse_args()
    if not options.all_cores and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    votes = simulated(options.votes, options.models, options.prompts, options.voters, seed=0)
    asked = ways(votes, options.draws, options.evalica_draws)
    with tempfile.TemporaryDirectory() as folder:
        if options.arena_rank is None:
            first, rows = None, measure(asked, None, options.repeats)
        else:
            with ArenaRank(options.arena_rank, votes, Path(folder)) as arena:
                first, rows = arena.first, measure(asked, arena, options.repeats)
    print("\n".join(table(rows, first)))
    report = {
        "votes": options.votes,
        "models": options.models,
        "versions": {name: version(name) for name in ("numpy", "scipy", "evalica")},
        "seconds": {
            f"{way.kind}: {way.name}, {way.ties}": round(taken, 4) for way, taken, _ in rows
        },
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
