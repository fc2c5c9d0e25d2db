"""`picks`: which model to call."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Protocol

import typer

from leaderboard.answers import Picks
from leaderboard.options import DomainOption, EditionOption, HomeOption, JsonOption, TaskOption


class _Placed(Protocol):
    """Anything of one task and domain."""

    @property
    def task(self) -> str: ...
    @property
    def domain(self) -> str: ...


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("picks")(picks)


def picks(
    task: TaskOption = None,
    domain: DomainOption = None,
    backtest: Annotated[
        str | None,
        typer.Option("--backtest", help="Run the policy through this source's history instead"),
    ] = None,
    arena: Annotated[
        str | None, typer.Option("--arena", "-a", help="With --backtest: only this arena")
    ] = None,
    under: Annotated[
        float | None,
        typer.Option(
            "--under", min=0, help="With --backtest: the price of 'best under', $ per 1,000"
        ),
    ] = None,
    generations: Annotated[
        int | None,
        typer.Option("--generations", "-n", min=1, help="Per month, for what a switch saves"),
    ] = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show hero and workhorse for each task and domain, with the reason.

    `--backtest SOURCE` shows instead how the policy would have fared on the boards of a source,
    beside three plain policies.
    """
    from evals.errors import InputError
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.wire import picks_json

    folder = resolve_home(home)
    if backtest is not None:
        _backtest(folder, backtest, arena, under, edition, as_json)
        return
    if arena is not None or under is not None:
        raise InputError("--arena and --under go with --backtest SOURCE")

    def wanted(one: _Placed) -> bool:
        return task in (None, one.task) and domain in (None, one.domain)

    with queries.open_edition(folder, edition) as opened:
        every, log = queries.picks(opened), queries.pick_log(opened)
        used = [one for one in queries.usage(opened) if task in (None, one.task)]
        name = opened.name
    found = Picks(
        tuple(filter(wanted, every.picks)),
        tuple(filter(wanted, every.none)),
        tuple(filter(wanted, every.refused)),
        tuple(filter(wanted, every.decisions)),
        tuple(filter(wanted, every.frontier)),
    )
    kept = tuple(filter(wanted, log))
    if as_json:
        typer.echo(json.dumps(picks_json(name, found, kept, used), indent=2, ensure_ascii=False))
        return
    from leaderboard import pick_tables, usage_tables
    from leaderboard.picks.policy import load_policy

    volume = generations or load_policy(folder).rules(task or "").volume.generations_per_month
    if not found.picks and not found.none:
        typer.echo(f"{name}: no picks; run `churnboard eval`, then `churnboard refresh`")
        return
    pick_tables.show_picks(found, datetime.now(UTC), volume)
    usage_tables.show_traffic(found.picks, used)
    pick_tables.show_outlooks(found.decisions)
    pick_tables.show_log(kept)


def _backtest(
    home: Path,
    source: str,
    arena: str | None,
    under: float | None,
    edition: str | None,
    as_json: bool,
) -> None:
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.history.series import by_arena
    from leaderboard.identity import apply_aliases, load_aliases
    from leaderboard.picks.backtest import backtest
    from leaderboard.picks.policy import load_policy
    from leaderboard.wire import backtests_json

    policy, aliases = load_policy(home), load_aliases(home)
    with queries.open_edition(home, edition) as opened:
        every, name = queries.snapshots(opened), opened.name
    chosen = [one for one in every if one.source == source and arena in (None, one.arena)]
    if not chosen:
        there = ", ".join(sorted({f"{one.source}/{one.arena}" for one in every})) or "none"
        raise NotFoundError(f"{name}: no such board; there are: {there}")
    found = [
        backtest(
            apply_aliases(one.distinct, aliases)[0],
            policy.rules(one.arena.split("/")[0]),
            None if under is None else under / 1000,
        )
        for one in by_arena(chosen)
        if one.distinct
    ]
    if as_json:
        typer.echo(json.dumps(backtests_json(name, found), indent=2, ensure_ascii=False))
        return
    from leaderboard import pick_tables

    pick_tables.show_backtests(found)
