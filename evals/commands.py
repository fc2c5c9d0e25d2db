"""Commands of `evals`: what a run would take, the run itself, and scoring again.

`register` mounts them on an application, with those of `listings`, `metric_commands`,
`prices.commands` and `compute`. Nothing heavy is imported until a command runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from evals import display, listings, metric_commands
from evals.budget import LeftOut, Limits
from evals.compute import commands as compute_commands
from evals.due import DueOption, evaluate_due
from evals.errors import InputError
from evals.home import resolve_home
from evals.options import HomeOption, JsonOption
from evals.prices import commands as price_commands

if TYPE_CHECKING:
    from evals.downloads import Download
    from evals.request import Prepared, Request
    from evals.run import Outcome, Progress

SuiteOption = Annotated[str, typer.Option("--suite", "-s", help="Suite to run")]
ModelOption = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", help="Only this model; repeatable", show_default=False),
]
SeedsOption = Annotated[
    str | None, typer.Option("--seeds", help="Such as 0,1,2 or 0-3; else the suite's own")
]
PromptsOption = Annotated[
    int | None, typer.Option("--prompts", min=1, help="Only the first so many prompts")
]
MetricOption = Annotated[
    list[str] | None,
    typer.Option("--metric", help="Only this metric; repeatable", show_default=False),
]
EpochOption = Annotated[
    int | None, typer.Option("--epoch", min=1, help="Round to complete; else the current one")
]
BatchOption = Annotated[
    int | None, typer.Option("--batch", min=1, help="Generations scored at a time; moves no score")
]
NewEpochOption = Annotated[
    bool, typer.Option("--new-epoch", help="Measure everything again as a new round")
]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget", min=0, help="US dollars that the epoch may cost", show_default=False),
]
SecondsOption = Annotated[
    float | None,
    typer.Option("--max-seconds", min=0, help="Begin no call after so long", show_default=False),
]
PayAgainOption = Annotated[
    bool, typer.Option("--pay-again", help="Make calls anew that were perhaps paid for nothing")
]
ExecutorOption = Annotated[
    str, typer.Option("--executor", help="Who calls the models: local, or ray for a cluster")
]
RayAddressOption = Annotated[
    str | None,
    typer.Option("--ray-address", help="host:port of a running cluster, or auto; else a local one"),
]
ReplicasOption = Annotated[
    int | None, typer.Option("--replicas", min=1, help="Most copies of one model on the cluster")
]
DeadlineOption = Annotated[
    float | None,
    typer.Option("--deadline", min=1, help="Seconds that a call on the cluster may take"),
]

SUITES = "suites"


def register(app: typer.Typer) -> None:
    """Mount the commands on `app`."""
    app.command("models")(listings.models)
    suites = typer.Typer(invoke_without_command=True, callback=listings.suites)
    app.add_typer(suites, name=SUITES)
    app.command("metrics")(metric_commands.metrics)
    app.add_typer(price_commands.group(), name="prices")
    app.add_typer(compute_commands.group(), name="compute")
    app.command("plan")(show_plan)
    app.command("eval")(evaluate)
    app.command("rescore")(rescore)


def suites_group(app: typer.Typer) -> typer.Typer:
    """The group of commands about suites that `register` mounted on `app`, to be added to."""
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    return cast("typer.Typer", groups[SUITES])


def show_plan(
    suite: SuiteOption,
    model: ModelOption = None,
    seeds: SeedsOption = None,
    prompts: PromptsOption = None,
    metric: MetricOption = None,
    epoch: EpochOption = None,
    new_epoch: NewEpochOption = False,
    budget: BudgetOption = None,
    max_seconds: SecondsOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what `eval` with the same options would do, and what it would take."""
    from evals.request import prepare

    limits = Limits(budget, max_seconds)
    request = _request(suite, model, seeds, prompts, metric, epoch, new_epoch, limits)
    prepared = prepare(resolve_home(home), request, _now())
    downloads = _downloads(prepared)
    if as_json:
        display.show_json({**_plan_json(prepared), "downloads": [asdict(one) for one in downloads]})
        return
    rows = [
        {
            "model": row.model,
            "trials": row.trials,
            "minutes": None if row.seconds is None else round(row.seconds / 60, 2),
            "usd": row.cost.usd,
            "basis": row.cost.basis,
        }
        for row in prepared.previews
    ]
    title = (
        f"{prepared.suite.id} epoch {prepared.epoch}: {len(prepared.planned)} of"
        f" {len(prepared.trials)} trials to do"
    )
    display.table(title, rows, ("model", "trials", "minutes", "usd", "basis"))
    _tell_left_out(prepared.left_out)
    if downloads:
        from evals import hub

        free = hub.free_space()
        display.tell([one.told(free) for one in downloads])
    display.tell(prepared.notes)


