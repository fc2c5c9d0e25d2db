"""`refresh`, `import` and `gc`: what changes the database and its editions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from leaderboard.options import HomeOption, JsonOption
from leaderboard.sources import kinds


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
    kind: Annotated[str, typer.Argument(help=f"Kind of file: {', '.join(kinds())}")],
    path: Annotated[
        str, typer.Argument(help="A file, a folder of files, or an address such as hf://datasets/…")
    ],
    date: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], help="When a table was published that does not say it"
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Store the history of an outside board; a second time changes nothing."""
    from evals.home import resolve_home
    from leaderboard.history.imports import import_boards
    from leaderboard.sources import source
    from leaderboard.wire import plain

    reader = source(kind)
    published_at = date.replace(tzinfo=UTC) if date is not None else None
    with _ImportBar() as bar:
        done = import_boards(
            resolve_home(home), kind, path, datetime.now(UTC), bar.show, published_at
        )
    findings = [{"arena": noted.arena} | plain(noted.finding) for noted in done.findings]
    if as_json:
        answer = {"kind": kind, "boards": done.boards, "rows": done.rows}
        answer |= reader.answer(done.snapshots)
        files = {"files": plain(done.files), "findings": findings}
        typer.echo(json.dumps(answer | files, indent=2, ensure_ascii=False))
        return
    if done.rows:
        for noted in done.findings:
            found = noted.finding
            examples = f" ({'; '.join(found.examples)})" if found.examples else ""
            line = f"{found.check} ({found.count}): {found.detail}{examples}"
            typer.echo(f"{noted.arena or 'the file'}: {line}", err=True)
        typer.echo(f"{done.rows} new rows stored; {done.boards} boards read")
        shows = f"board --source {reader.name}" if reader.selection else "half-life"
        typer.echo(f"next: churnboard refresh, then churnboard {shows}")
    else:
        typer.echo(f"nothing new: all {done.boards} boards were imported before")


class _ImportBar:
    """One bar for an import, on the error stream."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> _ImportBar:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def show(self, what: str, done: int, of: int | None) -> None:
        from rich.markup import escape

        self._bar.update(self._task, description=escape(what), completed=done, total=of)


def gc(
    keep: Annotated[int, typer.Option("--keep", min=1, help="Newest editions to keep")] = 5,
    home: HomeOption = None,
) -> None:
    """Delete old editions (never the current one); exports are kept. Prints what went."""
    from evals.home import resolve_home
    from leaderboard.store.editions import prune

    for path in prune(resolve_home(home), keep):
        typer.echo(str(path))
