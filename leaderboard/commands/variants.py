"""`variants`: which LoRAs, fine-tunes and distillations are other models than their base."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption


def register(app: typer.Typer) -> None:
    """Mount the command on `app`."""
    app.command("variants")(variants)


def variants(
    base: Annotated[
        str | None, typer.Argument(help="Only the variants of this model; else of every one")
    ] = None,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show variants beside their bases: how different, how surely, and who earns a row.

    Measured by `churnboard refresh` from what base and variant made of the same prompts and seeds.
    """
    from evals.errors import NotFoundError
    from evals.home import resolve_home
    from evals.names import hint
    from leaderboard import queries
    from leaderboard.wire import variants_json

    with queries.open_edition(resolve_home(home), edition) as opened:
        found = queries.families(opened)
        name = opened.name
    every = () if found is None else found.variants
    shown = [one for one in every if base in (None, one.base)]
    if base is not None and not shown:
        bases = sorted({one.base for one in every})
        raise NotFoundError(
            f'{name}: no variant of a model called "{base}"{hint(base, bases)};'
            f" there are: {', '.join(bases) or 'none'}"
        )
    if as_json:
        typer.echo(json.dumps(variants_json(name, found, shown), indent=2, ensure_ascii=False))
        return
    if found is None or not shown:
        typer.echo(f"{name}: no variant is registered; give a model's file a `base`")
        return
    from leaderboard.distinctness.tables import show_variants

    show_variants(found, shown)