def evaluate(
    context: typer.Context,
    suite: Annotated[
        str | None, typer.Option("--suite", "-s", help="Suite to run", show_default=False)
    ] = None,
    model: ModelOption = None,
    seeds: SeedsOption = None,
    prompts: PromptsOption = None,
    metric: MetricOption = None,
    epoch: EpochOption = None,
    new_epoch: NewEpochOption = False,
    batch: BatchOption = None,
    budget: BudgetOption = None,
    max_seconds: SecondsOption = None,
    pay_again: PayAgainOption = False,
    executor: ExecutorOption = "local",
    ray_address: RayAddressOption = None,
    replicas: ReplicasOption = None,
    deadline: DeadlineOption = None,
    due: DueOption = False,
    home: HomeOption = None,
) -> None:
    """Run models on a suite, score what they make, and record it; again to continue."""

    def do(
        home: Path,
        request: Request,
        *,
        progress: Callable[[Progress], None],
        clock: Callable[[], datetime] = _now,
    ) -> Outcome:
        from evals import cluster, run

        chosen = cluster.choose(executor, ray_address, replicas, deadline)
        return run.evaluate(home, request, progress=progress, clock=clock, executor=chosen)

    limits = Limits(budget, max_seconds)
    if due:
        given = (suite, model, seeds, prompts, metric, epoch, batch, new_epoch, pay_again)
        evaluate_due(context, resolve_home(home), limits, given, do)
        return
    if suite is None:
        raise InputError("which suite? Give --suite, or --due for what the picks ask for")
    request = _request(
        suite, model, seeds, prompts, metric, epoch, new_epoch, limits, batch, pay_again
    )
    with display.ProgressBar() as bar:
        outcome = do(resolve_home(home), request, progress=bar.show)
    display.tell(outcome.notes)
    _report(outcome)
    if not outcome.went_anywhere:
        raise typer.Exit(1)


def rescore(
    suite: Annotated[
        list[str] | None,
        typer.Option("--suite", "-s", help="Only this suite; repeatable", show_default=False),
    ] = None,
    metric: MetricOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what would come out the same")
    ] = False,
    batch: BatchOption = None,
    home: HomeOption = None,
) -> None:
    """Score kept media with today's judges and metrics; nothing is generated."""
    from evals import run
    from evals.request import BATCH, RescoreRequest

    request = RescoreRequest(
        tuple(suite or ()), tuple(metric) if metric else None, everything, batch or BATCH
    )
    with display.ProgressBar() as bar:
        done = run.rescore(resolve_home(home), request, progress=bar.show)
    for item in done:
        display.tell(item.notes)
        typer.echo(
            f"{item.suite}: {item.scored} of {item.generations} generations scored,"
            f" {item.encoded} pictures encoded"
        )
        if item.unscored:
            typer.echo(f"{item.unscored} scores could not be made; the record says why")
        if item.run_folder is not None:
            typer.echo(str(item.run_folder))
    if not done:
        typer.echo("nothing to score: no results are recorded")


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds as written on the command line.

    Raises:
        InputError: not whole numbers and ranges.

    >>> parse_seeds("0,2,5-7")
    (0, 2, 5, 6, 7)
    """
    seeds: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (not dash or last.isdecimal())):
            raise InputError(f"--seeds {text!r}: {part!r} is no seed; write 0,1,2 or 0-3")
        low, high = int(first), int(last or first)
        if not low <= high < 2**32 or high - low >= 10_000:
            raise InputError(f"--seeds {text!r}: {part!r} is no range of seeds")
        seeds.extend(range(low, high + 1))
    return tuple(seeds)


def _request(
    suite: str,
    models: list[str] | None,
    seeds: str | None,
    prompts: int | None,
    metrics: list[str] | None,
    epoch: int | None,
    new_epoch: bool,
    limits: Limits,
    batch: int | None = None,
    pay_again: bool = False,
) -> Request:
    from evals.request import BATCH, Request

    return Request(
        suite=suite,
        models=tuple(models or ()),
        seeds=parse_seeds(seeds) if seeds is not None else (),
        prompts=prompts,
        epoch=epoch,
        new_epoch=new_epoch,
        metrics=tuple(metrics) if metrics else None,
        batch=batch or BATCH,
        limits=limits,
        pay_again=pay_again,
    )


def _downloads(prepared: Prepared) -> tuple[Download, ...]:
    """What the models with something to do would download first."""
    from evals import downloads

    busy = {trial.model_id for trial in prepared.planned}
    models = [model for model in prepared.models if model.id in busy]
    return downloads.ahead(prepared.registry, models)


def _plan_json(prepared: Prepared) -> dict[str, Any]:
    return {
        "suite": {"id": prepared.suite.id, "version": prepared.suite.version},
        "epoch": prepared.epoch,
        "trials": len(prepared.trials),
        "missing": len(prepared.missing),
        "planned": len(prepared.planned),
        "spent_usd": prepared.spent,
        "left_out": [
            {"model": row.model, "trials": row.trials, "reason": row.reason}
            for row in prepared.left_out
        ],
        "metrics": [item.spec.name for item in prepared.instruments],
        "models": [
            {
                "model": row.model,
                "trials": row.trials,
                "seconds": row.seconds,
                "cost_usd": row.cost.usd,
                "cost_basis": row.cost.basis,
            }
            for row in prepared.previews
        ],
        "notes": list(prepared.notes),
    }


def _report(outcome: Outcome) -> None:
    """What was done, and last the folder of the record, plain and alone on its line."""
    _tell_left_out(outcome.left_out)
    if outcome.planned == 0 and not outcome.caught_up and not outcome.left_out:
        typer.echo(f"nothing to do: all {outcome.already} trials of epoch {outcome.epoch} recorded")
    elif outcome.planned:
        parts = [f"{count} {status}" for status, count in sorted(outcome.counts.items())]
        earlier = f", {outcome.already} recorded before" if outcome.already else ""
        typer.echo(f"epoch {outcome.epoch}: {', '.join(parts)}{earlier}")
    if outcome.caught_up:
        typer.echo(f"{outcome.caught_up} generations of earlier runs scored")
    if outcome.unscored:
        typer.echo(f"{outcome.unscored} scores could not be made; the record says why")
    if outcome.run_folder is not None:
        typer.echo(str(outcome.run_folder))


def _tell_left_out(left_out: Sequence[LeftOut]) -> None:
    for row in left_out:
        typer.echo(f"left out: {row.trials} trials of {row.model}: {row.reason}")


def _now() -> datetime:
    return datetime.now(UTC)
