"""Commands that say what is registered, models and suites; and that add a suite."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from evals import display
from evals.home import resolve_home
from evals.options import HomeOption, JsonOption, registered

SHOWN_REPEATS = 3
SHOWN_DOMAINS = 8

ImportOption = Annotated[
    Path | None,
    typer.Option("--import", help="Make a suite of a file of prompts", show_default=False),
]
AsOption = Annotated[
    str | None, typer.Option("--as", help="Id of the suite to make", show_default=False)
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="parti, geneval, drawbench, vbench or lines; else told from the file",
        show_default=False,
    ),
]
TaskOption = Annotated[
    str | None,
    typer.Option("--task", help="What the prompts are for; else as usual for the format"),
]


def models(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the registered models and their revisions.

    A model that needs weights has no revision until it is known what their branch stands for.
    """
    from evals import revision

    known = registered(home)
    # A table shows no revisions, and need not read the weights for them.
    tell = revision.known if as_json else revision.found
    pinned = [tell(known, model) for model in known.models.values()]
    rows = [
        {
            "id": model.id,
            "name": model.name,
            "task": model.task,
            "backend": model.backend,
            "revision": model.revision or None,
            "needs": list(model.needs),
            "vendor": model.vendor,
            "licence": model.licence,
            "released": model.released.isoformat() if model.released else None,
            "anchor": model.anchor,
            "base": model.base,
            "training_run": model.training_run,
            "suites": list(model.suites),
            "hardware": model.hardware,
            "price": model.price,
            "simulated": model.simulated,
            "settings": dict(model.settings),
        }
        for model in pinned
    ]
    columns = ("id", "name", "task", "needs")
    display.answer("models", rows, columns, as_json, known.notes)


def suites(
    context: typer.Context,
    source: ImportOption = None,
    name: AsOption = None,
    format: FormatOption = None,
    task: TaskOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the prompt suites, or make one of a file of prompts."""
    if context.invoked_subcommand is not None:
        if any((source, name, format, task, home, as_json)):
            from evals.errors import InputError

            raise InputError(f"write options behind `suites {context.invoked_subcommand}`")
        return
    if source is not None:
        _import(source, name, format, task, home, as_json)
        return
    if name is not None or format is not None or task is not None:
        from evals.errors import InputError

        raise InputError("--as, --format and --task belong to --import FILE")
    known = registered(home)
    rows = [
        {
            "id": suite.id,
            "version": suite.version,
            "title": suite.title,
            "task": suite.task,
            "prompts": len(suite.prompts),
            "seeds": list(suite.seeds),
            "domains": sorted({domain for prompt in suite.prompts for domain in prompt.domains}),
            "reference_model": suite.reference_model,
            "metrics": list(suite.metrics),
            "weights": dict(suite.weights),
            "keep_fooled": list(suite.keep_fooled),
        }
        for suite in known.suites.values()
    ]
    columns = ("id", "version", "title", "prompts", "seeds", "domains")
    if not as_json:
        # A list of prompts from elsewhere can have dozens.
        rows = [{**row, "domains": _first(row["domains"], SHOWN_DOMAINS)} for row in rows]
    display.answer("suites", rows, columns, as_json, known.notes)


def _import(
    source: Path,
    name: str | None,
    format: str | None,
    task: str | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Make the suite; say what it holds, and last the path of its file."""
    from evals.errors import InputError
    from evals.suites.imports import import_suite

    if name is None:
        raise InputError("--import needs --as ID: what the suite will be called")
    done = import_suite(resolve_home(home), source, name, format, task)
    suite = done.suite
    domains = sorted({domain for prompt in suite.prompts for domain in prompt.domains})
    if as_json:
        display.show_json(
            {
                "suite": suite.id,
                "version": suite.version,
                "task": suite.task,
                "format": done.format,
                "prompts": len(suite.prompts),
                "domains": domains,
                "written": done.written,
                "path": str(done.path),
                "repeats": list(done.repeats),
            }
        )
        return
    if done.repeats:
        some = ", ".join(_first(done.repeats, SHOWN_REPEATS))
        display.tell([f"each prompt is kept once (repeats left out: {len(done.repeats)}): {some}"])
    tagged = f", {len(domains)} domains: {', '.join(_first(domains, SHOWN_DOMAINS))}"
    state = "" if done.written else " (was there with the same prompts)"
    typer.echo(
        f"{suite.id} version {suite.version}: {len(suite.prompts)} prompts for {suite.task}"
        f"{tagged if domains else ''}{state}"
    )
    typer.echo(str(done.path))


def _first(items: Any, most: int) -> list[str]:
    """The first of some items, with an ellipsis for the rest."""
    return [*items[:most], "…"] if len(items) > most else list(items)
