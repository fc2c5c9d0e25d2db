"""`picks` and `export`: which model to call."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import typer

from leaderboard.options import DomainOption, EditionOption, HomeOption, JsonOption, TaskOption


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("picks")(picks)
    app.command("export")(export)


def picks(
    task: TaskOption = None,
    domain: DomainOption = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show hero and workhorse for each task and domain, with the reason."""
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.answers import NoPick, Pick, Picks, Refusal
    from leaderboard.wire import picks_json

    def wanted(one: Pick | NoPick | Refusal) -> bool:
        return task in (None, one.task) and domain in (None, one.domain)

    with queries.open_edition(resolve_home(home), edition) as opened:
        every = queries.picks(opened)
        name = opened.name
    found = Picks(
        tuple(filter(wanted, every.picks)),
        tuple(filter(wanted, every.none)),
        tuple(filter(wanted, every.refused)),
    )
    if as_json:
        typer.echo(json.dumps(picks_json(name, found), indent=2, ensure_ascii=False))
        return
    from leaderboard import tables

    if not found.picks and not found.none:
        typer.echo(f"{name}: no picks; run `churnboard eval`, then `churnboard refresh`")
        return
    tables.show_picks(found)


def export(home: HomeOption = None) -> None:
    """Bring recommendations.json up to the current edition; print its path as the last line."""
    from evals.home import resolve_home
    from leaderboard.edition import open_edition
    from leaderboard.export import export as write

    with open_edition(resolve_home(home)) as opened:
        typer.echo(str(write(opened, datetime.now(UTC))))
