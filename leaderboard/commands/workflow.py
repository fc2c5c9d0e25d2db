"""`workflow`: chains of models, what they cost, how long they may be believed, and running them."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from leaderboard.options import EditionOption, HomeOption, JsonOption

if TYPE_CHECKING:
    from evals.run import Progress
    from leaderboard.workflows.answers import WorkflowAnswer
    from leaderboard.workflows.chain import Chain
    from leaderboard.workflows.step_runs import StepRun

NameArgument = Annotated[str, typer.Argument(help="Id of a workflow, or a TOML file of one")]
ModeOption = Annotated[
    Literal["draft", "mixed", "final"],
    typer.Option("--mode", help="All workhorses, each step by its role, or all heroes"),
]
SharedOption = Annotated[
    float,
    typer.Option(
        "--shared", help="Part of a vendor's models' rate of leaving that they have in common, 0..1"
    ),
]


def register(app: typer.Typer) -> None:
    """Mount the group on `app`."""
    group = typer.Typer(
        help="Chains of models: cost, quality and half-life of a whole chain, and running one.",
        no_args_is_help=True,
    )
    group.command("list")(list_chains)
    group.command("show")(show)
    group.command("plan")(plan)
    group.command("half-life")(half_life)
    group.command("import")(import_file)
    group.command("run")(run)
    app.add_typer(group, name="workflow")


def list_chains(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the workflows that ship and the home's own."""
    from evals.home import resolve_home
    from leaderboard.workflows import files, tables

    chains = list(files.load(resolve_home(home)).values())
    if as_json:
        _print({"workflows": [_chain(one) for one in chains]})
        return
    tables.show_list(chains)


