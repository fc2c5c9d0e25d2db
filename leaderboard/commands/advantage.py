"""`advantage`: what generation saves against traditional work, by domain."""

from __future__ import annotations

import json

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption, TaskOption


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("advantage")(advantage)


def advantage(
    task: TaskOption = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show by domain how many times cheaper an accepted generation is than handwork."""
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.wire import advantage_json

    with queries.open_edition(resolve_home(home), edition) as opened:
        found = [one for one in queries.advantage(opened) if task in (None, one.task)]
        name = opened.name
    if as_json:
        typer.echo(json.dumps(advantage_json(name, found), indent=2, ensure_ascii=False))
        return
    if not found:
        typer.echo(f"{name}: no board with picks; run `churnboard eval`, then `churnboard refresh`")
        return
    from leaderboard.advantage.tables import show_advantage

    for one in sorted(found, key=lambda one: one.simulated):
        show_advantage(one)
