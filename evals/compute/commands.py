"""`churnboard compute`: what models take, the ladder, and the roofline."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals import display
from evals.home import resolve_home
from evals.options import HomeOption, JsonOption
from evals.prices.commands import PriceGroup

if TYPE_CHECKING:
    from evals.compute.jobs import Job
    from evals.compute.needed import Asked
    from evals.compute.types import Facts, Forward

Tell = Callable[[int, int, str], None]


def group() -> typer.Typer:
    """`compute` and what stands behind it."""
    app = typer.Typer(
        cls=PriceGroup,
        help="What a generation takes in FLOPs, bytes, seconds and dollars, without weights:"
        " `compute [MODEL]`, `compute ladder`, `compute roofline`.",
    )
    app.command("show")(compute)
    app.command("ladder")(show_ladder)
    app.command("roofline")(show_roofline)
    return app


def compute(
    model: Annotated[
        str | None,
        typer.Argument(
            help="An architecture or a registered model; else all shipped", show_default=False
        ),
    ] = None,
    width: Annotated[int | None, typer.Option("--width", help="Pixels", show_default=False)] = None,
    height: Annotated[
        int | None, typer.Option("--height", help="Pixels", show_default=False)
    ] = None,
    frames: Annotated[
        int | None, typer.Option("--frames", help="Of a clip", show_default=False)
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help="Of denoising", show_default=False)
    ] = None,
    gpu: Annotated[
        list[str] | None,
        typer.Option("--gpu", help="Only this GPU; repeatable", show_default=False),
    ] = None,
    usd_per_hour: Annotated[
        float | None,
        typer.Option("--usd-per-hour", help="Price of the one --gpu; else the price book's"),
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Run workloads on this machine's GPU, and keep them")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what one generation takes, what bounds it, how long it takes and what it costs."""
    place = resolve_home(home)
    if measure:
        if model is not None:
            from evals.errors import InputError

            raise InputError("--measure runs workloads of its own; leave the model out")
        _measure(place, as_json)
        return
    from evals.compute import jobs, needed, survey
    from evals.compute.files import facts

    known = facts()
    asked = _asked(place, model, (width, height, frames, steps))
    chosen = _chosen(known, gpu)
    prices = survey.hour_prices(place, chosen, datetime.now(UTC).date())
    if usd_per_hour is not None:
        prices = {_only(chosen, usd_per_hour): _stated(usd_per_hour)}
    with _progress() as tell:
        counts = jobs.all_counts(place, needed.model_jobs(asked, known), tell)
    answers = [survey.model_answer(one, counts, chosen, prices) for one in asked]
    if as_json:
        display.show_json(
            {
                "models": [asdict(answer) for answer in answers],
                "gpus": [{**asdict(one), "ridge": one.ridge} for one in chosen.gpus],
            }
        )
        return
    from evals.compute import tables

    tables.show_models(answers, [one.name for one in chosen.gpus], detail=model is not None)


def show_ladder(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hold the ladder of prompts, images, clips and 4K against what is counted."""
    from evals.compute import needed, survey
    from evals.compute.files import facts

    known = facts()
    counts = _counts(resolve_home(home), needed.ladder_jobs(known))
    answer = survey.ladder_answer(counts, known)
    if as_json:
        display.show_json(asdict(answer))
        return
    from evals.compute import tables

    tables.show_ladder(answer)


def show_roofline(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hold arithmetic intensity against the ridges of GPUs: what bounds what."""
    from evals.compute import needed, survey
    from evals.compute.files import facts

    known, place = facts(), resolve_home(home)
    counts = _counts(place, needed.roofline_jobs(known))
    answer = survey.roofline_answer(place, counts, known)
    if as_json:
        display.show_json(asdict(answer))
        return
    from evals.compute import tables

    tables.show_roofline(answer)


def _asked(
    home: Path, name: str | None, shot: tuple[int | None, int | None, int | None, int | None]
) -> Sequence[Asked]:
    from evals.compute.files import architectures
    from evals.compute.geometry import shot_of
    from evals.compute.needed import Asked, shipped
    from evals.compute.resolve import resolve
    from evals.errors import InputError

    if name is not None:
        model = resolve(name, architectures(), home)
        return [Asked(model, shot_of(model, *shot))]
    if any(value is not None for value in shot):
        raise InputError(
            "--width, --height, --frames and --steps are of one model; name it, as in"
            " `churnboard compute flux.1-dev --width 1024`"
        )
    return shipped()


def _chosen(known: Facts, names: Sequence[str] | None) -> Facts:
    """The facts with only the GPUs asked for.

    Raises:
        NotFoundError: there is no such GPU.
    """
    from evals.errors import NotFoundError
    from evals.names import hint

    if not names:
        return known
    by_name = {gpu.name: gpu for gpu in known.gpus}
    for name in names:
        if name not in by_name:
            raise NotFoundError(f'no GPU is called "{name}"{hint(name, by_name)}')
    return replace(known, gpus=tuple(by_name[name] for name in dict.fromkeys(names)))


def _only(known: Facts, usd: float) -> str:
    from evals.errors import InputError

    if len(known.gpus) != 1:
        raise InputError("--usd-per-hour is the price of one GPU; name it with one --gpu")
    if not 0 < usd < float("inf"):
        raise InputError(f"--usd-per-hour {usd}: give US dollars above 0")
    return known.gpus[0].name


def _stated(usd: float) -> Any:
    from evals.compute.prediction import HourPrice

    return HourPrice(usd, "stated by --usd-per-hour")


def _counts(home: Path, needed: Sequence[Job]) -> Mapping[str, Forward]:
    from evals.compute import jobs

    with _progress() as tell:
        return jobs.all_counts(home, needed, tell)


def _measure(home: Path, as_json: bool) -> None:
    """Run the workloads, keep what they reached, and print the path last."""
    from evals.compute import measure, measured

    device = measure.device_here()
    work = measure.workloads(home)
    counts = _counts(home, work)
    with _progress("measuring") as tell:
        points = measure.measure(work, counts, device, datetime.now(UTC), progress=tell)
    path = measured.keep(home, points)
    if as_json:
        display.show_json({"measured": [asdict(point) for point in points], "path": str(path)})
        return
    from evals.compute import tables

    tables.show_measured(points)
    typer.echo(str(path))


@contextmanager
def _progress(verb: str = "counting") -> Generator[Tell]:
    """A bar on the error stream, drawn once there is something to wait for."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    # Elsewhere than on a terminal a bar is a blank line before the one line of an error.
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = None

        def tell(done: int, planned: int, label: str) -> None:
            nonlocal task
            from rich.markup import escape

            if task is None:
                task = bar.add_task("")
            words = f"{verb} {escape(label)}" if label else "done"
            bar.update(task, completed=done, total=planned, description=words)
            bar.refresh()

        yield tell
