"""Recorded results under a declared clock -> the boards there would have been (pure).

The models of a replay are released, and perhaps withdrawn, on the days that a file declares. Every
board lists the models that are out by then, rated on its own sample of the suite's prompts, drawn
with replacement: boards of unchanged models differ by chance, as measurements of different days do,
and what they scatter around is known. A board's interval is of a rating against the mean; two
models share its prompts, so their difference is known better than their intervals say.

It is a simulation of a market, and every line of it says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from evals import tomlfile
from evals.home import data_root
from evals.names import hint
from evals.types import Model
from leaderboard.answers import ALL_DOMAINS
from leaderboard.boards.rated import rated_board
from leaderboard.errors import RatingError
from leaderboard.evidence import Sample, SuiteEvidence
from leaderboard.history.made import REPLAY, snapshot_of
from leaderboard.ratings.rank_sets import stream
from leaderboard.snapshots import SIMULATED, Snapshot

DRAWS = 200
"""Per board: its interval is all that they are for."""
SEED = 0
FEWEST = 2
"""Models on a board."""


class Release(tomlfile.Strict):
    """One model and the days that are declared for it."""

    model: str
    released: date
    """The first board on or after this day lists the model."""
    withdrawn: date | None = None
    """The first board on or after this day does not list it any more."""


class Clock(tomlfile.Strict):
    """The whole file."""

    simulated: Literal[True]
    """Whoever writes such a file states that its days are made up."""
    first_board: date
    every_days: int = Field(ge=1, le=366)
    boards: int = Field(ge=1, le=2000)
    prompts: int = Field(ge=5, le=10_000)
    """Drawn for each board: fewer make it noisier."""
    release: list[Release] = Field(min_length=FEWEST)

    @property
    def models(self) -> tuple[str, ...]:
        """Ids, in the order of the file."""
        return tuple(release.model for release in self.release)

    def days(self, until: date | None = None) -> tuple[date, ...]:
        """The days of the boards, up to and including `until`."""
        days = (
            self.first_board + timedelta(days=number * self.every_days)
            for number in range(self.boards)
        )
        return tuple(day for day in days if until is None or day <= until)

    def listed(self, day: date) -> frozenset[str]:
        """The models on the board of a day."""
        return frozenset(
            release.model
            for release in self.release
            if release.released <= day and (release.withdrawn is None or day < release.withdrawn)
        )


def clock_path() -> Path:
    """The shipped clock, of the reference models."""
    return data_root() / "replay.toml"


def load_clock(path: Path) -> Clock:
    """Read a declared clock. Raises `RegistryError` naming the file and the key."""
    clock = tomlfile.validate(path, tomlfile.read(path), Clock)
    twice = [model for model, count in Counter(clock.models).items() if count > 1]
    for number, release in enumerate(clock.release):
        key = f"release[{number}]"
        if release.model in twice:
            raise tomlfile.key_error(path, f"{key}.model", f'"{release.model}" stands twice')
        if release.withdrawn is not None and release.withdrawn <= release.released:
            raise tomlfile.key_error(
                path, f"{key}.withdrawn", f'"{release.model}" is released after that day'
            )
    for day in clock.days():
        if len(clock.listed(day)) < FEWEST:
            raise tomlfile.key_error(
                path, "release", f"the board of {day} needs at least {FEWEST} models"
            )
    return clock


def check_models(clock: Clock, path: Path, known: Mapping[str, Model]) -> None:
    """Raise `RegistryError` when a model of the clock is not registered, or no simulated one.

    Days made up for a model that somebody sells would be mistaken for its history.
    """
    for number, release in enumerate(clock.release):
        model = known.get(release.model)
        if model is None:
            fault = f'no model "{release.model}"{hint(release.model, known)}'
        elif model.anchor is not None:
            fault = f'"{model.id}" is an anchor, which holds no place'
        elif not model.simulated:
            fault = f'"{model.id}" is not marked simulated; a replay is of simulated models alone'
        else:
            continue
        raise tomlfile.key_error(path, f"release[{number}].model", fault)


def replayed_boards(
    evidence: SuiteEvidence,
    clock: Clock,
    until: date | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[Snapshot, ...]:
    """One board for every day of the clock, in order of time; empty when `until` is before all.

    Args:
        evidence: results on one suite; it must hold every model of the clock.
        clock: what is declared.
        until: the last day to make a board for.
        draws: behind each rating's interval.
        seed: of the samples of prompts and of the draws. A board depends on it, its day and the
            models listed, not on how many boards there are.

    The mean of the models listed is 1000, so that the scale moves whenever somebody comes or goes.

    Raises:
        RatingError: a model of the clock cannot be rated on a board.
    """
    released = {release.model: release.released for release in clock.release}
    boards: list[Snapshot] = []
    for day in clock.days(until):
        listed = clock.listed(day)
        rated = rated_board(
            _sampled(evidence, listed, clock.prompts, stream(seed, REPLAY, day.isoformat())),
            ALL_DOMAINS,
            draws,
            seed,
        )
        rows = () if isinstance(rated, str) else rated.board.rows
        missing = listed - {row.model for row in rows}
        if isinstance(rated, str) or missing:
            raise RatingError(
                f"the board of {day} cannot be made: {', '.join(sorted(missing))} cannot be"
                f" compared with the others on {evidence.suite_id}"
            )
        at = datetime.combine(day, time(), UTC)
        made = snapshot_of(rated.board, evidence.task, at, released, REPLAY)
        boards.append(
            replace(made, entries=tuple(replace(e, kind=SIMULATED) for e in made.entries))
        )
    return tuple(boards)


def _sampled(
    evidence: SuiteEvidence, listed: frozenset[str], prompts: int, seed: int
) -> SuiteEvidence:
    """The results of some models on a sample of prompts; a prompt drawn twice counts as two."""
    names = sorted({sample.prompt for sample in evidence.samples})
    drawn = np.random.default_rng(seed).choice(len(names), size=prompts)
    by_prompt: dict[str, list[Sample]] = {name: [] for name in names}
    for sample in evidence.samples:
        if sample.model in listed:
            by_prompt[sample.prompt].append(sample)
    return replace(
        evidence,
        reference=None,
        models=tuple(model for model in evidence.models if model.id in listed),
        domains={},
        samples=_copies([by_prompt[names[int(number)]] for number in drawn]),
        left_out=(),
    )


def _copies(drawn: Sequence[Sequence[Sample]]) -> tuple[Sample, ...]:
    return tuple(
        replace(sample, prompt=f"{sample.prompt}#{number}")
        for number, samples in enumerate(drawn)
        for sample in samples
    )
