"""`replay`: simulated models as successive releases, so that the whole loop can be seen."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leaderboard.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from datetime import date

    from leaderboard.history.replay import Clock
    from leaderboard.snapshots import Snapshot


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("replay")(replay)


def replay(
    suite: Annotated[str, typer.Option("--suite", "-s", help="Suite to rate on")] = "calibration",
    clock: Annotated[
        Path | None,
        typer.Option("--clock", help="Release days, as in the shipped data/replay.toml"),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], help="No board after this day"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the boards there would have been, had simulated models come out on declared days.

    Evaluates what is not evaluated yet. The boards take the place of an earlier replay; the next
    refresh shows them, marked simulated. No pick is made from them.
    """
    from evals import display, registry, run
    from evals.errors import InputError
    from evals.home import resolve_home
    from evals.request import Request
    from leaderboard.history import replay as of

    folder = resolve_home(home)
    now = datetime.now(UTC)
    path = clock or of.clock_path()
    declared = of.load_clock(path)
    of.check_models(declared, path, registry.load(folder).models)
    last = min(now.date(), until.date()) if until else now.date()
    if not declared.days(last):
        raise InputError(f"no board by {last}: the clock's first is of {declared.first_board}")
    with display.ProgressBar() as bar:
        outcome = run.evaluate(
            folder, Request(suite=suite, models=declared.models), progress=bar.show
        )
    display.tell(outcome.notes)
    boards, changed = _replay(folder, suite, declared, last, now)
    days = [board.published_at.date().isoformat() for board in boards]
    if as_json:
        answer = {
            "suite": suite,
            "simulated": True,
            "models": list(declared.models),
            "evaluated": outcome.planned,
            "boards": len(boards),
            "from": days[0],
            "to": days[-1],
            "changed": changed,
        }
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    if outcome.planned:
        typer.echo(f"{outcome.planned} generations made, {outcome.already} recorded before")
    typer.echo(
        f"{len(boards)} simulated boards of {len(declared.models)} models, {days[0]} to {days[-1]}:"
        f" {'kept' if changed else 'nothing new'}"
    )
    if changed:
        typer.echo(f"next: churnboard refresh, then churnboard half-life --source {of.REPLAY}")


def _replay(
    home: Path, suite: str, clock: Clock, until: date, at: datetime
) -> tuple[tuple[Snapshot, ...], bool]:
    """Read what is recorded, make the boards, keep them; False when they were kept before."""
    from evals import record
    from leaderboard.history.replay import replayed_boards
    from leaderboard.store import ingest, made
    from leaderboard.store.database import writing
    from leaderboard.store.evidence import read_evidence

    with writing(home, at) as database:
        ingest.ingest_records(database.connection, record.read_all(home))
        evidence = {one.suite_id: one for one in read_evidence(database.connection)}
        boards = replayed_boards(evidence[suite], clock, until)
        return boards, made.replace_boards(database, home, boards, at)
