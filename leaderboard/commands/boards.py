"""`board`: what the current edition says."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from leaderboard.options import DomainOption, EditionOption, HomeOption, JsonOption, TaskOption


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("board")(board)


def board(
    task: TaskOption = None,
    domain: DomainOption = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="`evals` for our own boards, or an outside one: `arena`"),
    ] = None,
    suite: Annotated[str | None, typer.Option("--suite", "-s", help="Only this suite")] = None,
    sensitivity: Annotated[
        bool,
        typer.Option("--sensitivity", help="How much the judges matter: weights, places, people"),
    ] = False,
    prices_at: Annotated[
        str | None,
        typer.Option(
            "--prices-at",
            metavar="DATE",
            help="Costs at the prices of that day; else of the day of each generation",
        ),
    ] = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the boards: models by rating, with intervals, odds and cost.

    Without options the table shows our own boards over every prompt; JSON holds every board.
    """
    from evals.errors import NotFoundError
    from evals.home import resolve_home
    from evals.options import day_of
    from leaderboard import queries
    from leaderboard.answers import ALL_DOMAINS, EVALS
    from leaderboard.wire import boards_json

    with queries.open_edition(resolve_home(home), edition) as opened:
        keys = queries.boards(opened)
        found = [
            key
            for key in keys
            if task in (None, key.task)
            and domain in (None, key.domain)
            and source in (None, key.source)
            and suite in (None, key.suite)
        ]
        if not as_json and source is None and any(key.source == EVALS for key in found):
            found = [key for key in found if key.source == EVALS]
        if not as_json and domain is None:
            found = [key for key in found if key.domain == ALL_DOMAINS]
        asked = any(option is not None for option in (task, domain, source, suite))
        if not found and asked:
            there = sorted({f"{key.source}/{key.task}/{key.domain}" for key in keys})
            raise NotFoundError(
                f"{opened.name}: no such board; there are: {', '.join(there) or 'none'}"
            )
        boards = [
            queries.board(opened, key.task, key.domain, key.source, key.suite) for key in found
        ]
        ids = {board.suite_id for board in boards if board.suite_id} if sensitivity else set[str]()
        people = {suite_id: queries.people(opened, suite_id) for suite_id in sorted(ids)}
        name = opened.name
    day = None if prices_at is None else day_of(prices_at)
    if day is not None:
        from evals.registry import load_priced
        from leaderboard.boards.billed import repriced

        known = load_priced(resolve_home(home))
        prices = {one.id: known.price_of(one) for one in known.models.values()}
        boards = [repriced(board, prices, day) for board in boards]
    if as_json:
        told = boards_json(name, boards, people if sensitivity else None, day)
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    from leaderboard import judge_tables, tables

    for one in boards:
        tables.show_board(one, day)
        if sensitivity and one.suite_id:
            judge_tables.show_judges(one, people[one.suite_id])
        else:
            judge_tables.show_votes(one)
    if not boards:
        typer.echo(f"{name}: no boards yet; run `churnboard eval`, then `churnboard refresh`")
    hidden = sorted({key.domain for key in keys if key.source == EVALS} - {ALL_DOMAINS})
    if domain is None and hidden and any(one.source == EVALS for one in boards):
        typer.echo(f"more with --domain: {', '.join(hidden)}")
    outside = sorted({key.source for key in keys} - {one.source for one in boards})
    if outside:
        typer.echo(f"more with --source: {', '.join(outside)}")
