"""Three weeks of cycles in a minute or two: the shipped reference models under a declared clock.

    python -m benchmarks.weeks FOLDER [--days N]

The folder becomes a home with a suite of twelve prompts of the calibration world, three models, and
a policy by which a pick is to be checked again after seven days. Every day has a cycle at 00:07,
but for two days on which the machine is off; every Monday a `replay` adds a board. Every day and
every release in it is made up; the pictures and their scores are not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from evals import record, run
from evals.home import data_root
from evals.request import Request
from leaderboard import cycle, queries
from leaderboard.cycles.slots import parse_every
from leaderboard.history import replay
from leaderboard.store import ingest, made
from leaderboard.store.database import writing
from leaderboard.store.evidence import read_evidence

SUITE = "weeks"
MODELS = ("reference-small-r1", "reference-small-r5", "reference-large-turbo")
PROMPTS = 12
BEGIN = datetime(2026, 3, 2, 0, 7, tzinfo=UTC)
OFF = (9, 10)
"""Days on which the machine is off."""
DAY = timedelta(days=1)


class Clock:
    """A declared time, from which time goes on as it does."""

    def __init__(self, at: datetime) -> None:
        self._at, self._begun = at, time.monotonic()

    def __call__(self) -> datetime:
        """The time it is."""
        return self._at + timedelta(seconds=time.monotonic() - self._begun)


def build(home: Path) -> None:
    """Policy and suite; the models are the shipped ones."""
    shipped = tomllib.loads((data_root() / "suites" / "calibration.toml").read_text())
    lines = ['title = "Three weeks"', 'task = "text-to-image"', "seeds = [0, 1]"]
    lines.append('metrics = ["clip_score", "caption_accuracy"]')
    for prompt in shipped["prompts"][:PROMPTS]:
        facts = ", ".join(f"{key} = {json.dumps(word)}" for key, word in prompt["facts"].items())
        lines += ["", "[[prompts]]", f"id = {json.dumps(prompt['id'])}"]
        lines += [f"text = {json.dumps(prompt['text'])}", f"facts = {{ {facts} }}"]
        lines.append(f"domains = {json.dumps(prompt['domains'])}")
    (home / "suites").mkdir(parents=True)
    (home / "suites" / f"{SUITE}.toml").write_text("\n".join(lines) + "\n")
    (home / "policy.toml").write_text("[revalidate]\nmax_days = 7\n")


def releases() -> replay.Clock:
    """One model more every Monday, after the first two."""
    first = BEGIN.date()
    days = (first - 7 * DAY, first - 7 * DAY, first + 7 * DAY)
    return replay.Clock(
        simulated=True,
        first_board=first,
        every_days=7,
        boards=3,
        prompts=PROMPTS,
        release=[
            replay.Release(model=model, released=day)
            for model, day in zip(MODELS, days, strict=True)
        ],
    )


def add_boards(home: Path, until: date, at: datetime) -> int:
    """What `churnboard replay --until` does; how many boards there are."""
    with writing(home, at) as database:
        ingest.ingest_records(database.connection, record.read_all(home))
        evidence = {one.suite_id: one for one in read_evidence(database.connection)}
        boards = replay.replayed_boards(evidence[SUITE], releases(), until)
        made.replace_boards(database, home, boards, at)
    return len(boards)


def live(home: Path, days: int) -> None:
    """All of it, told a line a day."""
    build(home)
    first = Clock(BEGIN - timedelta(hours=1))
    outcome = run.evaluate(home, Request(SUITE, models=MODELS), clock=first)
    print(f"before     {outcome.planned} generations of {len(MODELS)} models")
    wishes = cycle.Wishes(parse_every("1d"), notify=str(home / "exports" / "told.jsonl"))
    for number in range(days):
        at = BEGIN + number * DAY
        if number in OFF:
            print(f"{at:%Y-%m-%d} the machine is off")
            continue
        begun = time.perf_counter()
        words = [f"{add_boards(home, at.date(), at)} boards"] if at.weekday() == 0 else []
        done = cycle.cycle(home, wishes, Clock(at + timedelta(minutes=1)))
        words += [f"epoch {one.epoch}: {', '.join(one.models)}" for one in done.evaluated]
        words += [f"published {done.edition}"] if done.edition else ["nothing due, nothing new"]
        words += [f"told of {done.changes} changes"] if done.changes else []
        words += [f"{done.missed.count} slots missed"] if done.missed else []
        words += list(done.failed)
        print(f"{at:%Y-%m-%d} {'; '.join(words)} ({time.perf_counter() - begun:.1f} s)")
    with queries.open_edition(home) as edition:
        for pick in queries.picks(edition).picks:
            if pick.domain == "all":
                print(f"{pick.role:<10} {pick.model}: {pick.reason}")


def main() -> None:
    """Read the folder's name and begin anew there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=21)
    asked = parser.parse_args()
    home = asked.folder.absolute()
    if (home / "suites" / f"{SUITE}.toml").is_file():  # of an earlier time
        shutil.rmtree(home)
    live(home, asked.days)


if __name__ == "__main__":
    main()
