"""Commands of the price book: what it says on a day, what one generation costs, and imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from evals import display
from evals.home import resolve_home
from evals.options import HomeOption, JsonOption, day_of

if TYPE_CHECKING:
    from evals.prices.types import Entry
    from evals.registry import Priced
    from evals.types import Model

FEW = 40
"""Rows that are shown without being asked for more closely."""


class PriceGroup(TyperGroup):
    """A group whose commands may be left out: `prices sora` is `prices show sora`."""

    default = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the usual command first where none is named."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


def group() -> typer.Typer:
    """`prices` and what stands behind it."""
    app = typer.Typer(
        cls=PriceGroup,
        help="What models and hardware cost: `prices [MODEL] [--modality M] [--provider P]"
        " [--status S] [--at DATE]`, or bring prices in.",
    )
    app.command("show")(prices)
    app.command("import")(import_)
    return app


def prices(
    model: Annotated[
        str | None,
        typer.Argument(help="A registered model, a price id, or a part of one", show_default=False),
    ] = None,
    modality: Annotated[
        str | None, typer.Option("--modality", help="image or video", show_default=False)
    ] = None,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Only this one's", show_default=False)
    ] = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help="current, expired or unknown", show_default=False),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="DATE", help="Prices of that day; else today's")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the price book holds, or what one generation of a model costs and why."""
    from evals.prices.views import hardware_rows, narrowed, price_rows, what_one_costs

    known = _known(resolve_home(home), model)
    day = day_of(at)
    asked = asked_for(known, model)
    rows = narrowed(price_rows(asked.entries, day), modality, provider, status)
    hardware = hardware_rows(asked.entries, day)
    one = what_one_costs(asked.one, asked.model, day) if asked.single else None
    if as_json:
        display.show_json(
            {
                "at": day.isoformat(),
                "prices": rows,
                "hardware": hardware,
                "generation": one,
                "notes": list(known.notes),
            }
        )
        return
    if one is not None:
        _show_one(asked, rows, hardware, one, day)
    else:
        narrow = any(word is not None for word in (modality, provider, status))
        _show_list(rows, [] if narrow else hardware, day, narrow or model is not None)
    display.tell(known.notes)


def import_(
    source: Annotated[
        str, typer.Argument(help="litellm, litellm-events, artificial-analysis or csv")
    ],
    file: Annotated[
        Path | None,
        typer.Argument(help="What to read; litellm reads its installed package without one"),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="DATE", help="Day of a file that names none; else today"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring an outside price list into the home; again, it changes nothing."""
    from evals.prices.imports import import_prices

    done = import_prices(resolve_home(home), source, file, day_of(at))
    if as_json:
        display.show_json(
            {
                "source": done.source,
                "file": str(done.file),
                "models": done.models,
                "known": done.known,
                "new": done.new,
                "changed": done.changed,
                "unlisted": done.unlisted,
                "path": str(done.path),
                "notes": list(done.notes),
            }
        )
        return
    display.tell(done.notes)
    typer.echo(
        f"{done.source}: {done.models} models, {done.known} with a price; {done.new} prices new,"
        f" {done.changed} changed, {done.unlisted} no longer listed"
    )
    typer.echo(str(done.path))


def _known(home: Path, text: str | None) -> Priced:
    """The book, and the registered models where one of them may be meant: they take longer."""
    from evals.home import data_root
    from evals.prices.book import load_prices
    from evals.registry import Priced, load_priced

    return load_priced(home) if text is not None else Priced({}, load_prices(data_root(), home), ())


@dataclass(frozen=True)
class Asked:
    """What a person asks the price of."""

    entries: tuple[Entry, ...]
    one: Entry | None = None
    """The list meant, where it is a single one."""
    model: Model | None = None
    """The registered model meant, with or without a list."""

    @property
    def single(self) -> bool:
        """Whether what one generation costs can be told."""
        return self.one is not None or self.model is not None


def asked_for(known: Priced, text: str | None) -> Asked:
    """Everything, or the lists that a name may mean; a registered model goes before a price id.

    Raises:
        NotFoundError: nothing is called so; names the nearest.
    """
    from evals.errors import NotFoundError
    from evals.names import hint
    from evals.prices.book import named
    from evals.prices.types import at_quality

    if text is None:
        return Asked(tuple(known.prices.values()))
    if text in known.models:
        model = known.models[text]
        entry = known.price_of(model)
        return Asked((entry,) if entry is not None else (), entry, model)
    ids = named(known.prices, text)
    if not ids:
        names = [*known.models, *known.prices]
        raise NotFoundError(f'no model or price is called "{text}"{hint(text, names)}')
    if len(ids) > 1:
        return Asked(tuple(known.prices[name] for name in ids))
    only = at_quality(known.prices[ids[0]], None)
    return Asked((only,), only)


def _show_one(
    asked: Asked,
    rows: Sequence[Mapping[str, Any]],
    hardware: Sequence[Mapping[str, Any]],
    one: Mapping[str, Any],
    day: date,
) -> None:
    """A model or a list: what one generation costs, and the prices behind it."""
    from evals.prices.views import for_people

    name = asked.model.id if asked.model is not None else asked.one.id if asked.one else ""
    usd = "unknown" if one["usd"] is None else f"{one['usd']:.4g} USD"
    typer.echo(f"{name} on {day.isoformat()}: {one['what']}: {usd}")
    typer.echo(f"  {one['basis']}")
    if rows:
        display.table("prices", for_people(rows), ("price", "tier", "known_since", "status"))
        typer.echo("source: " + "; ".join(dict.fromkeys(row["source"] for row in rows)))
    if hardware:
        display.table("hardware", hardware, ("id", "usd_per_hour", "effective_from", "source"))


def _show_list(
    rows: Sequence[Mapping[str, Any]],
    hardware: Sequence[Mapping[str, Any]],
    day: date,
    asked: bool,
) -> None:
    """Many lists: all rows where they are few or were asked for, else how many there are."""
    from evals.prices.views import for_people, summary

    if hardware:
        columns = ("id", "name", "device", "usd_per_hour", "effective_from")
        display.table(f"hardware on {day.isoformat()}", hardware, columns)
    if rows and (asked or len(rows) <= FEW):
        columns = ("price", "model", "tier", "status")  # ids can be longer than a line
        display.table(f"prices on {day.isoformat()}", for_people(rows), columns)
    elif rows:
        columns = ("modality", "current", "expired", "unknown")
        display.table(f"models with prices on {day.isoformat()}", summary(rows), columns)
        typer.echo(
            f"{len(rows)} prices; name a model, or choose with --modality, --provider, --status"
        )
    elif not asked:
        typer.echo("no prices of models yet; `churnboard prices import litellm` brings hundreds")
    else:
        typer.echo("no price is like that")
