"""`export` and `verify`: what routers read, and whether they may."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from leaderboard.options import HomeOption


class Format(StrEnum):
    """What is written."""

    RECOMMENDATIONS = "recommendations"
    LITELLM = "litellm"


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("export")(export)
    app.command("verify")(verify)


def export(
    kind: Annotated[
        Format, typer.Option("--format", "-f", help="What is written: for any router, or LiteLLM")
    ] = Format.RECOMMENDATIONS,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", help="A file, or an address such as s3://bucket/picks.json; else the home's own"
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Bring recommendations.json up to the current edition; print its path as the last line.

    `--format litellm` writes a configuration of LiteLLM's router and proxy instead, as YAML, or as
    JSON where the name ends so.
    """
    from evals.home import resolve_home
    from leaderboard import export as writer
    from leaderboard.edition import open_edition

    now = datetime.now(UTC)
    with open_edition(resolve_home(home)) as opened:
        if kind is Format.LITELLM:
            target, left_out = writer.export_litellm(opened, now, to)
            for line in left_out:
                typer.echo(f"left out: {line}", err=True)
            typer.echo(target)
        elif to is None:
            typer.echo(str(writer.export(opened, now)))
        else:
            writer.export_to(opened, now, to)
            typer.echo(to)


def verify(
    file: Annotated[str, typer.Argument(help="recommendations.json: a file or an address")],
    at: Annotated[
        str | None,
        typer.Option("--at", help="As if it were then: 2026-11-23T14:00:00Z; else now"),
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(
            "--after", min=0, help="The sequence last seen; else the home remembers which"
        ),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Say whether a router may obey a file; if not, exit with 2 and one line that says why."""
    from evals.home import resolve_home
    from leaderboard.export import verify as check

    found = check(file, _moment(at), resolve_home(home), after)
    late = sum(pick["stale"] for pick in found["picks"])
    typer.echo(
        f"{len(found['picks'])} picks of {found['edition']}, sequence {found['sequence']},"
        f" good until {found['expires_at']}" + (f"; {late} past their date" if late else "")
    )


def _moment(text: str | None) -> datetime:
    from evals.errors import InputError

    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--at {text}: no time; write it like 2026-11-23T14:00:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
