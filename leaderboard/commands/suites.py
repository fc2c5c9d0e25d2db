"""`suites animate`: a suite that begins with the pictures of a model, or of the present hero."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.commands import suites_group
from leaderboard.options import HomeOption, JsonOption

if TYPE_CHECKING:
    from evals.suites.animate import Animated, Wish

HERO = "hero"
SHOWN_PROMPTS = 5


def register(app: typer.Typer) -> None:
    """Add the command to the group of suites."""
    suites_group(app).command("animate")(animate)


def animate(
    name: Annotated[str, typer.Argument(metavar="NEW_ID", help="Id of the suite to make")],
    source: Annotated[str, typer.Option("--from", help="Suite whose prompts were made")],
    model: Annotated[
        str, typer.Option("--model", "-m", help="Whose pictures; `hero`: of the present pick")
    ],
    motion: Annotated[
        str | None,
        typer.Option("--motion", help="What is to happen, behind every prompt", show_default=False),
    ] = None,
    motions: Annotated[
        Path | None,
        typer.Option(
            "--motions", help="File with a line of it for each prompt", show_default=False
        ),
    ] = None,
    task: Annotated[str, typer.Option("--task", help="Or upscale")] = "image-to-video",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a suite whose prompts begin with the pictures that a model made of another suite."""
    from evals.home import resolve_home
    from evals.suites.animate import Wish
    from evals.suites.animate import animate as make

    folder = resolve_home(home)
    chosen = _hero(folder, source) if model == HERO else model
    wish = Wish(name, source, chosen, task, motion, motions)
    done = make(folder, wish)
    if as_json:
        typer.echo(json.dumps(_answer(wish, done), indent=2, ensure_ascii=False))
        return
    if done.without:
        more = ", …" if len(done.without) > SHOWN_PROMPTS else ""
        some = ", ".join(done.without[:SHOWN_PROMPTS]) + more
        typer.echo(f"left out, as epoch {done.epoch} has no picture of them: {some}", err=True)
    state = "" if done.written else " (was there with the same prompts and pictures)"
    typer.echo(
        f"{name} version {done.suite.version}: {len(done.suite.prompts)} prompts for {task}, begun"
        f" by {chosen}{state}"
    )
    typer.echo(str(done.path))


def _hero(home: Path, source: str) -> str:
    """The model that is picked as hero by the results of a suite, over all its prompts.

    Raises:
        NotFoundError: none is, or by another suite of the task.
    """
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.answers import ALL_DOMAINS

    with queries.open_edition(home) as opened:
        heroes = [
            pick
            for pick in queries.picks(opened).picks
            if pick.role == "hero" and pick.domain == ALL_DOMAINS
        ]
    for pick in heroes:
        if pick.suite_id == source:
            return pick.model
    others = sorted({pick.suite_id for pick in heroes if pick.suite_id is not None})
    where = f"; heroes are of {', '.join(others)}" if others else ""
    raise NotFoundError(
        f'no hero is picked by suite "{source}"{where}: name a model, or see `churnboard picks`'
    )


def _answer(wish: Wish, done: Animated) -> dict[str, object]:
    return {
        "suite": done.suite.id,
        "version": done.suite.version,
        "task": done.suite.task,
        "from": wish.source,
        "model": wish.model,
        "epoch": done.epoch,
        "prompts": len(done.suite.prompts),
        "without": list(done.without),
        "written": done.written,
        "path": str(done.path),
    }
