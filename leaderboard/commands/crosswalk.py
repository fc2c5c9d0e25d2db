"""`crosswalk`: which published name is which model, price and call; and what new names may be."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from leaderboard.options import HomeOption, JsonOption, TaskOption

if TYPE_CHECKING:
    from evals.prices.types import Cost
    from leaderboard.crosswalk.entries import Crosswalk, Known, Offer
    from leaderboard.crosswalk.suggest import Unmapped


def register(app: typer.Typer) -> None:
    """Mount the group on `app`."""
    group = typer.Typer(
        help="Which name on a public board is which model, price and call.",
        invoke_without_command=True,
    )
    group.callback()(crosswalk)
    group.command("suggest")(suggest)
    app.add_typer(group, name="crosswalk")


def crosswalk(
    ctx: typer.Context,
    task: TaskOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every known name with its vendor, the price of a standard generation and its call.

    Names of the newest boards that have no line follow at the end.
    """
    if ctx.invoked_subcommand is not None:
        return
    from evals import display
    from evals.home import data_root, resolve_home
    from evals.prices.book import load_prices
    from leaderboard.crosswalk.entries import missing_prices, standard_cost
    from leaderboard.crosswalk.file import load_crosswalk

    folder = resolve_home(home)
    known = load_crosswalk(folder)
    book = load_prices(data_root(), folder)
    today = datetime.now(UTC).date()
    rows = [
        _row(one, offer, None if offer is None else standard_cost(offer, book, today))
        for one in known.lines
        for offer in (*one.offers.values(), None)
        if (one.unpriced is not None if offer is None else task in (None, offer.task))
    ]
    rows.sort(key=lambda row: (row["task"] or "~", row["vendor"], row["name"]))
    without = [one for one in _unmapped(folder, known) if task in (None, one.task)]
    absent = missing_prices(known, book)
    if as_json:
        answer = {
            "at": today.isoformat(),
            "names": rows,
            "unmapped": [
                {"name": one.name, "source": one.source, "task": one.task, "rank": one.rank}
                for one in without
            ],
            "prices_not_in_the_book": list(absent),
        }
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        return
    display.table(
        "Names on public boards",
        [
            {
                "name": row["name"],
                "task": row["task"],
                "vendor": row["vendor"],
                "$ each": row["usd"],
                "call": row["litellm"] or row["fal"] or row["replicate"],
            }
            for row in rows
        ],
        ("name", "task", "vendor", "$ each", "call"),
    )
    if absent:
        typer.echo(
            f"{len(absent)} prices named here are not in the price book;"
            " `churnboard prices import litellm` brings LiteLLM's"
        )
    for one in without:
        typer.echo(f"unmapped: {one.name} ({one.source}, {one.task})")
    if without:
        typer.echo("`churnboard crosswalk suggest` proposes lines for them")


def _row(one: Known, offer: Offer | None, cost: Cost | None) -> dict[str, Any]:
    """A name for one task; without an offer, for all others, for which it has no price."""
    call = None if offer is None else offer.call
    return {
        "name": one.name,
        "task": None if offer is None else offer.task,
        "source": one.scope[0],
        "arena": one.scope[1],
        "vendor": one.vendor,
        "licence": one.licence,
        "price": None if offer is None else offer.price,
        "standard": None if offer is None else offer.standard.told(),
        "usd": None if cost is None else cost.usd,
        "basis": one.unpriced if cost is None else cost.basis,
        "litellm": call.litellm if call else None,
        "fal": call.fal if call else None,
        "replicate": call.replicate if call else None,
        "page": one.page if offer is None else offer.page,
        "note": one.note if offer is None else offer.note,
        "file": one.origin,
    }


def suggest(task: TaskOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Propose lines for the names of the newest boards that have none; nothing is applied.

    What is printed is TOML for the crosswalk.toml of your home. Judge each line first.
    """
    from evals import registry
    from evals.home import resolve_home
    from leaderboard.crosswalk.file import load_crosswalk
    from leaderboard.crosswalk.suggest import matches, pasted

    folder = resolve_home(home)
    found = registry.load_priced(folder)
    without = [one for one in _unmapped(folder, load_crosswalk(folder)) if task in (None, one.task)]
    told = [(one, matches(one, found.prices, found.models)) for one in without]
    if as_json:
        answer = [
            {
                "name": one.name,
                "source": one.source,
                "task": one.task,
                "rank": one.rank,
                "matches": [
                    {"kind": m.kind, "id": m.id, "score": round(m.score, 3), "why": m.why}
                    for m in likely
                ],
            }
            for one, likely in told
        ]
        typer.echo(json.dumps({"suggestions": answer}, indent=2, ensure_ascii=False))
        return
    if not told:
        typer.echo("# every name on the newest boards has a line")
    for one, likely in told:
        typer.echo(pasted(one, likely) + "\n")


def _unmapped(home: Path, known: Crosswalk) -> tuple[Unmapped, ...]:
    """Of the newest boards of the current edition; none where there is no edition yet."""
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.answers import EVALS
    from leaderboard.crosswalk.suggest import unmapped
    from leaderboard.history.series import by_arena
    from leaderboard.identity import apply_aliases, load_aliases
    from leaderboard.sources import selections

    try:
        with queries.open_edition(home) as opened:
            boards = queries.snapshots(opened)
    except NotFoundError:
        return ()
    passed = {EVALS, *selections()}
    newest = [
        one.distinct[-1]
        for one in by_arena([board for board in boards if board.source not in passed])
        if one.distinct
    ]
    real = [board for board in newest if not any(line.simulated for line in board.entries)]
    return unmapped(apply_aliases(real, load_aliases(home))[0], known)
