"""`usage`: what routers logged, and how long traffic takes to follow."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption, TaskOption


def register(app: typer.Typer) -> None:
    """Mount the group on `app`."""
    group = typer.Typer(
        help="Which models routers called, how they did, and how long traffic takes to follow.",
        invoke_without_command=True,
    )
    group.callback()(usage)
    group.command("import")(import_log)
    group.command("adoption")(adoption)
    app.add_typer(group, name="usage")


def usage(
    ctx: typer.Context,
    task: TaskOption = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show traffic, failures and latencies by model, and adoption lags, of the edition."""
    if ctx.invoked_subcommand is not None:
        return
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.wire import usage_json

    with queries.open_edition(resolve_home(home), edition) as opened:
        found = [one for one in queries.usage(opened) if task in (None, one.task)]
        name = opened.name
    if as_json:
        typer.echo(json.dumps(usage_json(name, found), indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo(
            f"{name}: no call of a model that it knows;"
            " run `churnboard usage import FILE`, then `churnboard refresh`"
        )
        return
    from leaderboard.usage_tables import show_usage

    for one in found:
        show_usage(one)


def import_log(
    path: Annotated[
        Path,
        typer.Argument(help="A router's log, or counts by date and model or class: JSONL or CSV"),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Keep a router's log, or counts through time; a second time changes nothing.

    The next refresh counts them. A file with a key `date` holds counts.
    """
    from rich.console import Console

    from evals.home import resolve_home
    from leaderboard.usage.counts import holds_counts
    from leaderboard.usage.kept import import_usage
    from leaderboard.wire import plain

    if holds_counts(path):
        _import_counts(path, home, as_json)
        return
    with Console(stderr=True).status("reading and storing"):
        done = import_usage(resolve_home(home), path, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(plain(done), indent=2, ensure_ascii=False))
        return
    stretch = f"{done.begins:%Y-%m-%d} to {done.ends:%Y-%m-%d}"
    if not done.new:
        typer.echo(f"nothing new: all {done.lines} lines were imported before ({stretch})")
        return
    typer.echo(f"{done.new} of {done.lines} lines are new; {done.calls} calls, {stretch}")
    typer.echo("next: churnboard refresh, then churnboard usage")


def _import_counts(path: Path, home: Path | None, as_json: bool) -> None:
    from evals.home import resolve_home
    from leaderboard.usage.kept_counts import import_counts
    from leaderboard.wire import plain

    done = import_counts(resolve_home(home), path, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(plain(done), indent=2, ensure_ascii=False))
        return
    stretch = f"{', '.join(done.series)}: {done.begins:%Y-%m-%d} to {done.ends:%Y-%m-%d}"
    if not done.new:
        typer.echo(f"nothing new: all {done.rows} counts were imported before ({stretch})")
        return
    typer.echo(f"{done.new} of {done.rows} counts are new; {stretch}")
    typer.echo("next: churnboard refresh, then churnboard usage adoption")


def adoption(
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how work moves to AI and between models, and the curve where counts support one."""
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.wire import adoption_json

    with queries.open_edition(resolve_home(home), edition) as opened:
        found, name = queries.adoption(opened), opened.name
    if as_json:
        typer.echo(json.dumps(adoption_json(name, found), indent=2, ensure_ascii=False))
        return
    from leaderboard.usage_tables import show_adoption

    show_adoption(found)
