"""`refresh`, `import` and `gc`: what changes the database and its editions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leaderboard.options import HomeOption, JsonOption


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("refresh")(refresh)
    app.command("import")(import_history)
    app.command("gc")(gc)


def refresh(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read new run records, rate, pick, and publish an edition and recommendations.json."""
    from rich.console import Console
    from rich.markup import escape

    from evals.home import resolve_home
    from leaderboard.refresh import refresh as run
    from leaderboard.wire import plain

    with Console(stderr=True).status("refreshing") as status:
        done = run(
            resolve_home(home), datetime.now(UTC), tell=lambda step: status.update(escape(step))
        )
    if as_json:
        typer.echo(json.dumps(plain(done), indent=2, ensure_ascii=False))
        return
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)
    typer.echo(
        f"{len(done.runs)} runs with news, {done.boards} boards, {done.picks} picks"
        f" in edition {done.edition.stem}"
    )


def import_history(
    kind: Annotated[str, typer.Argument(help="Kind of file: arena-monthly")],
    path: Annotated[Path, typer.Argument(help="The file")],
    home: HomeOption = None,
) -> None:
    """Store the history of an outside board; a second time changes nothing."""
    from evals.home import resolve_home
    from leaderboard.refresh import import_file

    done = import_file(resolve_home(home), kind, path, datetime.now(UTC))
    if done.rows:
        typer.echo(f"{done.rows} rows of {done.boards} boards stored; shown after the next refresh")
    else:
        typer.echo(f"nothing new: all {done.boards} boards were imported before")


def gc(
    keep: Annotated[int, typer.Option("--keep", min=1, help="Newest editions to keep")] = 5,
    home: HomeOption = None,
) -> None:
    """Delete old editions (never the current one); exports are kept. Prints what went."""
    from evals.home import resolve_home
    from leaderboard.store.editions import prune

    for path in prune(resolve_home(home), keep):
        typer.echo(str(path))