def show(name: NameArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the steps of a workflow."""
    from evals.home import resolve_home
    from leaderboard.workflows import files, tables

    chain = files.find(resolve_home(home), name)
    if as_json:
        _print(_chain(chain))
        return
    tables.show_chain(chain)
    if any(not step.evaluated for step in chain.steps):
        typer.echo("* not evaluated here: no model is rated for it, and none is priced")
    typer.echo(chain.source)


def plan(
    name: NameArgument,
    mode: ModeOption = "mixed",
    budget: Annotated[
        float | None,
        typer.Option("--budget", help="US dollars for one run: show the best plan under it"),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse where a step has no price")
    ] = False,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who does each step, and what one run costs, takes and gives away."""
    from leaderboard.errors import WorkflowError
    from leaderboard.workflows import tables

    answer = _ask(name, home, edition, budget, mode)
    chosen = answer.bill("best") or answer.bill(mode)
    if strict and chosen is not None and chosen.unpriced:
        step, _, reason = chosen.unpriced[0].partition(": ")
        more = f" (and {len(chosen.unpriced) - 1} more)" if len(chosen.unpriced) > 1 else ""
        raise WorkflowError(f'{answer.chain.id}: step "{step}": no price: {reason}{more}')
    if as_json:
        _print(_answer(answer))
        return
    for line in tables.show_plan(answer, chosen.plan if chosen is not None else mode):
        typer.echo(line)


def half_life(
    name: NameArgument,
    mode: ModeOption = "mixed",
    shared: SharedOption = 0.0,
    edition: EditionOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say when the first of a chain's picks is stale, and which step to re-check first."""
    from leaderboard.workflows import tables

    answer = _ask(name, home, edition, None, mode, shared)
    if as_json:
        _print(_answer(answer))
        return
    for line in tables.show_half_life(answer):
        typer.echo(line)


def import_file(
    path: Annotated[
        Path, typer.Argument(help="ComfyUI (API or UI format), fal, or a TOML of ours")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File to write; else workflows/NAME.toml in the home"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a workflow of another tool and keep its model steps as a chain."""
    from evals.home import resolve_home, shown
    from leaderboard.workflows import files, graph, importing

    found = importing.read_chain(path)
    chain = found.chain
    if not chain.steps:
        from leaderboard.errors import WorkflowError

        raise WorkflowError(
            f"{shown(path)}: {found.nodes} nodes, and none that is known to call a model"
        )
    graph.check(chain, shown(path))
    target = out if out is not None else files.file_of(resolve_home(home), chain.id)
    comments = (
        f"Imported from {importing.FORMATS[found.format]}.",
        "Tasks follow from nodes and their links; roles are a first guess: heroes where nothing",
        "follows, workhorses elsewhere.",
    )
    files.write(target, chain, comments)
    if as_json:
        _print(
            {
                "format": found.format,
                "nodes": found.nodes,
                "path": str(target),
                "workflow": _chain(chain),
            }
        )
        return
    other = sorted({step.task for step in chain.steps if not step.evaluated})
    typer.echo(
        f"{importing.FORMATS[found.format]}: {len(chain.steps)} steps in {found.nodes} nodes"
    )
    if other:
        typer.echo(f"kept, and neither evaluated nor priced: {', '.join(other)}")
    typer.echo(str(target))


def run(
    name: NameArgument,
    mode: ModeOption = "mixed",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a workflow for real, step by step; again, it makes only what is missing."""
    from evals import registry
    from evals.display import ProgressBar
    from evals.home import resolve_home
    from leaderboard.workflows import files, graph, tables
    from leaderboard.workflows.run import run_chain, staff

    folder = resolve_home(home)
    chain = files.find(folder, name)
    models = staff(chain, _slots(folder, chain), mode, registry.load(folder))
    bars: dict[str, ProgressBar] = {}
    with ExitStack() as stack:

        def show_step(step: str, one: Progress) -> None:
            if step not in bars:  # one bar a step: each has a total of its own
                stack.close()
                bars[step] = stack.enter_context(ProgressBar())
            bars[step].show(one)

        runs = run_chain(folder, chain, models, progress=show_step)
    failed = [one for one in runs if one.status != "done"]
    if as_json:
        _print({"workflow": chain.id, "mode": mode, "steps": [_run(one) for one in runs]})
    else:
        tables.show_run(runs)
        last = graph.last_steps(chain)
        for one in runs:
            for output in one.outputs if one.step in last else ():
                typer.echo(str(output.path))
    if failed:
        raise typer.Exit(1)


def _ask(
    name: str,
    home: Path | None,
    edition: str | None,
    budget: float | None,
    mode: Literal["draft", "mixed", "final"],
    shared: float = 0.0,
) -> WorkflowAnswer:
    from evals.home import resolve_home
    from leaderboard import queries
    from leaderboard.workflows import files
    from leaderboard.workflows.ask import ask

    folder = resolve_home(home)
    chain = files.find(folder, name)
    with queries.open_edition(folder, edition) as opened:
        return ask(opened, folder, chain, datetime.now(UTC).date(), budget, mode, shared)


def _slots(home: Path, chain: Chain) -> tuple[Any, ...]:
    """Who could do each step by the current edition; nobody where there is none."""
    from evals.errors import NotFoundError
    from leaderboard import queries
    from leaderboard.workflows import offers
    from leaderboard.workflows.ask import known_of, quote_of

    try:
        with queries.open_edition(home) as opened:
            known = known_of(opened, home, datetime.now(UTC).date())
    except NotFoundError:
        return ()
    return offers.slots(chain, known.picks, known.boards, quote_of(known), known.registered)


def _print(answer: dict[str, Any]) -> None:
    from leaderboard.wire import SCHEMA_VERSION

    told = {"schema_version": SCHEMA_VERSION, **answer}
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


def _chain(chain: Chain) -> dict[str, Any]:
    from leaderboard.wire import plain
    from leaderboard.workflows import graph

    counts = graph.generations(chain)
    told = cast("dict[str, Any]", plain(chain))
    for step in told["steps"]:
        step["evaluated"] = chain.step(step["id"]).evaluated
        step["generations"] = counts[step["id"]]
    return told


def _answer(answer: WorkflowAnswer) -> dict[str, Any]:
    from leaderboard.wire import plain
    from leaderboard.workflows import words

    told = cast("dict[str, Any]", plain(answer))
    told["chain"] = _chain(answer.chain)
    told["joint"]["told"] = [*words.joint_words(answer.joint), words.first_words(answer)]
    return told


def _run(one: StepRun) -> dict[str, Any]:
    from leaderboard.wire import plain

    told = cast("dict[str, Any]", plain(one))
    for output in told["outputs"]:
        output["prompt"] = output["prompt"]["id"]
    return told
